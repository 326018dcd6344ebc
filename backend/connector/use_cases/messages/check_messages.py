"""Decide about scheduled messages from their records as they are now: go on, hold, cancel or block (protocol P11)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.domain.message import DELIVERY_LANES, lane_of
from connector.domain.vocabulary import Cause, MessageState, PushType, Reason
from connector.store import lanes
from connector.store.database import Conn
from connector.store.messages import checks, queue
from connector.store.messages.checks import Merge
from connector.store.messages.messages import Message
from connector.use_cases.consent.note_opt_outs import note_hubspot_opt_outs
from connector.use_cases.delivery.hold_rows import hold_messages
from connector.use_cases.messages.move_messages import move_messages

#: Object type and id of a record, as a message names it.
Record = tuple[str, str]


@dataclass(frozen=True, slots=True)
class RecordNow:
    """A record as HubSpot has it now."""

    record_id: str  # of the survivor, if the record was merged
    numbers: Collection[str]  # of its phone properties, E.164
    is_opted_out: bool  # HubSpot has it as opted out; the app may have written it


def owner_of(message: Message) -> Record:
    """The contact or company that the message's number belongs to."""
    if message.person_object_type_id and message.person_object_id:
        return message.person_object_type_id, message.person_object_id
    return message.object_type_id, message.object_id


def records_of(message: Message) -> list[Record]:
    """The record the message was sent from and, for a deal, its person."""
    return list(dict.fromkeys([(message.object_type_id, message.object_id), owner_of(message)]))


def check_messages(
    conn: Conn, portal_id: int, due: Sequence[Message], found: Mapping[Record, RecordNow], *, at: datetime
) -> None:
    """Apply the reading `found` of the records of these scheduled messages; records that are gone are left out.

    Gone: the message is cancelled. Opted out: it is blocked, as every waiting message to the number. Its number is in
    none of its owner's phone properties: it is held until a user decides; a number whose property is unknown (a
    workflow's) is not. The others leave at their time.
    """
    entered = lanes.enter(conn, portal_id, *DELIVERY_LANES)
    gone = [m for m in due if any(record not in found for record in records_of(m))]
    left = [m for m in due if m not in gone]
    ids = [m.message_id for m in left]
    marked = [
        (m.recipient, owner_of(m)[0], found[owner_of(m)].record_id)
        for m in left
        if found[owner_of(m)].is_opted_out
    ]
    # Before the ledger, and together with the others that an opt-out will block (protocol P26).
    stopped = queue.to_numbers(
        conn, portal_id, sorted({number for number, _, _ in marked}), push_types=list(PushType)
    )
    hold_messages(conn, portal_id, {*(m.message_id for m in due), *stopped})
    merges = [
        Merge(*record, survivor_id=found[record].record_id)
        for record in dict.fromkeys(record for m in left for record in records_of(m))
        if found[record].record_id != record[1]
    ]
    if merges:
        checks.follow_merges(conn, portal_id, ids, merges)
    note_hubspot_opt_outs(conn, portal_id, marked, at=at)
    changed = [m for m in left if m.recipient_property and m.recipient not in found[owner_of(m)].numbers]
    _stop(conn, portal_id, gone, MessageState.CANCELLED, Reason.RECORD_GONE)
    _stop(conn, portal_id, changed, MessageState.HELD, Reason.NUMBER_GONE)
    unchanged = [m for m in left if m not in changed]
    if unchanged:
        checks.mark_checked(conn, portal_id, [m.message_id for m in unchanged])
        for kind in {lane_of(m.priority) for m in unchanged}:
            lanes.wake(entered, kind, min(m.due_at for m in unchanged))


def _stop(conn: Conn, portal_id: int, some: Sequence[Message], state: MessageState, reason: Reason) -> None:
    if some:
        ids = [m.message_id for m in some]
        move_messages(conn, portal_id, ids, state, cause=Cause.CHECK, reason=reason)
