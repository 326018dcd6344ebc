"""The portal's choices through the view's calls, checked against HubSpot's simulator."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from backend.tests.integration.view_calls import call_view
from connector import create_app
from connector.wiring import Wiring
from sandbox.hubspot_sim.world import PORTAL_ID


@pytest.fixture
def client(connected: Wiring) -> FlaskClient:
    return create_app(connected.settings, connected).test_client()


def ask(client: FlaskClient, call: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = call_view(client, f"/settings/{call}", body, portal_id=PORTAL_ID)
    found: dict[str, Any] = answer.get_json()
    return found


def test_links_to_reports_of_batches_are_off_until_they_are_wanted(client: FlaskClient) -> None:
    chosen = ask(client, "preferences", {})["data"]["preferences"]
    assert chosen.pop("hide_batch_reports") is True
    for given, then in (
        ({"hide_batch_reports": False}, False),
        ({}, False),
        ({"hide_batch_reports": True}, True),
    ):
        saved = ask(client, "save-preferences", {**chosen, **given})
        assert saved["data"]["preferences"] == {**chosen, "hide_batch_reports": then}
    refused = ask(client, "save-preferences", {**chosen, "hide_batch_reports": "no"})
    assert refused["error"] == {"code": "bad_request", "params": {"field": "hide_batch_reports"}}
