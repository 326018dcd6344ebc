"""Record that the gateway accepted a call, whether its answer, a receipt or the listing says so (protocol P10)."""

import uuid
from collections.abc import Mapping

from connector.domain.vocabulary import AnyCause, AttemptOutcome, LaneKind, MessageState, Reason
from connector.store import lanes
from connector.store.lanes import Entered
from connector.store.messages import attempts, messages
from connector.use_cases.delivery.confirm_messages import confirm_messages
from connector.use_cases.delivery.hold_rows import hold_messages
from connector.use_cases.delivery.plan_writes import plan_writes
from connector.use_cases.messages.move_messages import move_messages

# After this long without a receipt, the gateway is asked for the message's state (protocol P10).
RECEIPT_OVERDUE_S = 72 * 3600.0

# The gateway's listing lags behind a call; a look-up this much later finds the messages that were left out (P9).
MEMBERSHIP_ASKED_S = 30.0
# Reason of a message in an accepted call until then.
MEMBERSHIP_PENDING = Reason.MEMBERSHIP_PENDING


def accept_attempt(
    entered: Entered,
    attempt_id: uuid.UUID,
    *,
    ticket: str | None,
    cause: AnyCause,
    cost_credits: int | None = None,
    sent_count: int | None = None,
    counters: Mapping[str, int] | None = None,
) -> None:
    """The gateway accepted the call: `entered` for `reconcile` and `sync_crm`.

    `cost_credits`: of each message. `sent_count`: the number of recipients in the gateway's answer. None: a receipt or
    the listing proved the acceptance, and these report single messages. Unless every message is known to be sent, a
    look-up first finds those that the gateway left out; nothing irreversible is written until then (protocol P9).
    """
    entered.require(LaneKind.RECONCILE, LaneKind.SYNC_CRM)
    conn, portal_id = entered.conn, entered.portal_id
    message_ids = attempts.message_ids(conn, portal_id, attempt_id)
    attempts.settle(
        conn, portal_id, attempt_id, AttemptOutcome.ACCEPTED, cause, lookup_in_s=RECEIPT_OVERDUE_S
    )
    known_count = attempts.note_answer(
        conn, portal_id, attempt_id, ticket=ticket, sent_count=sent_count, counters=counters
    )
    if len(message_ids) > 1:
        hold_messages(conn, portal_id, message_ids)
    is_whole = len(message_ids) == 1 or known_count == len(message_ids)
    moved = move_messages(
        conn,
        portal_id,
        message_ids,
        MessageState.ACCEPTED,
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
        plan_writes(entered, moved, occurred_at=None)
        confirm_messages(entered, late)
    else:
        attempts.await_membership(conn, portal_id, attempt_id, lookup_in_s=MEMBERSHIP_ASKED_S)
    lanes.wake(entered, LaneKind.RECONCILE, attempts.next_lookup_at(conn, portal_id))
