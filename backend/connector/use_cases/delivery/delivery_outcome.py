"""Record what the gateway made of messages, and plan what the CRM is to be told.

Answers, look-ups and receipts all end here, in whatever order they come (protocol P10): the store moves what may
move, and only a real move plans a write.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connector.domain.message import RECEIPT_STATES
from connector.store import lanes
from connector.store.database import Conn
from connector.store.messages import attempts, messages
from connector.store.messages.messages import Message
from connector.use_cases.delivery.plan_writes import plan_writes
from connector.use_cases.messages.move_messages import confirm_members, move_messages
from connector.use_cases.messages.note_numbers import note_numbers

# Without a receipt for this long the gateway is asked what became of the message (protocol P10).
RECEIPT_OVERDUE_S = 72 * 3600.0

# The gateway's check of a campaign takes minutes as a rule (SMSFactor's help); then it is asked what came of it.
MODERATION_ASKED_S = 900.0

# Whom the gateway left out of a call is asked for at this distance; its listing lags behind (protocol P9).
MEMBERSHIP_ASKED_S = 30.0
# Reason of a message in an accepted call while that is not known.
MEMBERSHIP_PENDING = "membership_pending"


def accept(
    conn: Conn,
    portal_id: int,
    attempt_id: uuid.UUID,
    *,
    ticket: str | None,
    cause: str,
    cost_credits: int | None = None,
    sent_count: int | None = None,
    counters: Mapping[str, int] | None = None,
) -> None:
    """The gateway accepted the call. The caller has entered `reconcile` and `sync_crm`.

    `cost_credits`: of each message. `sent_count`: recipients it said it sends to; None: this is no answer, but a
    receipt or the listing, which speak of single messages. Unless every message is known to be sent, whom the gateway
    left out has to be found out first, and nothing irreversible is written until then (protocol P9).
    """
    message_ids = attempts.message_ids(conn, portal_id, attempt_id)
    attempts.settle(conn, portal_id, attempt_id, "accepted", cause, lookup_in_s=RECEIPT_OVERDUE_S)
    told = attempts.note_answer(
        conn, portal_id, attempt_id, ticket=ticket, sent_count=sent_count, counters=counters
    )
    is_whole = len(message_ids) == 1 or told == len(message_ids)
    moved = move_messages(
        conn,
        portal_id,
        message_ids,
        "accepted",
        cause=cause,
        reason=None if is_whole else MEMBERSHIP_PENDING,
        attempt_id=attempt_id,
        ticket=ticket,
        cost_credits=cost_credits,
        is_member=is_whole,
    )
    late = sorted(set(message_ids) - {m.message.message_id for m in moved})
    if late:
        messages.fill_in(conn, portal_id, late, ticket=ticket, costs=[cost_credits] * len(late))
    if is_whole:
        attempts.end_membership(conn, portal_id, attempt_id, lookup_in_s=RECEIPT_OVERDUE_S)
        plan_writes(conn, portal_id, moved, occurred_at=None)
        confirm(conn, portal_id, late)
    else:
        attempts.await_membership(conn, portal_id, attempt_id, lookup_in_s=MEMBERSHIP_ASKED_S)
    lanes.wake(conn, portal_id, "reconcile", attempts.next_lookup_at(conn, portal_id))


def confirm(conn: Conn, portal_id: int, message_ids: list[uuid.UUID]) -> None:
    """It is known now that these messages of an accepted call are sent. The caller has entered `sync_crm`."""
    plan_writes(conn, portal_id, confirm_members(conn, portal_id, message_ids), occurred_at=None)


def reason_of(counters: Mapping[str, int]) -> str:
    """Why the gateway left a message out: the one counter that is not zero, else just that it did (protocol P9)."""
    only = next(iter(counters)) if len(counters) == 1 else "filtered"
    return {"invalid": "invalid_number"}.get(only, only)


def leave_out(conn: Conn, portal_id: int, message_ids: list[uuid.UUID], reason: str) -> None:
    """The gateway left these messages out of a call that it accepted (protocol P9); they were not charged.

    The caller has entered `sync_crm`.
    """
    moved = move_messages(
        conn, portal_id, message_ids, "refused", cause="look-up", reason=reason, cost_credits=0
    )
    note_numbers(conn, portal_id, moved, reason)


def moderate(
    conn: Conn,
    portal_id: int,
    attempt_id: uuid.UUID,
    *,
    ticket: str | None,
    cost_credits: int | None,
    sent_count: int | None = None,
    counters: Mapping[str, int] | None = None,
) -> None:
    """The gateway holds the campaign for its own check (-8): accepted later or refused, never sent again by us.

    The caller has entered `reconcile`: a refusal after the check comes by no webhook, so it is asked for.
    """
    message_ids = attempts.message_ids(conn, portal_id, attempt_id)
    attempts.settle(conn, portal_id, attempt_id, "moderated", "answer", lookup_in_s=MODERATION_ASKED_S)
    attempts.note_answer(conn, portal_id, attempt_id, ticket=ticket, sent_count=sent_count, counters=counters)
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
    """The gateway said no, for all the call's messages; nothing was charged. The caller has entered `sync_crm`."""
    message_ids = attempts.message_ids(conn, portal_id, attempt_id)
    attempts.settle(conn, portal_id, attempt_id, "refused", reason)
    moved = move_messages(
        conn, portal_id, message_ids, "refused", cause="answer", reason=reason, attempt_id=attempt_id
    )
    note_numbers(conn, portal_id, moved, reason)


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


@dataclass(frozen=True, slots=True)
class Told:
    """What a receipt, or the gateway's listing, says of one message."""

    state: str  # one of domain.message.RECEIPT_STATES, or "refused"
    reason: str | None
    ticket: str | None
    occurred_at: datetime


def refuse_after_all(conn: Conn, portal_id: int, told: list[tuple[Message, Told]]) -> None:
    """The gateway's listing says that it denied messages it had taken. The caller has entered `sync_crm`.

    The records of those that it had accepted before say "sent", which they must not go on saying; of those that it held
    for its check they say nothing.
    """
    for (state, reason, ticket), ids in _equal(told).items():
        moved = move_messages(conn, portal_id, ids, state, cause="look-up", reason=reason, ticket=ticket)
        plan_writes(conn, portal_id, [m for m in moved if m.message.accepted_at], occurred_at=_times(told))


def receive(conn: Conn, portal_id: int, told: list[tuple[Message, Told]], *, cause: str) -> None:
    """Apply what is told of different messages. The caller has entered `reconcile` and `sync_crm`.

    On a call whose answer is not known it also proves that the call was accepted (protocol P10). What is late or
    repeated changes nothing.
    """
    proved: dict[uuid.UUID, str | None] = {}
    for message, word in told:
        assert word.state in RECEIPT_STATES
        if message.attempt_id and message.state in ("sending", "unknown", "moderated"):
            proved[message.attempt_id] = proved.get(message.attempt_id) or word.ticket
    for attempt_id in sorted(proved):
        accept(conn, portal_id, attempt_id, ticket=proved[attempt_id], cause=cause)
    for (state, reason, ticket), ids in _equal(told).items():
        moved = move_messages(conn, portal_id, ids, state, cause=cause, reason=reason, ticket=ticket)
        if state == "accepted":  # says no more than that the message was sent
            confirm(conn, portal_id, ids)
        plan_writes(conn, portal_id, moved, occurred_at=_times(told))


def _equal(told: list[tuple[Message, Told]]) -> dict[tuple[str, str | None, str | None], list[uuid.UUID]]:
    """(state, reason, ticket) -> the messages of which that is told.

    A ticket that is known is not overwritten, so messages that have one need no group of their own.
    """
    groups: dict[tuple[str, str | None, str | None], list[uuid.UUID]] = {}
    for message, word in told:
        ticket = None if message.ticket else word.ticket
        groups.setdefault((word.state, word.reason, ticket), []).append(message.message_id)
    return groups


def _times(told: list[tuple[Message, Told]]) -> dict[uuid.UUID, datetime]:
    return {message.message_id: word.occurred_at for message, word in told}
