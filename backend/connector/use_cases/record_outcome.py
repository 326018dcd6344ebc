"""Record what the gateway made of messages, and plan what the CRM is to be told.

Answers, look-ups and receipts all end here, in whatever order they come (protocol P10): the store moves what may
move, and only a real move plans a write.
"""

import uuid
from datetime import datetime

from connector.domain.message import RECEIPT_STATES
from connector.store import attempts, lanes, messages
from connector.store.database import Conn
from connector.store.messages import Message
from connector.use_cases.move_messages import move_messages
from connector.use_cases.plan_writes import plan_writes

# Without a receipt for this long the gateway is asked what became of the message (protocol P10).
RECEIPT_OVERDUE_S = 72 * 3600.0

# The gateway's check of a campaign takes minutes as a rule (SMSFactor's help); then it is asked what came of it.
MODERATION_ASKED_S = 900.0


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
    plan_writes(conn, portal_id, moved, occurred_at=None)
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
    plan_writes(conn, portal_id, moved, occurred_at={message.message_id: occurred_at})
