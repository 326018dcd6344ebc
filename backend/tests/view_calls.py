"""Calls that views make by `hubspot.fetch`, as HubSpot sends them on: who is asking in the URL, all of it signed."""

import json
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.tests.workflow_calls import BASE, SECRET, headers

USER_ID, USER_EMAIL = 77, "ines@lumen.example"


def call_view(
    client: FlaskClient,
    path: str,
    body: dict[str, Any],
    *,
    portal_id: int | str,
    user_id: int = USER_ID,
    secret: str = SECRET,
    base: str = BASE,
    age_s: float = 0.0,
    sent_body: bytes | None = None,
    sent_target: str | None = None,
) -> TestResponse:
    """Post to a route of the views. `sent_...`: what arrives is another body or URL than what was signed."""
    raw = json.dumps(body).encode()
    email = USER_EMAIL.replace("@", "%40")
    target = f"{path}?userId={user_id}&portalId={portal_id}&userEmail={email}&appId=1234567"
    return client.post(
        sent_target or target,
        data=sent_body or raw,
        content_type="application/json",
        headers=headers(target.replace("%40", "@"), raw, "v3", secret, base, age_s=age_s),
    )
