"""Decides whether a call really comes from HubSpot or from SMSFactor. Pure functions over the raw request.

HubSpot's algorithms are those of its official Python client, whose published values are our test vectors. Its checker
is not used, because it accepts future timestamps and fails with an exception on a non-ASCII header.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from typing import Final, Literal, Protocol

Version = Literal["v1", "v2", "v3"]

# HubSpot docs: a v3 request older than five minutes is refused. A clock ahead of ours has the same tolerance.
TIMESTAMP_WINDOW_MS: Final = 300_000

# HubSpot docs (v3): only these are percent-decoded in the URI before it is signed; the rest stays as sent.
_DECODED: Final = re.compile(r"%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)


class Headers(Protocol):
    """Request headers; the look-up must ignore case, as werkzeug's does."""

    def get(self, key: str, /) -> str | None: ...


def verify_hubspot(
    method: str,
    raw_target: str,
    body: bytes,
    headers: Headers,
    *,
    secrets: Sequence[str],
    public_base_url: str,
    allow: Sequence[Version],
    now_ms: int,
) -> bool:
    """Return True if one of our client secrets signed this request, in one of the allowed versions.

    `raw_target` is the undecoded path and query. The host comes from `public_base_url`, never from the request, which
    a client can forge and a proxy changes. `secrets` are those in force (two during a rotation). If v3 is allowed, a
    v3 header decides alone: a valid older signature does not excuse a wrong one. v1 covers neither URL nor method, and
    v1 and v2 have no timestamp: the caller must deduplicate such requests.
    """
    keys = [secret.encode() for secret in secrets if secret]
    if not raw_target.startswith("/"):
        return False
    uris = _uris_as_signed(public_base_url.rstrip("/") + raw_target)
    signature_v3 = headers.get("X-HubSpot-Signature-v3")
    if signature_v3 and "v3" in allow:
        timestamp = headers.get("X-HubSpot-Request-Timestamp") or ""
        if not _is_fresh(timestamp, now_ms):
            return False
        signed = (_wire_bytes(method) + uri + body + timestamp.encode() for uri in uris)
        return _is_any(signature_v3, (_hmac_base64(key, text) for text in signed for key in keys))
    signature = headers.get("X-HubSpot-Signature")
    version = headers.get("X-HubSpot-Signature-Version") or "v1"
    if not signature or version not in allow:
        return False
    if version == "v1":
        return _is_any(signature, (_sha256_hex(key + body) for key in keys))
    if version == "v2":
        signed = (_wire_bytes(method) + uri + body for uri in uris)
        return _is_any(signature, (_sha256_hex(key + text) for text in signed for key in keys))
    return False


def verify_smsfactor(header: str | None, secret: str, parts: Iterable[bytes]) -> bool:
    """Return True if `X-SMSFactor-Signature` proves knowledge of the webhook's secret.

    SMSFactor's docs name the header and say requests are signed "with that secret"; whether it contains the secret or
    an HMAC of the body is unconfirmed. So both are accepted: the raw secret, or hexadecimal HMAC-SHA256. `parts`: the
    body, which is read to its end.
    """
    expected = hmac.new(secret.encode(), digestmod=hashlib.sha256)
    for part in parts:
        expected.update(part)
    if not header or not secret:
        return False
    is_secret = _is_any(header, [secret])
    return _is_any(header.lower(), [expected.hexdigest()]) or is_secret


def _uris_as_signed(uri: str) -> list[bytes]:
    """The URI as sent and as v3 decodes it, without duplicates: an intermediary may have encoded it again."""
    decoded = _DECODED.sub(lambda match: chr(int(match.group(0)[1:], 16)), uri)
    return [_wire_bytes(spelling) for spelling in dict.fromkeys((uri, decoded))]


def _wire_bytes(text: str) -> bytes:
    """The bytes of a request line or header, which a WSGI server decodes as Latin-1."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _is_fresh(timestamp: str, now_ms: int) -> bool:
    """`timestamp` is plain ASCII digits (milliseconds) within the window on either side of `now_ms`."""
    is_number = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 15
    return is_number and abs(now_ms - int(timestamp)) <= TIMESTAMP_WINDOW_MS


def _is_any(given: str, expected: Iterable[str]) -> bool:
    """Compare in constant time, as bytes: `compare_digest` refuses strings outside ASCII."""
    given_bytes = _wire_bytes(given)
    matches = [hmac.compare_digest(given_bytes, signature.encode()) for signature in expected]
    return any(matches)


def _hmac_base64(key: bytes, text: bytes) -> str:
    return base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


def _sha256_hex(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
