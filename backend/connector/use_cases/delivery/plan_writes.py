"""Plan the writes to the CRM for messages that moved: counters, property values, timeline events.

All messages are planned together: a call of 500 accepted messages takes as many statements as a call of one.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connector.domain.event_types import EventKind, event_type
from connector.domain.message import RANK
from connector.domain.objects import OBJECT_TYPES
from connector.domain.text.readable_text import readable_text
from connector.domain.vocabulary import LaneKind, MessageState, Reason, RecordStatus, UnassignedSource
from connector.store import lanes
from connector.store.consent import unassigned_numbers
from connector.store.crm import event_writes, record_marks, record_numbers, record_writes
from connector.store.crm.event_writes import EventWrite
from connector.store.crm.record_writes import RecordFacts
from connector.store.database import Conn
from connector.store.lanes import Entered
from connector.store.messages import attempts, counts
from connector.store.messages.messages import Message, Moved
from connector.store.session import Last

# state of a message that was accepted -> option of the property "SMSFactor - Statut du dernier SMS" and, except for
# "sent", of the receipt's event. The gateway may deny an accepted message: then it was not received.
STATUS = {
    MessageState.ACCEPTED: RecordStatus.SENT,
    MessageState.DELIVERED: RecordStatus.DELIVERED,
    MessageState.UNDELIVERED: RecordStatus.UNDELIVERED,
    MessageState.EXPIRED: RecordStatus.EXPIRED,
    MessageState.REFUSED: RecordStatus.UNDELIVERED,
}


def plan_writes(
    entered: Entered,
    moved: Sequence[Moved],
    *,
    occurred_at: Mapping[uuid.UUID, datetime] | None,
) -> None:
    """Counters, properties and events that follow from moves: `entered` for `sync_crm`.

    `occurred_at`: time at which each message reached its state, from the gateway; None: it was accepted just now.
    """
    entered.require(LaneKind.SYNC_CRM)
    if not moved:
        return
    conn, portal_id = entered.conn, entered.portal_id
    accepted = [m.message for m in moved if m.newly_accepted]
    if accepted:
        counts.count_sent(conn, portal_id, [message.recipient for message in accepted])
    moved_messages = [m.message for m in moved]
    changed = _note_numbers(conn, portal_id, moved_messages)
    facts = [_facts(record, message) for message in moved_messages for record in _records(message)]
    _put_off(_Records(entered, tuple(facts), tuple(numbers_of(accepted)), (), frozenset(changed)))
    events = list(_events(_without_batch_reports(conn, portal_id, moved), occurred_at or {}))
    due_at = event_writes.put(entered, events)
    if due_at:
        lanes.wake(entered, LaneKind.SYNC_CRM, due_at)


def plan_marks(entered: Entered, changed: Sequence[str], *, met: Sequence[record_numbers.Entry] = ()) -> None:
    """Mark all records known to have a number, as the ledger of opt-outs and unassigned numbers says.

    `changed`: numbers whose ledger entry is new. `met`: records that were not texted because of the ledger; they are
    marked even if they were not known to have the number. `entered` for `sync_crm`, before the ledger is changed.
    """
    entered.require(LaneKind.SYNC_CRM)
    if changed or met:
        _put_off(_Records(entered, (), (), tuple(met), frozenset(changed)))


@dataclass(frozen=True, slots=True)
class _Records:
    """The numbers and values of a portal's records, written once per transaction, after its ledger (protocol P26)."""

    entered: Entered
    facts: tuple[RecordFacts, ...]
    texted: tuple[record_numbers.Entry, ...]
    met: tuple[record_numbers.Entry, ...]
    changed: frozenset[str]

    def with_(self, other: "_Records") -> "_Records":
        return _Records(
            self.entered,
            self.facts + other.facts,
            self.texted + other.texted,
            self.met + other.met,
            self.changed | other.changed,
        )

    def __call__(self, conn: Conn) -> None:
        entered, facts = self.entered, list(self.facts)
        new = set(record_numbers.add(conn, entered.portal_id, [*self.texted, *self.met]))
        # A record that was only met has no facts to carry its mark.
        numbers = sorted(self.changed | (new & {recipient for recipient, _, _ in self.met}))
        if facts and numbers:
            record_writes.hold(entered, facts, numbers)
        dues = [
            record_writes.put(entered, facts),
            record_marks.refresh(entered, numbers) if numbers else None,
        ]
        due_at = min((due for due in dues if due), default=None)
        if due_at:
            lanes.wake(entered, LaneKind.SYNC_CRM, due_at)


def _put_off(new: _Records) -> None:
    conn, key = new.entered.conn, (Last.RECORDS, new.entered.portal_id, "")
    before = conn.put_off_step(key)
    conn.put_off(key, before.with_(new) if isinstance(before, _Records) else new)


def numbers_of(some: Sequence[Message]) -> list[record_numbers.Entry]:
    """The records of these messages, each with the number of its message."""
    return [(message.recipient, *record) for message in some for record in _records(message)]


def _records(message: Message) -> list[tuple[str, str]]:
    """The record the message was sent from and, for a deal, the contact or company that was texted."""
    records = [(message.object_type_id, message.object_id)]
    if message.person_object_type_id and message.person_object_id:
        records.append((message.person_object_type_id, message.person_object_id))
    return records


def _owner(message: Message) -> tuple[str, str | None]:
    """The record that has the number."""
    if message.person_object_type_id:
        return message.person_object_type_id, message.person_object_id
    return message.object_type_id, message.object_id


def _note_numbers(conn: Conn, portal_id: int, moved: Sequence[Message]) -> list[str]:
    """Note numbers that are unassigned, and numbers that are in use after all; returns the changed ones."""
    dead = sorted({message.recipient for message in moved if message.reason == Reason.INVALID_DESTINATION})
    alive = sorted(
        {message.recipient for message in moved if message.state == MessageState.DELIVERED} - set(dead)
    )
    changed = unassigned_numbers.add(conn, portal_id, dead, source=UnassignedSource.RECEIPT) if dead else []
    return changed + (unassigned_numbers.remove(conn, portal_id, alive) if alive else [])


def _read(message: Message) -> str:
    return readable_text(message.text, message.links, push_type=message.push_type, sender=message.sender)


def _facts(record: tuple[str, str], message: Message) -> RecordFacts:
    assert message.accepted_at is not None, "only accepted messages are written to the CRM"
    values = {
        "smsfactor_last_message_date": message.accepted_at.isoformat(timespec="milliseconds"),
        "smsfactor_last_message_destination": message.recipient,
        "smsfactor_last_message_content": _read(message),
        "smsfactor_last_message_status": STATUS[message.state],
    }
    # The property is a number in HubSpot; the gateway's ticket is text, with only digits so far.
    if message.ticket and message.ticket.isdigit():
        values["smsfactor_last_message_campaign_id"] = message.ticket
    return RecordFacts(
        object_type_id=record[0],
        object_id=record[1],
        last_message=values,
        accepted_at=message.accepted_at,
        message_id=message.message_id,
        rank=RANK[message.state],
        is_delivered=message.state == MessageState.DELIVERED,
        stop_empty_at=message.stop_empty_at if record == _owner(message) else None,
    )


def _without_batch_reports(conn: Conn, portal_id: int, moved: Sequence[Moved]) -> Sequence[Moved]:
    """The moves, without tickets of calls with several recipients.

    The report of such a call shows everybody's numbers to each reader of the timeline who may log in to the platform.
    """
    calls = {m.message.attempt_id for m in moved if m.message.attempt_id and m.message.ticket}
    hidden = attempts.batched_and_hidden(conn, portal_id, calls) if calls else set()
    return [
        replace(m, message=replace(m.message, ticket=None)) if m.message.attempt_id in hidden else m
        for m in moved
    ]


def _events(moved: Sequence[Moved], occurred_at: Mapping[uuid.UUID, datetime]) -> Iterator[EventWrite]:
    for m in moved:
        message = m.message
        if m.newly_accepted:
            assert message.accepted_at is not None
            facts = {
                **_event_facts(message),
                "sender": message.sender or "",
                "push_type": message.push_type,
                "parts": str(message.parts),
                "source": message.source,
            }
            yield from _event_of_each_record(
                message, EventKind.SENT, RecordStatus.SENT, message.accepted_at, facts
            )
        if message.state != MessageState.ACCEPTED:
            status = STATUS[message.state]
            at = occurred_at.get(message.message_id, message.created_at)
            facts = {**_event_facts(message), "status": status, "reason": message.reason or ""}
            yield from _event_of_each_record(message, EventKind.RECEIPT, status, at, facts)


def _event_facts(message: Message) -> dict[str, str]:
    # `ticket` is no property of the event: the drain turns it into the report's link, which is configuration.
    return {
        "message_id": message.gateway_id,
        "recipient": message.recipient,
        "text": _read(message),
        "ticket": message.ticket or "",
    }


def _event_of_each_record(
    message: Message, kind: EventKind, what: RecordStatus, at: datetime, properties: Mapping[str, str]
) -> Iterator[EventWrite]:
    """One event for each record concerned; their types differ, so the id may be the same."""
    for object_type_id, object_id in _records(message):
        yield EventWrite(
            portal_id=message.portal_id,
            event_type=event_type(kind, OBJECT_TYPES[object_type_id]),
            event_id=f"{message.gateway_id}-{what}",
            object_id=object_id,
            occurred_at=at,
            properties={name: value for name, value in properties.items() if value},
        )
