"""The four calls behind the limits tab of the settings: permitted users, refusals, affected portals (B1)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from backend.tests.factories import a_portal, queue
from backend.tests.integration.view_calls import USER_EMAIL, USER_ID, call_view
from backend.tests.integration.workflows.executions import SCOPES, accept, an_execution
from connector import create_app
from connector.domain.phone_numbers import PhoneNumber
from connector.domain.vocabulary import Action, NumberKind, Reason
from connector.store.database import Conn
from connector.store.messages import limits
from connector.store.messages import queue as message_queue
from connector.store.portals import accounts, portals
from connector.store.portals.portals import Portal
from connector.store.vault import Vault
from connector.wiring import Wiring

COLLEAGUE = 78
BELGIAN = PhoneNumber("+32470123456", "BE", NumberKind.MOBILE)  # no legal hours
AGES = {"card": 24, "reply": 24, "workflow": 24, "bulk": 24}
LIMITS = {"hourly_cap": 2000, "pace_per_minute": 600, "max_ages_h": {**AGES, "workflow": 6}}
CHANGES = {"limit": LIMITS, "pause": {}, "resume": {}}

Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def app(wiring: Wiring) -> Flask:
    return create_app(wiring.settings, wiring)


@pytest.fixture
def portal(conn: Conn, vault: Vault) -> Portal:
    return a_portal(conn, vault, scopes=SCOPES)


@pytest.fixture
def ask(app: Flask, portal: Portal) -> Ask:
    """Make one of the calls as a user of the portal; returns the whole answer."""
    return partial(_ask, app.test_client(), portal.portal_id)


def _ask(
    client: FlaskClient, portal_id: int, call: str, body: dict[str, Any], user_id: int = USER_ID
) -> dict[str, Any]:
    path = "/settings/outgoing" if call == "show" else f"/settings/{call}-outgoing"
    answer = call_view(client, path, body, portal_id=portal_id, user_id=user_id)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def data(answer: dict[str, Any]) -> dict[str, Any]:
    assert answer["ok"], answer
    found: dict[str, Any] = answer["data"]
    return found


def test_portal_that_has_set_nothing_holds_nothing_back(ask: Ask) -> None:
    shown = data(ask("show", {}))
    assert shown.pop("next_hour_at").endswith(":00:00+00:00")
    assert shown == {
        "paused_at": None,
        "paused_by_user_id": None,
        "paused_by_email": None,
        "held_by": None,
        "hourly_cap": None,
        "sent_this_hour": 0,
        "pace_per_minute": None,
        "max_ages_h": AGES,
        "once_within_h": None,
        "waiting": {"queued": 0, "scheduled": 0, "resolving": 0},
        "may_edit": True,
    }


def test_limits_are_set_at_once_and_taken_back(ask: Ask) -> None:
    limited = data(ask("limit", LIMITS))
    assert {name: limited[name] for name in LIMITS} == LIMITS
    assert data(ask("show", {})) == limited
    freed = data(ask("limit", {**LIMITS, "hourly_cap": None, "pace_per_minute": None}))
    assert (freed["hourly_cap"], freed["pace_per_minute"]) == (None, None)


def test_hours_of_equal_texts_are_set_and_stay_with_a_view_that_does_not_know_them(ask: Ask) -> None:
    assert data(ask("limit", {**LIMITS, "once_within_h": 24}))["once_within_h"] == 24
    assert data(ask("limit", LIMITS))["once_within_h"] == 24
    refused = ask("limit", {**LIMITS, "once_within_h": 169})
    assert refused["error"] == {"code": "bad_request", "params": {"field": "once_within_h"}}
    assert data(ask("limit", {**LIMITS, "once_within_h": None}))["once_within_h"] is None


def test_pause_says_since_when_and_by_whom(ask: Ask) -> None:
    paused = data(ask("pause", {}))
    assert paused["paused_at"]
    assert (paused["paused_by_user_id"], paused["paused_by_email"]) == (USER_ID, USER_EMAIL)
    again = data(ask("pause", {}, user_id=COLLEAGUE))
    assert again["paused_by_user_id"] == USER_ID, "who pauses what is paused has not done it"
    resumed = data(ask("resume", {}))
    assert {resumed[name] for name in resumed if name.startswith("paused_")} == {None}


def test_marketing_that_met_the_end_of_the_legal_hours_waits_for_its_time(
    ask: Ask, conn: Conn, vault: Vault, portal: Portal
) -> None:
    """The card lists it with its time; this view does not count it as ready either."""
    postponed = queue(conn, vault, portal, push_type="marketing", recipient=BELGIAN).message
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    message_queue.move_slot(
        conn,
        portal.portal_id,
        [postponed.message_id],
        due_at=tomorrow,
        slot_ends_at=tomorrow + timedelta(hours=12),
    )
    conn.commit()
    assert data(ask("show", {}))["waiting"] == {"queued": 0, "scheduled": 1, "resolving": 0}


def test_executions_without_a_message_yet_wait_too(
    ask: Ask, conn: Conn, vault: Vault, portal: Portal
) -> None:
    """Deals whose person must first be read from HubSpot count too, although they have no message yet."""
    queue(conn, vault, portal)
    accept(conn, portal, *(an_execution(Action.SEND_SMS_DEAL, "0-3", deal) for deal in ("1301", "1302")))
    assert data(ask("show", {}))["waiting"] == {"queued": 1, "scheduled": 0, "resolving": 2}


def test_why_the_account_holds_everything_is_told(ask: Ask, conn: Conn, portal: Portal) -> None:
    accounts.pause(conn, str(portal.portal_id), Reason.GATEWAY_NO_CREDITS)
    conn.commit()
    assert data(ask("show", {}))["held_by"] == "gateway_no_credits"


def test_gateway_that_cannot_be_reached_is_told(ask: Ask, conn: Conn, vault: Vault, portal: Portal) -> None:
    queue(conn, vault, portal)
    conn.execute(
        "UPDATE lanes SET last_error = 'gateway_unreachable' WHERE portal_id = %s AND kind = 'deliver'",
        (portal.portal_id,),
    )
    conn.commit()
    assert data(ask("show", {}))["held_by"] == "gateway_unreachable"


@pytest.mark.parametrize("call", CHANGES)
def test_whoever_lacks_the_right_reads_and_changes_nothing(
    ask: Ask, conn: Conn, portal: Portal, call: str
) -> None:
    data(ask("pause", {}))
    before = limits.find(conn, portal.portal_id)
    portals.save_rights(conn, portal.portal_id, {"settings": [USER_ID]})
    conn.commit()
    refused = ask(call, CHANGES[call], user_id=COLLEAGUE)
    assert refused == {"ok": False, "error": {"code": "forbidden", "params": {}}}
    assert limits.find(conn, portal.portal_id) == before
    shown = data(ask("show", {}, user_id=COLLEAGUE))
    assert (shown["may_edit"], shown["paused_by_user_id"], shown["max_ages_h"]) == (False, USER_ID, AGES)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"hourly_cap": 0}, "hourly_cap"),
        ({"hourly_cap": 1_000_001}, "hourly_cap"),
        ({"hourly_cap": "100"}, "hourly_cap"),
        ({"hourly_cap": 1.5}, "hourly_cap"),
        ({"pace_per_minute": -1}, "pace_per_minute"),
        ({"max_ages_h": None}, "max_ages_h"),
        ({"max_ages_h": {"card": 24}}, "max_ages_h"),
        ({"max_ages_h": {**AGES, "workflow": 0}}, "max_ages_h"),
        ({"max_ages_h": {**AGES, "workflow": 169}}, "max_ages_h"),
        ({"max_ages_h": {**AGES, "pigeon": 24}}, "max_ages_h"),
        ({"portal_id": 1}, "portal_id"),
    ],
)
def test_wrong_limits_are_refused_and_nothing_changes(ask: Ask, changes: dict[str, Any], field: str) -> None:
    before = data(ask("limit", LIMITS))
    refused = ask("limit", {**LIMITS, **changes})
    assert refused == {"ok": False, "error": {"code": "bad_request", "params": {"field": field}}}
    assert data(ask("show", {})) == before


@pytest.mark.parametrize("missing", LIMITS)
def test_limits_are_given_all_at_once(ask: Ask, missing: str) -> None:
    refused = ask("limit", {name: value for name, value in LIMITS.items() if name != missing})
    assert refused["error"] == {"code": "bad_request", "params": {"field": missing}}


def test_another_portal_is_not_touched(ask: Ask, app: Flask, conn: Conn, vault: Vault) -> None:
    neighbour = a_portal(conn, vault)
    ask_neighbour = partial(_ask, app.test_client(), neighbour.portal_id)
    queue(conn, vault, neighbour)
    before = data(ask_neighbour("pause", {}, user_id=COLLEAGUE))
    data(ask("limit", LIMITS))
    data(ask("pause", {}))
    assert data(ask("resume", {}))["waiting"]["queued"] == 0
    assert data(ask_neighbour("show", {})) == before
