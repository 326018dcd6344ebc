"""The simulator's signatures: against HubSpot's published values, and against its Python client."""

import pytest
from hubspot.utils.signature import Signature

from sandbox.hubspot_signing import decoded_uri, signature_v1, signature_v2, signature_v3, signed_headers

# From HubSpot's own test of its webhook signing service, published in @hubspot/ui-extensions-dev-server 2.1.2
# (signing.spec): this secret, this URL, timestamp 1632188626483.
SECRET = "f6e94c08-85d0-4608-bcc6-e1850176e7b8"
WEBHOOK = "https://www.hubspot.com/webhook"
STAMP_MS = 1632188626483
DEV_SECRET = "12345678-aaaa-bbbb-cccc-ddddeeeeffff"
DEV_URI = "https://hubspot.com/?appId=1&portalId=2&userId=3"


def test_version_2_gives_hubspots_published_values() -> None:
    with_body = signature_v2(SECRET, "POST", WEBHOOK, b"REQUEST_BODY")
    without = signature_v2(SECRET, "POST", WEBHOOK, b"")
    assert with_body == "57bb01a6e6ac92919b5e715d68f40265328701bbf1cf3fd73772887069945766"
    assert without == "befaef2b7354f11bf651f6468e8b5cf6bd449048deaf057f712980afb2a682f5"


def test_version_3_gives_hubspots_published_values() -> None:
    with_body = signature_v3(SECRET, "POST", WEBHOOK, b"REQUEST_BODY", STAMP_MS)
    without = signature_v3(SECRET, "POST", WEBHOOK, b"", STAMP_MS)
    assert with_body == "jf872r5vscVcxCiDRHA4rGrqe/8BPLNVkdJSHdMnGTU="
    assert without == "csXgk7UbrE9F8ZmMvbpuKBxqIvTSqU1EX9pI/SJtxSE="


def test_a_query_and_a_json_body_give_the_published_values_of_the_dev_proxy() -> None:
    assert signature_v2(DEV_SECRET, "GET", DEV_URI, b"") == (
        "99080134002180aee8d0884d21ad51288c43b57e9953e4db1e3757999b35c392"
    )
    assert signature_v2(DEV_SECRET, "GET", DEV_URI, b'{"a":1,"b":2}') == (
        "bc131b34cd63dafbbd2e969e87167311f5f6c0cd543c90fe84c73496093cf4a2"
    )
    assert signature_v3(DEV_SECRET, "GET", DEV_URI, b"", 1111111111) == (
        "zTfXjo07jfzGouo4wvyAj3qEMUTVJ0PPYPACrluQtQI="
    )
    assert signature_v3(DEV_SECRET, "GET", DEV_URI, b'{"a":1,"b":2}', 1111111111) == (
        "aaknaCGCYJ4yqzuf1UKGqAWUfdcilJtm5nc/ZCudR9k="
    )


@pytest.mark.parametrize(
    ("method", "uri", "body"),
    [
        ("POST", "https://a.example/x?userId=1&portalId=2", '{"text":"Bonjour"}'),
        ("GET", "https://a.example/", ""),
        ("PATCH", "https://a.example/é?b=1", '{"text":"héé 😀"}'),
    ],
)
def test_hubspots_python_client_makes_the_same_signatures(method: str, uri: str, body: str) -> None:
    raw = body.encode()
    theirs = [
        Signature.get_signature(SECRET, body, version, uri, method, str(STAMP_MS))
        for version in ("v1", "v2", "v3")
    ]
    assert theirs == [
        signature_v1(SECRET, raw),
        signature_v2(SECRET, method, uri, raw),
        signature_v3(SECRET, method, uri, raw, STAMP_MS),
    ]


def test_version_3_decodes_the_listed_escapes_and_no_others() -> None:
    escaped = "%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B%3a%2f"
    assert decoded_uri(f"https://a.example/x?q={escaped}") == "https://a.example/x?q=:/?@!$'()*,;:/"
    kept = "https://a.example/x?q=%20%25%26%2B%3D%23%C3%A9%5B&r=%2540"
    assert decoded_uri(kept) == kept


def test_only_version_3_decodes() -> None:
    sent, decoded = "https://a.example/?userEmail=a%40b.example", "https://a.example/?userEmail=a@b.example"
    headers = signed_headers(SECRET, "GET", sent, b"", STAMP_MS)
    assert headers["X-HubSpot-Signature-v3"] == Signature.get_signature(
        SECRET, "", "v3", decoded, "GET", str(STAMP_MS)
    )
    assert headers["X-HubSpot-Signature"] == Signature.get_signature(SECRET, "", "v2", sent, "GET")
    assert headers["X-HubSpot-Signature-Version"] == "v2"
    assert headers["X-HubSpot-Request-Timestamp"] == str(STAMP_MS)
