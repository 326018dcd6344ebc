"""Writes planned for the CRM when messages move: few statements, newest values, all records of a number."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from backend.tests.factories import a_portal, queue
from backend.tests.integration.counting import counted
from connector.domain.phone_numbers import PhoneNumber
from connector.domain.vocabulary import ConsentSource, LaneKind, MessageState, NumberKind, Reason
from connector.store import lanes
from connector.store.consent import opt_outs
from connector.store.database import Conn
from connector.store.messages import messages
from connector.store.messages.messages import Message, Moved
from connector.store.portals.portals import Portal
from connector.use_cases.delivery.plan_writes import plan_marks, plan_writes
from connector.use_cases.delivery.receive_event import ReceivedStop, receive_stop
from connector.wiring import Wiring

NUMBER, OTHER_NUMBER = "+33612345601", "+33612345602"


@pytest.fixture
def portal(own: Conn, alone: Wiring) -> Portal:
    return a_portal(own, alone.vault)


def a_message(own: Conn, alone: Wiring, portal: Portal, **changes: Any) -> Message:
    """An accepted message to the number, from a contact."""
    number = changes.pop("recipient", NUMBER)
    queued = queue(
        own,
        alone.vault,
        portal,
        recipient=PhoneNumber(number, "FR", NumberKind.MOBILE),
        object_id=changes.pop("object_id", "501"),
    )
    message = messages.get(own, portal.portal_id, queued.message.message_id)
    return replace(message, state=MessageState.ACCEPTED, accepted_at=datetime.now(UTC), **changes)


def plan(own: Conn, *moved: Message, newly_accepted: bool = True) -> None:
    portal_id = moved[0].portal_id
    entered = lanes.enter(own, portal_id, LaneKind.SYNC_CRM)
    plan_writes(entered, [Moved(m, newly_accepted) for m in moved], occurred_at=None)
    own.commit()


def marks(own: Conn) -> dict[str, dict[str, str]]:
    rows = own.execute("SELECT object_id, flags FROM record_writes").fetchall()
    own.commit()
    return {row["object_id"]: row["flags"] for row in rows}


def test_five_hundred_messages_cost_as_many_statements_as_one(
    own: Conn, alone: Wiring, portal: Portal
) -> None:
    first = a_message(own, alone, portal)
    many = [
        replace(
            first,
            message_id=uuid.uuid4(),
            object_id=str(n),
            gateway_id=f"g{n}",
            recipient=f"+336{n:08}",
            state=MessageState.DELIVERED if n % 2 else MessageState.ACCEPTED,
        )
        for n in range(500)
    ]
    with counted(own) as for_one:
        plan(own, replace(first, state=MessageState.DELIVERED))
    with counted(own) as for_many:
        plan(own, *many)
    assert len(for_many) <= len(for_one) + 1
    assert len(for_many) <= 14
    row = own.execute(
        "SELECT (SELECT count(*) FROM record_writes) AS records, (SELECT count(*) FROM event_writes) AS events"
    ).fetchone()
    assert row == {"records": 501, "events": 2 + 500 + 250}


def test_of_several_messages_to_one_record_the_newest_is_kept(
    own: Conn, alone: Wiring, portal: Portal
) -> None:
    first = a_message(own, alone, portal)
    assert first.accepted_at is not None
    second = replace(
        first, message_id=uuid.UUID(int=first.message_id.int ^ 1), gateway_id="g2", text="second"
    )
    newest = max((first, second), key=lambda m: m.message_id)
    plan(own, first, second)
    plan(own, replace(newest, state=MessageState.DELIVERED), newly_accepted=False)
    # A late receipt of the older message changes no value, so it needs no write.
    own.execute("UPDATE record_writes SET due_at = NULL")
    older = min((first, second), key=lambda m: m.message_id)
    plan(own, replace(older, state=MessageState.UNDELIVERED), newly_accepted=False)
    row = own.execute("SELECT last_message, due_at FROM record_writes").fetchone()
    assert row is not None
    assert row["last_message"]["smsfactor_last_message_content"] == newest.text
    assert row["last_message"]["smsfactor_last_message_status"] == "delivered"
    assert row["due_at"] is None


def test_crm_is_told_where_links_lead_and_no_tag_of_the_gateway(
    own: Conn, alone: Wiring, portal: Portal
) -> None:
    links = ["https://lumen.example/soldes", "https://lumen.example/adresse"]
    sent = a_message(own, alone, portal, text="Soldes : <-short-> <-short->\n<-stop->", links=links)
    plan(own, replace(sent, state=MessageState.DELIVERED))
    told = f"Soldes : {links[0]} {links[1]}\n[STOP]"
    row = own.execute("SELECT last_message FROM record_writes").fetchone()
    assert row is not None
    assert row["last_message"]["smsfactor_last_message_content"] == told
    events = own.execute("SELECT event_type, properties FROM event_writes ORDER BY event_type").fetchall()
    assert [(event["event_type"], event["properties"]["text"]) for event in events] == [
        ("sms_receipt_contact", told),
        ("sms_sent_contact", told),
    ]


def test_stop_marks_every_record_that_was_texted_at_the_number(
    own: Conn, alone: Wiring, portal: Portal
) -> None:
    plan(own, a_message(own, alone, portal, object_id="501"), a_message(own, alone, portal, object_id="518"))
    plan(own, a_message(own, alone, portal, object_id="502", recipient=OTHER_NUMBER))
    assert marks(own) == {"501": {}, "518": {}, "502": {}}
    stop = ReceivedStop(str(portal.portal_id), NUMBER, "STOP", datetime.now(UTC), "now", payload={})
    assert receive_stop(own, stop) == "stored"
    own.commit()
    stopped = {"smsfactor_is_stop": "true"}
    assert marks(own) == {"501": stopped, "518": stopped, "502": {}}


def test_mark_ends_with_the_last_number_that_opted_out(own: Conn, alone: Wiring, portal: Portal) -> None:
    plan(own, a_message(own, alone, portal), a_message(own, alone, portal, recipient=OTHER_NUMBER))
    now = datetime.now(UTC)
    for number in (NUMBER, OTHER_NUMBER):
        opt_outs.add(own, portal.portal_id, number, source=ConsentSource.STOP, text="", at=now)
    entered = lanes.enter(own, portal.portal_id, LaneKind.SYNC_CRM)
    plan_marks(entered, [NUMBER, OTHER_NUMBER])
    own.commit()
    for number, mark in ((NUMBER, "true"), (OTHER_NUMBER, "false")):
        opt_out = opt_outs.find(own, portal.portal_id, number)
        assert opt_out is not None
        assert opt_outs.end(
            own, opt_out, source=ConsentSource.CARD, reason="", user_id=77, user_email=None, at=now
        )
        plan_marks(entered, [number])
        own.commit()
        assert marks(own)["501"]["smsfactor_is_stop"] == mark


def test_unassigned_number_marks_its_records_until_a_delivery(
    own: Conn, alone: Wiring, portal: Portal
) -> None:
    one = a_message(own, alone, portal, object_id="501")
    other = a_message(own, alone, portal, object_id="518")
    plan(own, one, other)
    plan(
        own,
        replace(one, state=MessageState.UNDELIVERED, reason=Reason.INVALID_DESTINATION),
        newly_accepted=False,
    )
    assert {k: v.get("smsfactor_is_npai") for k, v in marks(own).items()} == {"501": "true", "518": "true"}
    plan(own, replace(other, state=MessageState.DELIVERED), newly_accepted=False)
    assert {k: v.get("smsfactor_is_npai") for k, v in marks(own).items()} == {"501": "false", "518": "false"}
