"""Calls of HubSpot's workflows, signed as HubSpot signs them."""

import base64
import hashlib
import hmac
import itertools
import json
import time
from typing import Any

BASE = "https://connector.example"
SECRET = "newest-secret"
SEGMENT = "segment-of-the-tests-0123456789abcdef"
SEND_SMS, SEND_SMS_DEAL = (
    f"/hubspot/workflow/{SEGMENT}/send-sms",
    f"/hubspot/workflow/{SEGMENT}/send-sms-deal",
)

_numbers = itertools.count(1)


def inputs(**changes: Any) -> dict[str, Any]:
    """The fields of a short alert; None leaves one out."""
    fields = {
        "recipient": "+33612345601",
        "push_type": "alert",
        "message": "Votre colis est arrivé",
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def execution(portal_id: int, *, callback_id: str | None = None, **changes: Any) -> dict[str, Any]:
    """An execution as captured from HubSpot (HubSpot docs), each with a new id."""
    number = next(_numbers)
    fields = inputs(**changes)
    return {
        "callbackId": callback_id or f"ap-{portal_id}-403081688006-{number}-0",
        "origin": {"portalId": portal_id, "actionDefinitionId": 77899621, "actionDefinitionVersion": 1},
        "context": {"source": "WORKFLOWS", "workflowId": 1567555043, "actionId": 3},
        "object": {"objectId": 44933811680 + number, "objectType": "CONTACT", "properties": {}},
        "fields": fields,
        "inputFields": fields,
        "typedInputs": {name: {"value": value, "type": "STRING"} for name, value in fields.items()},
    }


def signed(
    path: str, body: dict[str, Any] | bytes, *, version: str = "v3", secret: str = SECRET, base: str = BASE
) -> dict[str, Any]:
    """Arguments for a test client's `post`: body and headers."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return {
        "data": raw,
        "headers": {"Content-Type": "application/json", **headers(path, raw, version, secret, base)},
    }


def headers(
    path: str, raw: bytes, version: str, secret: str = SECRET, base: str = BASE, *, age_s: float = 0.0
) -> dict[str, str]:
    """The signature's headers, by HubSpot's algorithm of that version; `age_s` is the signature's age (v3)."""
    uri = (base + path).encode()
    if version == "v2":
        digest = hashlib.sha256(secret.encode() + b"POST" + uri + raw).hexdigest()
        return {"X-HubSpot-Signature": digest, "X-HubSpot-Signature-Version": "v2"}
    stamp = str(int((time.time() - age_s) * 1000))
    mac = hmac.new(secret.encode(), b"POST" + uri + raw + stamp.encode(), hashlib.sha256).digest()
    return {
        "X-HubSpot-Request-Timestamp": stamp,
        "X-HubSpot-Signature-v3": base64.b64encode(mac).decode(),
    }
