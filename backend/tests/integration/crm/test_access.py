"""Only a refused refresh disconnects a portal; an install always succeeds once its code is exchanged (F8.1)."""

import dataclasses
from typing import Any

import pytest
from flask.testing import FlaskClient

from connector import create_app
from connector.crm.access import NotConnected
from connector.hubspot.client import PortalClient
from connector.hubspot.errors import RateLimited, Revoked, Unavailable
from connector.hubspot.grants import OAuthTokens
from connector.hubspot.scopes import OPTIONAL_SCOPES, REQUIRED_SCOPES
from connector.store.crm import call_budgets
from connector.store.database import Conn
from connector.store.portals import hubspot_tokens, portals
from connector.use_cases.portals.install_portal import InstallPortal, install_portal
from connector.wiring import Wiring
from sandbox.hubspot_sim.testing import REDIRECT_URI, HubSpot
from sandbox.hubspot_sim.world import PORTAL_ID

DETAILS = "/account-info/2026-09/details"


def details(client: PortalClient) -> str:
    return client.account_details().time_zone


def refuse_details(hubspot: HubSpot, status: int, count: int = 1) -> None:
    fault = {"method": "GET", "path": DETAILS, "kind": "status", "status": status, "count": count}
    hubspot.control("POST", "faults", {**fault, "body": {"category": "INVALID_AUTHENTICATION"}})


def open_problems(own: Conn) -> list[str]:
    rows = own.execute("SELECT code FROM problems WHERE closed_at IS NULL").fetchall()
    own.commit()
    return [row["code"] for row in rows]


def install_again(wiring: Wiring, own: Conn, hubspot: HubSpot) -> OAuthTokens:
    tokens = wiring.hubspot.oauth.exchange_code(
        hubspot.code(scope=" ".join(REQUIRED_SCOPES), optional_scope=" ".join(OPTIONAL_SCOPES))
    )
    command = InstallPortal(
        portal_id=tokens.portal_id,
        scopes=list(tokens.scopes),
        time_zone=None,
        ui_domain=None,
        user_id=77,
        language="fr",
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
    )
    install_portal(own, wiring.vault, command)
    own.commit()
    return tokens


# --- spells of 401


def test_spell_of_401s_does_not_disconnect(connected: Wiring, own: Conn, hubspot: HubSpot) -> None:
    refuse_details(hubspot, 401, count=2)
    with pytest.raises(Unavailable):
        connected.hubspot.call_portal(PORTAL_ID, details)
    assert open_problems(own) == []
    assert connected.hubspot.call_portal(PORTAL_ID, details) == "Europe/Paris"


# --- an old refresh token


class AnsweredLate:
    """The OAuth client; before HubSpot's answer to a refresh arrives, the portal installs the app again."""

    def __init__(self, wiring: Wiring, own: Conn, hubspot: HubSpot, fault: Exception | None) -> None:
        self.wiring, self.own, self.hubspot, self.fault = wiring, own, hubspot, fault
        self.installed: OAuthTokens | None = None

    def refresh(self, refresh_token: str) -> OAuthTokens:
        granted = self.wiring.hubspot.oauth.refresh(refresh_token)
        self.installed = install_again(self.wiring, self.own, self.hubspot)
        if self.fault:
            raise self.fault
        return granted


@pytest.mark.parametrize("fault", [Revoked(status=400), None], ids=["refused", "granted"])
def test_answer_about_an_old_refresh_token_does_not_touch_the_new_install(
    connected: Wiring, own: Conn, hubspot: HubSpot, fault: Exception | None
) -> None:
    own.execute("UPDATE hubspot_tokens SET expires_at = now()")
    own.commit()
    late = AnsweredLate(connected, own, hubspot, fault)
    access = with_oauth(connected, late)
    assert access.call_portal(PORTAL_ID, details) == "Europe/Paris"
    assert open_problems(own) == []
    stored = hubspot_tokens.load(own, connected.vault, PORTAL_ID)
    assert stored is not None
    assert late.installed is not None
    assert (stored.access_token, stored.is_revoked) == (late.installed.access_token, False)


def test_refused_refresh_of_the_stored_token_disconnects(
    connected: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    own.execute("UPDATE hubspot_tokens SET expires_at = now()")
    own.commit()

    class Refusing:
        def refresh(self, refresh_token: str) -> OAuthTokens:
            raise Revoked(status=400)

    with pytest.raises(NotConnected):
        with_oauth(connected, Refusing()).call_portal(PORTAL_ID, details)
    assert open_problems(own) == ["hubspot_unauthorised"]


def with_oauth(wiring: Wiring, oauth: Any) -> Any:
    return dataclasses.replace(wiring.hubspot, oauth=oauth)


# --- installing


@pytest.fixture
def person(connected: Wiring, hubspot: HubSpot) -> FlaskClient:
    """A person's browser at the product's own routes, whose redirect address is the simulator's."""
    return create_app(connected.settings, connected).test_client()


def finish_install(person: FlaskClient, hubspot: HubSpot) -> int:
    """Go from the install link to HubSpot and back; returns the status of the callback."""
    location = person.get("/oauth/hubspot/install", base_url="https://connector.example").location
    state = location.rsplit("state=", 1)[1]
    scopes = {"scope": " ".join(REQUIRED_SCOPES), "optional_scope": " ".join(OPTIONAL_SCOPES)}
    code = hubspot.code(state=state, redirect_uri=REDIRECT_URI, **scopes)
    answer = person.get(
        f"/oauth/hubspot/callback?code={code}&state={state}", base_url="https://connector.example"
    )
    return answer.status_code


def test_install_succeeds_right_after_a_429(
    connected: Wiring, own: Conn, hubspot: HubSpot, person: FlaskClient
) -> None:
    connected.hubspot.budget.refused(PORTAL_ID, "calls", RateLimited(retry_after_s=10.0))
    assert finish_install(person, hubspot) == 302
    grant = call_budgets.take(own, PORTAL_ID, "calls", 1, urgent=False)
    assert grant.count == 0, "the lanes go on waiting"


@pytest.mark.parametrize("status", [401, 429, 500])
def test_install_succeeds_while_hubspot_does_not_describe_the_portal(
    connected: Wiring, own: Conn, hubspot: HubSpot, person: FlaskClient, status: int
) -> None:
    own.execute("UPDATE portals SET time_zone = 'America/Montreal'")
    own.commit()
    refuse_details(hubspot, status)
    assert finish_install(person, hubspot) == 302
    portal = portals.find_installed(own, PORTAL_ID)
    assert portal is not None
    assert portal.time_zone == "America/Montreal", "the known one stays until the set-up reads it"
