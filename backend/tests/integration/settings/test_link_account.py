"""Linking from the settings page: one deadline for all that SMSFactor is asked while a user waits (F7.1)."""

import time
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from backend.tests.factories import a_portal
from backend.tests.integration.view_calls import call_view
from connector import create_app
from connector.inbound.settings import account
from connector.smsfactor.client import SmsFactorClient
from connector.store.database import Conn
from connector.store.faults import TRIES
from connector.store.portals import accounts
from connector.store.portals.portals import Portal
from connector.use_cases.portals.list_problems import list_problems
from connector.wiring import Wiring
from sandbox.driver.gateway import Gateway

LINK = "/settings/link-account"


@pytest.fixture
def portal(own: Conn, linked: Wiring) -> Portal:
    return a_portal(own, linked.vault, linked=False)


@pytest.fixture
def client(linked: Wiring) -> FlaskClient:
    return create_app(linked.settings, linked).test_client()


def link(client: FlaskClient, portal: Portal, token: str) -> dict[str, Any]:
    answer: dict[str, Any] = call_view(client, LINK, {"token": token}, portal_id=portal.portal_id).get_json()
    return answer


def test_token_links_the_account(client: FlaskClient, portal: Portal, gateway: Gateway) -> None:
    data = link(client, portal, gateway.token)["data"]
    assert data["account"]["email"] == "ops@atelier-lumen.example"
    assert data["account"]["balance"] is not None


def test_balance_is_asked_for_later_when_the_time_is_used_up(
    client: FlaskClient, portal: Portal, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account took all the time: it is linked, and the credits are not even asked for."""
    now, used = time.monotonic, {"s": 0.0}
    read_account = SmsFactorClient.account

    def slow(self: SmsFactorClient, token: str) -> Any:
        found = read_account(self, token)
        used["s"] = account.GATEWAY_S
        return found

    monkeypatch.setattr(SmsFactorClient, "account", slow)
    monkeypatch.setattr(time, "monotonic", lambda: now() + used["s"])
    data = link(client, portal, gateway.token)["data"]
    assert (data["account"]["client_id"], data["account"]["balance"]) == ("204518", None)
    assert gateway.calls("/credits", "GET") == 0


@pytest.mark.parametrize("status", [401, 403, 404, 429])
def test_page_of_a_proxy_does_not_blame_the_token(
    own: Conn, linked: Wiring, client: FlaskClient, portal: Portal, gateway: Gateway, status: int
) -> None:
    gateway.fault("status", "/account", "GET", status=status, body="<html>no</html>")
    assert link(client, portal, gateway.token)["error"]["code"] == "gateway_unavailable"
    assert accounts.current_link(own, linked.vault, portal.portal_id) is None


def test_refused_token_is_named(client: FlaskClient, portal: Portal) -> None:
    assert link(client, portal, "1")["error"]["code"] == "token_refused"


def test_deadlocks_of_the_storing_ask_the_gateway_nothing_again(
    client: FlaskClient, portal: Portal, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The innermost transaction is repeated, and the view's call is not: no deadline begins anew."""
    tries: list[int] = []

    def lose(*_: Any) -> None:
        tries.append(1)
        raise psycopg.errors.DeadlockDetected

    monkeypatch.setattr(account, "link_account", lose)
    assert link(client, portal, gateway.token)["error"]["code"] == "internal"
    assert len(tries) == TRIES
    assert gateway.calls("/account", "GET") == 1


def test_deadlock_after_the_storing_leaves_the_account_linked(
    client: FlaskClient, portal: Portal, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def lose_once(*args: Any) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise psycopg.errors.DeadlockDetected
        return list_problems(*args)

    monkeypatch.setattr(account, "list_problems", lose_once)
    assert link(client, portal, gateway.token)["data"]["account"]["client_id"] == "204518"
    assert (len(tries), gateway.calls("/account", "GET")) == (2, 1)
