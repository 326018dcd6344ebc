"""Two portals: records, events, users and tokens of each are its own, as with two of HubSpot's customers."""

from typing import Any

import pytest

from sandbox.hubspot_sim.accounts import ACCOUNTS
from sandbox.hubspot_sim.testing import APP_ID, REDIRECT_URI, HubSpot

FIRST, SECOND = (account.id for account in ACCOUNTS)
CONTACT = "/crm/objects/2026-09/contacts/501"
EVENT = {
    "eventTypeName": "sms_sent_contact", "objectId": "501", "id": "e-1", "properties": {"recipient": "+33612345678"},
}  # fmt: skip


def install(hubspot: HubSpot, portal: int) -> dict[str, str]:
    """Install the app in one portal. Returns the headers of its API calls."""
    form = {
        "grant_type": "authorization_code",
        "redirect_uri": REDIRECT_URI,
        "code": hubspot.code(portal=portal),
    }
    answer = hubspot.token(**form).json()
    assert answer["hub_id"] == portal
    return {"Authorization": f"Bearer {answer['access_token']}"}


@pytest.fixture
def tokens(hubspot: HubSpot) -> dict[int, dict[str, str]]:
    """The app, installed in both."""
    return {portal: install(hubspot, portal) for portal in (FIRST, SECOND)}


def call(hubspot: HubSpot, headers: dict[str, str], method: str, path: str, body: Any = None) -> Any:
    response = hubspot.call(method, path, json=body, headers=headers)
    assert response.ok, response.text
    return response.json()


def test_a_token_reads_only_its_own_portal(hubspot: HubSpot, tokens: dict[int, dict[str, str]]) -> None:
    """The same id in both portals is two people."""
    names = [
        call(hubspot, tokens[portal], "GET", CONTACT)["properties"]["firstname"] for portal in (FIRST, SECOND)
    ]
    assert names == ["Camille", "Ariane"]
    details = call(hubspot, tokens[SECOND], "GET", "/account-info/2026-09/details")
    assert (details["portalId"], details["timeZone"]) == (SECOND, "Indian/Reunion")
    owners = call(hubspot, tokens[SECOND], "GET", "/crm/owners/2026-09")["results"]
    assert [owner["userId"] for owner in owners] == [87, 88]


def test_a_write_and_an_event_stay_in_their_portal(
    hubspot: HubSpot, tokens: dict[int, dict[str, str]]
) -> None:
    call(hubspot, tokens[SECOND], "PATCH", CONTACT, {"properties": {"city": "Saint-Denis"}})
    call(hubspot, tokens[SECOND], "POST", "/integrators/timeline/2026-03/events", EVENT)
    assert hubspot.control("GET", "records/contacts/501")["version"] == 1
    assert hubspot.control("GET", "events")["events"] == []
    assert (
        hubspot.control("GET", f"records/contacts/501?portal={SECOND}")["properties"]["city"] == "Saint-Denis"
    )
    assert len(hubspot.control("GET", f"events?portal={SECOND}")["events"]) == 1
    # The idempotency key is the portal's own.
    call(hubspot, tokens[FIRST], "POST", "/integrators/timeline/2026-03/events", EVENT)


def test_uninstalling_in_one_portal_leaves_the_other(
    hubspot: HubSpot, tokens: dict[int, dict[str, str]]
) -> None:
    hubspot.control("POST", f"uninstall?portal={SECOND}")
    assert hubspot.call("GET", CONTACT, headers=tokens[SECOND]).status_code == 401
    assert hubspot.call("GET", CONTACT, headers=tokens[FIRST]).status_code == 200


def test_each_portal_has_its_own_limit(hubspot: HubSpot, tokens: dict[int, dict[str, str]]) -> None:
    hubspot.settings(rate_limit_max=1)
    statuses = [
        hubspot.call("GET", CONTACT, headers=tokens[portal]).status_code for portal in (FIRST, FIRST, SECOND)
    ]
    assert statuses == [200, 429, 200]


def test_a_page_shows_the_portal_of_its_address(hubspot: HubSpot) -> None:
    for portal in (FIRST, SECOND):
        assert hubspot.call("GET", f"/contacts/{portal}/record/0-1/501").status_code == 200
    assert hubspot.call("GET", f"/app/{SECOND}/{APP_ID}/conversation/7?x=1").status_code == 200
    assert hubspot.call("GET", f"/app/{SECOND}/1/conversation/7").status_code == 404
    assert hubspot.call("GET", "/contacts/145000003/record/0-1/501").status_code == 404
    session = hubspot.call("GET", "/sandbox-api/session", headers={"X-Sandbox-Portal": str(SECOND)}).json()
    assert session["portal"]["name"] == "Maison Verne"
    assert session["app"]["settings_path"].startswith(f"/connected-apps/{SECOND}/")


def test_a_second_user_has_no_rights(hubspot: HubSpot) -> None:
    as_second = {"X-Sandbox-User": "78"}
    session = hubspot.call("GET", "/sandbox-api/session", headers=as_second).json()
    assert (session["user"]["first_name"], session["user"]["permissions"]) == ("Karim", [])
    refused = hubspot.call("GET", "/oauth/authorize", params=hubspot.install_url(), headers=as_second)
    assert (refused.status_code, "no_rights" in refused.text) == (400, True)


@pytest.mark.parametrize("unknown", ["145000003", "x", "-1"])
def test_an_unknown_user_or_portal_in_a_header_is_ignored(hubspot: HubSpot, unknown: str) -> None:
    headers = {"X-Sandbox-Portal": unknown, "X-Sandbox-User": unknown}
    session = hubspot.call("GET", "/sandbox-api/session", headers=headers).json()
    assert (session["portal"]["id"], session["user"]["id"]) == (FIRST, 77)
