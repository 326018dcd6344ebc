"""Record what the gateway made of messages, and plan what the CRM is to be told.

Answers, look-ups and receipts all end here, in whatever order they come (protocol P10): the store moves what may
move, and only a real move plans a write.
"""

import uuid
from datetime import datetime

from connector.domain.message import RANK, RECEIPT_STATES
from connector.store import (
    attempts,
    event_writes,
    lanes,
    messages,
    opt_outs,
    record_writes,
    unassigned_numbers,
)
from connector.store.database import Conn
from connector.store.event_writes import EventWrite
from connector.store.messages import Message, Moved
from connector.use_cases.move_messages import move_messages

# Without a receipt for this long the gateway is asked what became of the message (protocol P10).
RECEIPT_OVERDUE_S = 72 * 3600.0

# The gateway's check of a campaign takes minutes as a rule (SMSFactor's help); then it is asked what came of it.
MODERATION_ASKED_S = 900.0

# Event types exist per object (F5).
_OBJECTS = {"0-1": "contact", "0-2": "company", "0-3": "deal"}

# state -> option of the property "SMSFactor - Statut du dernier SMS"
PROPERTY_STATUS = {
    "accepted": "sent",
    "delivered": "delivered",
    "undelivered": "undelivered",
    "expired": "expired",
}


def accept(
    conn: Conn,
    portal_id: int,
    attempt_id: uuid.UUID,
    *,
    ticket: str | None,
    cost_credits: int | None,
    cause: str,
) -> None:
    """The gateway accepted the call, for all its messages. The caller has entered `reconcile` and `sync_crm`."""
    message_ids = attempts.message_ids(conn, portal_id, attempt_id)
    attempts.settle(conn, portal_id, attempt_id, "accepted", cause, lookup_in_s=RECEIPT_OVERDUE_S)
    lanes.wake(conn, portal_id, "reconcile", attempts.next_lookup_at(conn, portal_id))
    moved = move_messages(
        conn,
        portal_id,
        message_ids,
        "accepted",
        cause=cause,
        attempt_id=attempt_id,
        ticket=ticket,
        cost_credits=cost_credits,
    )
    _plan_writes(conn, portal_id, moved, occurred_at=None)
    late = set(message_ids) - {m.message.message_id for m in moved}
    for message_id in late:
        messages.fill_in(conn, portal_id, message_id, ticket=ticket, cost_credits=cost_credits)


def moderate(
    conn: Conn, portal_id: int, attempt_id: uuid.UUID, *, ticket: str | None, cost_credits: int | None
) -> None:
    """The gateway holds the campaign for its own check (-8): accepted later or refused, never sent again by us.

    The caller has entered `reconcile`: a refusal after the check comes by no webhook, so it is asked for.
    """
    message_ids = attempts.message_ids(conn, portal_id, attempt_id)
    attempts.settle(conn, portal_id, attempt_id, "moderated", "answer", lookup_in_s=MODERATION_ASKED_S)
    lanes.wake(conn, portal_id, "reconcile", attempts.next_lookup_at(conn, portal_id))
    move_messages(
        conn,
        portal_id,
        message_ids,
        "moderated",
        cause="answer",
        attempt_id=attempt_id,
        ticket=ticket,
        cost_credits=cost_credits,
    )


def refuse(conn: Conn, portal_id: int, attempt_id: uuid.UUID, reason: str) -> None:
    """The gateway said no, for all the call's messages; nothing was charged."""
    message_ids = attempts.message_ids(conn, portal_id, attempt_id)
    attempts.settle(conn, portal_id, attempt_id, "refused", reason)
    move_messages(
        conn, portal_id, message_ids, "refused", cause="answer", reason=reason, attempt_id=attempt_id
    )


def put_back(
    conn: Conn, portal_id: int, attempt_id: uuid.UUID, *, outcome: str, cause: str, reason: str | None
) -> None:
    """Queue the messages again, under the same gateway ids.

    Only for a call of which no byte left (`not_sent`), a definite refusal that concerns the account rather than
    the message, or one that look-ups have proved `absent`. The caller has entered the `deliver` lane.
    """
    message_ids = attempts.message_ids(conn, portal_id, attempt_id)
    attempts.settle(conn, portal_id, attempt_id, outcome, cause)
    move_messages(conn, portal_id, message_ids, "queued", cause=cause, reason=reason, attempt_id=attempt_id)
    lanes.wake(conn, portal_id, "deliver")


def doubt(conn: Conn, portal_id: int, attempt_id: uuid.UUID, cause: str, *, lookup_in_s: float) -> None:
    """The call was made, or may have been, and nobody knows the answer. The caller has entered `reconcile`."""
    message_ids = attempts.message_ids(conn, portal_id, attempt_id)
    attempts.doubt(conn, portal_id, attempt_id, cause, lookup_in_s=lookup_in_s)
    move_messages(conn, portal_id, message_ids, "unknown", cause=cause, attempt_id=attempt_id)
    lanes.wake(conn, portal_id, "reconcile", attempts.next_lookup_at(conn, portal_id))


def give_up(conn: Conn, portal_id: int, attempt_id: uuid.UUID, reason: str) -> None:
    """Nobody will ever know: final and visible; a person may send again (protocol P6).

    For a call that was accepted only the receipt is unknown: such messages expire.
    """
    message_ids = attempts.message_ids(conn, portal_id, attempt_id)
    attempts.settle(conn, portal_id, attempt_id, "unresolved", reason)
    move_messages(
        conn, portal_id, message_ids, "unresolved", cause="look-up", reason=reason, attempt_id=attempt_id
    )


def refuse_after_all(
    conn: Conn, portal_id: int, message: Message, reason: str | None, *, ticket: str | None
) -> None:
    """The gateway's listing says that it denied a message it had taken (its moderation, for one)."""
    move_messages(
        conn, portal_id, [message.message_id], "refused", cause="look-up", reason=reason, ticket=ticket
    )


def receive(
    conn: Conn,
    portal_id: int,
    message: Message,
    state: str,
    *,
    reason: str | None,
    ticket: str | None,
    occurred_at: datetime,
    cause: str,
) -> None:
    """A receipt, or the gateway's listing, tells the state of one message.

    On a call whose answer is not known it also proves that the call was accepted, for all its messages.
    A late or repeated one changes nothing.
    """
    assert state in RECEIPT_STATES
    if message.attempt_id and message.state in ("sending", "unknown", "moderated"):
        accept(conn, portal_id, message.attempt_id, ticket=ticket, cost_credits=None, cause=cause)
    moved = move_messages(
        conn, portal_id, [message.message_id], state, cause=cause, reason=reason, ticket=ticket
    )
    _plan_writes(conn, portal_id, moved, occurred_at=occurred_at)


def _plan_writes(conn: Conn, portal_id: int, moved: list[Moved], *, occurred_at: datetime | None) -> None:
    """Counters, properties and events that follow from moves. The caller has entered `sync_crm`."""
    if not moved:
        return
    accepted = [m.message for m in moved if m.newly_accepted]
    if accepted:
        messages.count_sent(conn, portal_id, [message.recipient for message in accepted])
    opted_out = opt_outs.of(conn, portal_id, [m.message.recipient for m in moved])
    _note_numbers(conn, portal_id, [m.message for m in moved])
    for record, message in sorted(
        ((record, m.message) for m in moved for record in _records(m.message)), key=lambda pair: pair[0]
    ):
        _plan_properties(conn, record, message, is_stop=message.recipient in opted_out)
    for message in accepted:
        _plan_sent_events(conn, message)
    for m in moved:
        if m.message.state in ("delivered", "undelivered", "expired"):
            _plan_receipt_events(conn, m.message, occurred_at or m.message.created_at)
    lanes.wake(conn, portal_id, "sync_crm", record_writes.next_due_at(conn, portal_id))
    if accepted or occurred_at:
        lanes.wake(conn, portal_id, "sync_crm")


def _records(message: Message) -> list[tuple[str, str]]:
    """The record the message was sent from and, for a deal, the contact or company that was texted."""
    records = [(message.object_type_id, message.object_id)]
    if message.person_object_type_id and message.person_object_id:
        records.append((message.person_object_type_id, message.person_object_id))
    return records


def _note_numbers(conn: Conn, portal_id: int, moved: list[Message]) -> None:
    """Learn which numbers are unassigned, and which are in use after all."""
    dead = [message.recipient for message in moved if message.reason == "invalid_destination"]
    if dead:
        unassigned_numbers.add(conn, portal_id, dead, source="receipt")
    for message in moved:
        if message.state == "delivered":
            unassigned_numbers.remove(conn, portal_id, message.recipient)


def _plan_properties(conn: Conn, record: tuple[str, str], message: Message, *, is_stop: bool) -> None:
    assert message.accepted_at is not None, "only accepted messages are written to the CRM"
    values = {
        "smsfactor_last_message_date": message.accepted_at.isoformat(timespec="milliseconds"),
        "smsfactor_last_message_destination": message.recipient,
        "smsfactor_last_message_content": message.text,
        "smsfactor_last_message_status": PROPERTY_STATUS[message.state],
    }
    # The property is a number in HubSpot; the gateway's ticket is text that has only ever been digits.
    if message.ticket and message.ticket.isdigit():
        values["smsfactor_last_message_campaign_id"] = message.ticket
    # Only what the ledger knows is written: a mark somebody set by hand is not ours to take away.
    flags = {"smsfactor_is_stop": "true"} if is_stop else {}
    # A delivery proves that the number is assigned; other failures say nothing about it.
    if message.reason == "invalid_destination":
        flags["smsfactor_is_npai"] = "true"
    elif message.state == "delivered":
        flags["smsfactor_is_npai"] = "false"
    record_writes.put(
        conn,
        message.portal_id,
        object_type_id=record[0],
        object_id=record[1],
        last_message=values,
        accepted_at=message.accepted_at,
        message_id=message.message_id,
        rank=RANK[message.state],
        flags=flags,
    )


def _plan_sent_events(conn: Conn, message: Message) -> None:
    assert message.accepted_at is not None
    properties = {
        **_event_facts(message),
        "sender": message.sender or "",
        "push_type": message.push_type,
        "parts": str(message.parts),
    }
    _plan_events(conn, message, "sms_sent", "sent", message.accepted_at, properties)


def _plan_receipt_events(conn: Conn, message: Message, occurred_at: datetime) -> None:
    properties = {**_event_facts(message), "status": message.state, "reason": message.reason or ""}
    _plan_events(conn, message, "sms_receipt", message.state, occurred_at, properties)


def _event_facts(message: Message) -> dict[str, str]:
    # `ticket` is no property of the event: the drain turns it into the report's link, which is configuration.
    return {
        "message_id": message.gateway_id,
        "recipient": message.recipient,
        "text": message.text,
        "ticket": message.ticket or "",
    }


def _plan_events(
    conn: Conn, message: Message, kind: str, what: str, at: datetime, properties: dict[str, str]
) -> None:
    """One event a record concerned; their types differ, so the id may be the same."""
    for object_type_id, object_id in _records(message):
        event = EventWrite(
            portal_id=message.portal_id,
            event_type=f"{kind}_{_OBJECTS[object_type_id]}",
            event_id=f"{message.gateway_id}-{what}",
            object_id=object_id,
            occurred_at=at,
            properties={name: value for name, value in properties.items() if value},
        )
        event_writes.put(conn, event)
