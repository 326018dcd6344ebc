"""The caller's proof: HubSpot's signatures in three versions, SMSFactor's header in both possible forms."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import pytest
from hubspot.utils.signature import Signature
from hypothesis import given
from hypothesis import strategies as st

from connector.inbound.http.signatures import verify_hubspot, verify_smsfactor

# Values that HubSpot publishes with its Python client (tests/spec/utils/test_signature.py, version 12).
SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
BODY = b"{'example_field':'example_value'}"
BASE = "https://www.example.com"
TARGET = "/webhook_uri"
V1 = "69fc6631a867edd4f9e9e627fc5c1148e3fbdd8b21837b6d2b8901c1fa57f750"
V2 = "4fe4e3a7d3cf09db53be39d0a58130e2aaba074ec123a9e355b876a689a1c383"
V2_GET = "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e"
V3 = "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="
V3_AT = 1_693_657_560_000

HEADERS_V1 = {"X-HubSpot-Signature": V1, "X-HubSpot-Signature-Version": "v1"}
HEADERS_V2 = {"X-HubSpot-Signature": V2, "X-HubSpot-Signature-Version": "v2"}
HEADERS_V3 = {"X-HubSpot-Signature-v3": V3, "X-HubSpot-Request-Timestamp": str(V3_AT)}


def verify(headers: Mapping[str, str], **changes: Any) -> bool:
    call: dict[str, Any] = {
        "method": "POST",
        "raw_target": TARGET,
        "body": BODY,
        "headers": headers,
        "secrets": [SECRET],
        "public_base_url": BASE,
        "allow": ("v3", "v2", "v1"),
        "now_ms": V3_AT,
    }
    return verify_hubspot(**(call | changes))


def sign_v3(method: str, uri: str, body: bytes, timestamp: str, secret: str = SECRET) -> str:
    source = method.encode() + uri.encode() + body + timestamp.encode()
    return base64.b64encode(hmac.new(secret.encode(), source, hashlib.sha256).digest()).decode()


def test_published_values() -> None:
    assert verify(HEADERS_V1)
    assert verify(HEADERS_V2)
    assert verify(HEADERS_V3)
    assert verify(HEADERS_V2 | {"X-HubSpot-Signature": V2_GET}, method="GET", body=b"")


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "PUT"},
        {"raw_target": "/webhook_uri?a=1"},
        {"raw_target": "https://www.example.com/webhook_uri"},
        {"body": BODY + b" "},
        {"public_base_url": "http://www.example.com"},
        {"secrets": ["another"]},
        {"secrets": []},
        {"secrets": [""]},
        {"now_ms": V3_AT + 300_001},
        {"now_ms": V3_AT - 300_001},
        {"allow": ()},
    ],
)
def test_v3_covers_everything(changes: dict[str, Any]) -> None:
    assert not verify(HEADERS_V3, **changes)


@pytest.mark.parametrize("now_ms", [V3_AT + 300_000, V3_AT - 300_000])
def test_the_window_is_five_minutes_each_way(now_ms: int) -> None:
    assert verify(HEADERS_V3, now_ms=now_ms)


@pytest.mark.parametrize(
    "timestamp",
    ["", "abc", "1693657560000.0", " 1693657560000", "-1", "¹²³", "1" * 400, "１６９３６５７５６００００"],
)
def test_a_timestamp_that_is_no_number_is_refused(timestamp: str) -> None:
    signature = sign_v3("POST", BASE + TARGET, BODY, timestamp)
    headers = {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": timestamp}
    assert not verify(headers)


def test_a_wrong_v3_never_falls_back() -> None:
    assert not verify(HEADERS_V2 | HEADERS_V3 | {"X-HubSpot-Signature-v3": "AAAA"})
    assert not verify(HEADERS_V1 | {"X-HubSpot-Signature-v3": V3})
    # Where v3 is not allowed, its header is ignored.
    assert verify(HEADERS_V2 | {"X-HubSpot-Signature-v3": "AAAA"}, allow=("v2",))


def test_only_allowed_versions_count() -> None:
    assert not verify(HEADERS_V1, allow=("v3", "v2"))
    assert not verify(HEADERS_V2, allow=("v3",))
    assert not verify(HEADERS_V3, allow=("v2", "v1"))
    assert not verify(HEADERS_V2 | {"X-HubSpot-Signature-Version": "v4"}, allow=("v2", "v4"))


def test_a_signature_without_version_is_v1() -> None:
    assert verify({"X-HubSpot-Signature": V1})
    assert not verify({"X-HubSpot-Signature": V2})
    assert not verify({})


@pytest.mark.parametrize("headers", [HEADERS_V1, HEADERS_V2, HEADERS_V3])
def test_any_live_secret_is_accepted(headers: Mapping[str, str]) -> None:
    assert verify(headers, secrets=["the newer one", SECRET])
    assert verify(headers, secrets=[SECRET, "the older one"])


def test_an_empty_secret_signs_nothing() -> None:
    headers = HEADERS_V3 | {"X-HubSpot-Signature-v3": sign_v3("POST", BASE + TARGET, BODY, str(V3_AT), "")}
    assert not verify(headers, secrets=["", SECRET])


def test_v3_signs_some_escapes_decoded_and_leaves_the_others() -> None:
    """HubSpot adds the user's e-mail address to the query, so this affects every call of the card."""
    sent = "/card/open?userEmail=ines%40lumen.example&name=a%20b%26c&at=10%3A30&list=1%2C2"
    signed = "/card/open?userEmail=ines@lumen.example&name=a%20b%26c&at=10:30&list=1,2"
    headers = HEADERS_V3 | {"X-HubSpot-Signature-v3": sign_v3("POST", BASE + signed, BODY, str(V3_AT))}
    assert verify(headers, raw_target=sent)
    # A URL that was signed without decoding, or decoded on its way, is accepted as well.
    as_sent = HEADERS_V3 | {"X-HubSpot-Signature-v3": sign_v3("POST", BASE + sent, BODY, str(V3_AT))}
    assert verify(as_sent, raw_target=sent)
    assert verify(headers, raw_target=signed)
    # A fully decoded URL is another request.
    all_decoded = signed.replace("%20", " ").replace("%26", "&")
    wrong = HEADERS_V3 | {"X-HubSpot-Signature-v3": sign_v3("POST", BASE + all_decoded, BODY, str(V3_AT))}
    assert not verify(wrong, raw_target=sent)


def test_the_public_address_may_end_with_a_slash() -> None:
    assert verify(HEADERS_V3, public_base_url=BASE + "/")


def test_bytes_outside_ascii_are_compared_not_refused_with_an_error() -> None:
    assert not verify(HEADERS_V3 | {"X-HubSpot-Signature-v3": "é" * 44})
    assert not verify(HEADERS_V2 | {"X-HubSpot-Signature": "\u20ac"})
    body = '{"text": "Noël 😀"}'.encode()
    headers = HEADERS_V3 | {"X-HubSpot-Signature-v3": sign_v3("POST", BASE + TARGET, body, str(V3_AT))}
    assert verify(headers, body=body)


@given(
    method=st.sampled_from(["GET", "POST", "PATCH"]),
    path=st.text("abcXYZ019/-._~%20", max_size=30).map(lambda path: "/" + path),
    query=st.text("abc=&+0129.-_", max_size=30),
    body=st.text(max_size=60),
    secret=st.text("abcdef0123456789-", min_size=1, max_size=40),
)
def test_agrees_with_hubspots_own_client(method: str, path: str, query: str, body: str, secret: str) -> None:
    # HubSpot's client does not decode the URI, so these URIs contain none of the escapes that v3 decodes.
    target = path.replace("%2", "%20") + (f"?{query}" if query else "")
    raw = body.encode("utf-8", "replace")
    call = {"method": method, "raw_target": target, "body": raw, "secrets": [secret]}
    for version in ("v1", "v2"):
        signature = Signature.get_signature(secret, raw.decode(), version, BASE + target, method)
        headers = {"X-HubSpot-Signature": signature, "X-HubSpot-Signature-Version": version}
        assert verify(headers, **call)
        assert not verify(headers, **(call | {"secrets": [secret + "0"]}))
    signature = Signature.get_signature(secret, raw.decode(), "v3", BASE + target, method, str(V3_AT))
    headers = {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": str(V3_AT)}
    assert verify(headers, **call)
    assert not verify(headers, **(call | {"body": raw + b"x"}))


@given(
    st.dictionaries(st.sampled_from([*HEADERS_V2, *HEADERS_V3]), st.text(max_size=20)), st.text(max_size=20)
)
def test_nothing_makes_it_raise(headers: dict[str, str], target: str) -> None:
    assert not verify(headers, raw_target=target)


WEBHOOK_SECRET = "s3cr3t-of-the-webhook"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (WEBHOOK_SECRET, True),
        (hmac.new(WEBHOOK_SECRET.encode(), BODY, hashlib.sha256).hexdigest(), True),
        (hmac.new(WEBHOOK_SECRET.encode(), BODY, hashlib.sha256).hexdigest().upper(), True),
        (hmac.new(WEBHOOK_SECRET.encode(), BODY + b" ", hashlib.sha256).hexdigest(), False),
        (hmac.new(b"another", BODY, hashlib.sha256).hexdigest(), False),
        (WEBHOOK_SECRET.upper(), False),
        ("another", False),
        ("é", False),
        ("", False),
        (None, False),
    ],
)
def test_smsfactor_header(header: str | None, expected: bool) -> None:
    assert verify_smsfactor(header, WEBHOOK_SECRET, [BODY[:7], BODY[7:]]) is expected


def test_a_webhook_without_secret_proves_nothing() -> None:
    assert not verify_smsfactor("", "", [BODY])
    assert not verify_smsfactor(hmac.new(b"", BODY, hashlib.sha256).hexdigest(), "", [BODY])
