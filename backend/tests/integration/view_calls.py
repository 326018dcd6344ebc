"""Calls that views make by `hubspot.fetch`, as HubSpot forwards them: the user is in the URL, and all is signed."""

import json
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.tests.workflow_calls import BASE, SECRET, headers
from connector.inbound.routes import VIEW_PREFIX
from sandbox.hubspot_sim.world import PORTAL_ID

USER_ID, USER_EMAIL = 77, "ines@lumen.example"


def call_view(
    client: FlaskClient,
    path: str,
    body: dict[str, Any] | bytes,
    *,
    portal_id: int | str,
    user_id: int = USER_ID,
    secret: str = SECRET,
    base: str = BASE,
    age_s: float = 0.0,
    sent_body: bytes | None = None,
    sent_target: str | None = None,
) -> TestResponse:
    """Post to a route of the views, below their prefix. `sent_...` replaces the signed body or URL by another one."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    email = USER_EMAIL.replace("@", "%40")
    target = f"{VIEW_PREFIX}{path}?userId={user_id}&portalId={portal_id}&userEmail={email}&appId=1234567"
    return client.post(
        sent_target or target,
        data=sent_body or raw,
        content_type="application/json",
        headers=headers(target.replace("%40", "@"), raw, "v3", secret, base, age_s=age_s),
    )


def ask(app: Flask, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """The backend's answer to a view of the simulator's portal: `{"ok", "data"}` or `{"ok", "error"}`."""
    answer = call_view(app.test_client(), path, body, portal_id=PORTAL_ID)
    assert answer.status_code == 200, answer.text
    parsed: dict[str, Any] = answer.get_json()
    return parsed


def open_card(app: Flask, object_type_id: str, object_id: str) -> dict[str, Any]:
    """The data of a record's card, in the simulator's portal."""
    answer = ask(app, "/card/open", {"object_type_id": object_type_id, "object_id": object_id})
    assert answer["ok"], answer
    data: dict[str, Any] = answer["data"]
    return data
