"""The signatures HubSpot puts on the calls it makes to an app (HubSpot docs, "Validating requests").

Tests check them against values published in HubSpot's own packages: hubspot-api-client (Python) and the test vectors
of its signing service in @hubspot/ui-extensions-dev-server.
"""

import base64
import hashlib
import hmac
import re
import time

# The only escapes that are decoded in the URI before a version 3 signature; all others stay as sent.
_DECODED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$",
    "%27": "'", "%28": "(", "%29": ")", "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip
_ESCAPES = re.compile("|".join(_DECODED), re.IGNORECASE)


def decoded_uri(uri: str) -> str:
    """The URI as a version 3 signature sees it: `userEmail=a%40b` reads `userEmail=a@b`."""
    return _ESCAPES.sub(lambda found: _DECODED[found.group().upper()], uri)


def signature_v1(secret: str, body: bytes) -> str:
    """Hex SHA-256 of secret + body: HubSpot's webhooks."""
    return hashlib.sha256(secret.encode() + body).hexdigest()


def signature_v2(secret: str, method: str, uri: str, body: bytes) -> str:
    """Hex SHA-256 of secret + method + URI as sent + body."""
    return hashlib.sha256(secret.encode() + method.encode() + uri.encode() + body).hexdigest()


def signature_v3(secret: str, method: str, uri: str, body: bytes, timestamp_ms: int) -> str:
    """Base64 HMAC-SHA256 over method + decoded URI + body + timestamp."""
    source = method.encode() + decoded_uri(uri).encode() + body + str(timestamp_ms).encode()
    return base64.b64encode(hmac.new(secret.encode(), source, hashlib.sha256).digest()).decode()


def signed_headers(secret: str, method: str, uri: str, body: bytes, timestamp_ms: int) -> dict[str, str]:
    """The headers on a hubspot.fetch or workflow call: version 3 and, beside it, version 2.

    uri: the public https URL with its query, as the caller sees it. timestamp_ms: real time, because the receiver
    compares it with its own clock, which no test moves.
    """
    return {
        "X-HubSpot-Signature": signature_v2(secret, method, uri, body),
        "X-HubSpot-Signature-Version": "v2",
        "X-HubSpot-Signature-v3": signature_v3(secret, method, uri, body, timestamp_ms),
        "X-HubSpot-Request-Timestamp": str(timestamp_ms),
    }


def workflow_headers(*, secret: str, uri: str, versions: str, body: bytes) -> dict[str, str]:
    """The headers on a call, made now, of a workflow action or its options.

    versions: "both", or "v2" alone; which of them real workflow calls carry is unconfirmed. Webhooks: "v1+v3" or "v1".
    """
    if versions.startswith("v1"):
        return _webhook_headers(secret, uri, versions, body)
    if versions == "both":
        return signed_headers(secret, "POST", uri, body, int(time.time() * 1000))
    version_2 = signature_v2(secret, "POST", uri, body)
    return {"X-HubSpot-Signature": version_2, "X-HubSpot-Signature-Version": "v2"}


def _webhook_headers(secret: str, uri: str, versions: str, body: bytes) -> dict[str, str]:
    headers = {"X-HubSpot-Signature": signature_v1(secret, body), "X-HubSpot-Signature-Version": "v1"}
    if versions == "v1":
        return headers
    stamp_ms = int(time.time() * 1000)
    version_3 = signature_v3(secret, "POST", uri, body, stamp_ms)
    return {**headers, "X-HubSpot-Signature-v3": version_3, "X-HubSpot-Request-Timestamp": str(stamp_ms)}
