"""Scheduled messages whose record changes before their time: gone, opted out, merged, or another number (P11)."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from backend.tests.factories import a_command, link
from backend.tests.integration.conftest import install
from backend.tests.integration.view_calls import ask, open_card
from backend.tests.integration.workflows.resolving import installed
from connector import create_app
from connector.domain.phone_numbers import parse
from connector.domain.vocabulary import LaneKind
from connector.hubspot.scopes import OPTIONAL_SCOPES
from connector.store import lanes
from connector.store.database import Conn
from connector.store.messages import checks, queue
from connector.store.portals import portals
from connector.store.portals.portals import Portal
from connector.use_cases.messages.queue_message import queue_message
from connector.wiring import Wiring
from connector.worker.delivery.check_records import check_records
from connector.worker.delivery.postpone import postpone
from connector.worker.runner import BackOff
from sandbox.hubspot_sim.testing import HubSpot
from sandbox.hubspot_sim.world import PORTAL_ID

CONTACT, DEAL = "0-1", "0-3"
PARIS = ZoneInfo("Europe/Paris")
CAMILLE, NUMBER = "501", "+33612345678"


@pytest.fixture
def ready(alone: Wiring, own: Conn, hubspot: HubSpot) -> Wiring:
    wiring = install(alone, own, hubspot, optional_scope=" ".join(OPTIONAL_SCOPES))
    link(own, wiring.vault, PORTAL_ID, client_id="4471")
    own.commit()
    return wiring


@pytest.fixture
def app(ready: Wiring) -> Flask:
    return create_app(ready.settings, ready)


@pytest.fixture
def portal(own: Conn, ready: Wiring) -> Portal:
    return installed(own)


def schedule(own: Conn, portal: Portal, **changes: Any) -> uuid.UUID:
    """An alert to Camille in some hours."""
    recipient = parse(changes.pop("to", NUMBER), "FR")
    at = (datetime.now(UTC) + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    command = a_command(object_id=CAMILLE, recipient=recipient, send_at=at, **changes)
    queued = queue_message(own, portal, command, deployment_prefix="tst")
    own.commit()
    return queued.message.message_id


def come_near(own: Conn, *, late_s: float = -60.0) -> None:
    """The messages are due in a minute, or were due `late_s` ago."""
    own.execute(
        "UPDATE messages SET due_at = now() - make_interval(secs => %s) WHERE state = 'scheduled'", (late_s,)
    )
    own.execute(
        "UPDATE lanes SET next_due_at = now(), not_before = NULL, lease_until = NULL WHERE kind = 'checks'"
    )
    own.commit()


def check(own: Conn, wiring: Wiring) -> None:
    turn = lanes.take(own, owner="test", lease_s=60.0, kinds=[LaneKind.CHECKS])
    assert turn is not None
    try:
        while check_records(wiring, turn):
            pass
    finally:
        lanes.release(own, turn, next_due_at=checks.next_due_at(own, PORTAL_ID))


def state_of(own: Conn, message_id: uuid.UUID) -> tuple[str, str | None, bool]:
    row = own.execute(
        "SELECT state, reason, checked_at IS NOT NULL AS is_checked FROM messages WHERE message_id = %s",
        (message_id,),
    ).fetchone()
    own.commit()
    assert row is not None
    return row["state"], row["reason"], row["is_checked"]


def test_unchanged_record_lets_the_message_leave_at_its_time_and_not_before_it_was_read(
    own: Conn, ready: Wiring, portal: Portal
) -> None:
    message_id = schedule(own, portal)
    come_near(own, late_s=5)
    assert queue.come_due(own, PORTAL_ID, (0,)) == []
    check(own, ready)
    assert state_of(own, message_id) == ("scheduled", None, True)
    assert queue.come_due(own, PORTAL_ID, (0,)) == [message_id]


def test_marketing_that_missed_the_legal_hours_is_checked_again_before_the_next_ones(
    own: Conn, ready: Wiring, portal: Portal
) -> None:
    """A night or a weekend passes: the number may have left the record, as for a message that a user scheduled."""
    queued = queue_message(
        own,
        portal,
        a_command(object_id=CAMILLE, recipient=parse("+33612345699", "FR")),
        deployment_prefix="tst",
    ).message
    own.execute("UPDATE messages SET push_type = 'marketing', priority = 2")
    own.commit()
    closed = (8, 9) if datetime.now(PARIS).hour >= 12 else (19, 20)
    hours = {"calendar_start_hour": closed[0], "calendar_end_hour": closed[1]}
    portals.save_preferences(own, PORTAL_ID, hours)
    own.commit()
    stricter = installed(own)
    postpone(own, stricter, {"FR": [queued.message_id]}, call_s=15.0)
    own.commit()
    assert state_of(own, queued.message_id) == ("scheduled", "legal_hours", False)
    come_near(own, late_s=5)
    assert queue.come_due(own, PORTAL_ID, (2,)) == []
    check(own, ready)
    assert state_of(own, queued.message_id)[:2] == ("held", "number_gone")


def test_the_lane_is_due_five_minutes_before_the_message(own: Conn, portal: Portal) -> None:
    message_id = schedule(own, portal)
    row = own.execute(
        "SELECT next_due_at, due_at FROM lanes, messages WHERE kind = 'checks' AND message_id = %s",
        (message_id,),
    ).fetchone()
    own.commit()
    assert row is not None
    assert row["due_at"] - row["next_due_at"] == timedelta(minutes=5)


@pytest.mark.parametrize("kind", ["contacts", "deals"])
def test_record_that_is_gone_cancels(
    own: Conn, ready: Wiring, portal: Portal, hubspot: HubSpot, kind: str
) -> None:
    message_id = schedule(own, portal, object_type_id=DEAL, person=(CONTACT, CAMILLE))
    own.execute("UPDATE messages SET object_id = '1301'")
    hubspot.control("DELETE", f"records/{kind}/{CAMILLE if kind == 'contacts' else '1301'}")
    come_near(own)
    check(own, ready)
    assert state_of(own, message_id)[:2] == ("cancelled", "record_gone")


def opt_out(hubspot: HubSpot) -> None:
    """A user sets the property of Camille."""
    body = {"label": "Désabonné", "type": "string", "fieldType": "text", "groupName": "contactinformation"}
    hubspot.control("POST", "properties/contacts", {"name": "smsfactor_is_stop", **body})
    hubspot.control("PATCH", f"records/contacts/{CAMILLE}", {"properties": {"smsfactor_is_stop": "true"}})


def test_opt_out_in_hubspot_blocks(own: Conn, ready: Wiring, portal: Portal, hubspot: HubSpot) -> None:
    message_id = schedule(own, portal)
    opt_out(hubspot)
    come_near(own)
    check(own, ready)
    assert state_of(own, message_id)[:2] == ("blocked", "opted_out")


def test_opt_out_in_hubspot_blocks_every_waiting_message_to_the_number(
    own: Conn, ready: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    """The message that is not due is locked together with the due one, before the ledger (protocol P26)."""
    due = schedule(own, portal)
    later = [schedule(own, portal, text=f"Plus tard {n}") for n in range(3)]
    opt_out(hubspot)
    come_near(own)
    own.execute(
        "UPDATE messages SET due_at = now() + interval '5 days', checked_at = NULL WHERE message_id = ANY(%s)",
        (later,),
    )
    own.commit()
    check(own, ready)
    assert {state_of(own, one)[:2] for one in (due, *later)} == {("blocked", "opted_out")}


def change_number(hubspot: HubSpot, **properties: str) -> None:
    hubspot.control("PATCH", f"records/contacts/{CAMILLE}", {"properties": properties})


def test_number_that_moved_to_another_property_is_still_there(
    own: Conn, ready: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    message_id = schedule(own, portal)
    change_number(hubspot, mobilephone="", phone="0612345678")
    come_near(own)
    check(own, ready)
    assert state_of(own, message_id) == ("scheduled", None, True)


def test_merge_is_followed(own: Conn, ready: Wiring, portal: Portal, hubspot: HubSpot) -> None:
    message_id = schedule(own, portal)
    left = hubspot.control("POST", "records/contacts/527/merge", {"into": CAMILLE})["id"]
    come_near(own)
    check(own, ready)
    assert state_of(own, message_id) == ("scheduled", None, True)
    row = own.execute("SELECT object_id FROM messages").fetchone()
    own.commit()
    assert row == {"object_id": left}


def test_number_of_a_workflow_is_not_held(own: Conn, ready: Wiring, portal: Portal, hubspot: HubSpot) -> None:
    """HubSpot sends it without the name of its property, which may be one that we do not read."""
    message_id = schedule(own, portal, recipient_property="")
    change_number(hubspot, mobilephone="06 12 34 56 00")
    come_near(own)
    check(own, ready)
    assert state_of(own, message_id) == ("scheduled", None, True)


def test_hubspot_unavailable_lets_the_message_wait_to_its_maximum_age(
    own: Conn, ready: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    message_id = schedule(own, portal)
    come_near(own, late_s=5)
    path = "/crm/objects/2026-09/contacts/batch/read"
    hubspot.control("POST", "faults", {"method": "POST", "path": path, "kind": "status", "status": 503})
    with pytest.raises(BackOff):
        check(own, ready)
    assert state_of(own, message_id) == ("scheduled", None, False)
    assert queue.come_due(own, PORTAL_ID, (0,)) == []
    own.execute("UPDATE messages SET expires_at = now() - interval '1 s'")
    assert queue.come_due(own, PORTAL_ID, (0,)) == [message_id], "it is dropped as too old then"
    own.rollback()


# --- held


@pytest.fixture
def held(own: Conn, ready: Wiring, portal: Portal, hubspot: HubSpot) -> uuid.UUID:
    message_id = schedule(own, portal)
    change_number(hubspot, mobilephone="06 12 34 56 00")
    come_near(own)
    check(own, ready)
    assert state_of(own, message_id) == ("held", "number_gone", False)
    return message_id


def decision(message_id: uuid.UUID, **changes: Any) -> dict[str, Any]:
    record = {"object_type_id": CONTACT, "object_id": CAMILLE}
    return {
        **record,
        "id": str(message_id),
        "property": "mobilephone",
        "recipient": "+33612345600",
        **changes,
    }


def test_held_message_is_on_the_card_and_leaves_for_the_new_number_once(
    own: Conn, app: Flask, held: uuid.UUID
) -> None:
    [shown] = open_card(app, CONTACT, CAMILLE)["held"]
    assert (shown["id"], shown["status"], shown["final"]) == (str(held), "held", False)
    for _ in range(2):
        answer = ask(app, "/card/send-held", decision(held))
        assert answer["data"]["message"]["status"] == "queued"
        assert answer["data"]["message"]["recipient"] == "+33612345600"
    assert state_of(own, held)[:2] == ("queued", None)
    assert open_card(app, CONTACT, CAMILLE)["held"] == []


def test_held_message_can_be_cancelled_and_is_then_not_sent(own: Conn, app: Flask, held: uuid.UUID) -> None:
    assert ask(app, "/card/cancel", {"id": str(held)})["data"]["message"]["status"] == "cancelled"
    assert ask(app, "/card/send-held", decision(held))["error"]["code"] == "message_not_held"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"recipient": NUMBER}, "number_changed"),
        ({"object_id": "503", "recipient": "+33612345691"}, "message_not_held"),
    ],
)
def test_held_message_goes_only_to_a_number_of_its_record(
    own: Conn, app: Flask, held: uuid.UUID, changes: dict[str, str], code: str
) -> None:
    assert ask(app, "/card/send-held", decision(held, **changes))["error"]["code"] == code
    assert state_of(own, held)[0] == "held"


def test_held_message_is_blocked_by_an_opt_out(
    own: Conn, app: Flask, hubspot: HubSpot, held: uuid.UUID
) -> None:
    change_number(hubspot, phone=NUMBER)
    body = {"object_type_id": CONTACT, "object_id": CAMILLE, "recipient": NUMBER}
    assert ask(app, "/card/record-opt-out", body)["ok"]
    assert state_of(own, held)[:2] == ("blocked", "opted_out")
