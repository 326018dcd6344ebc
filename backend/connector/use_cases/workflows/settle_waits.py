"""Settle waits that their message has decided or whose time has ended (protocol P18)."""

import uuid
from datetime import datetime

from connector.domain.vocabulary import Cause, ExecutionStatus, LaneKind, MessageState, Reason
from connector.domain.workflows import waits as rules
from connector.domain.workflows.waits import Awaited, Outcome
from connector.store import lanes
from connector.store.database import Conn
from connector.store.lanes import Entered
from connector.store.workflows import waits
from connector.store.workflows.waits import Wait
from connector.use_cases.messages.move_messages import move_messages


def settle_waits(entered: Entered, limit: int) -> int:
    """Check up to `limit` waits that are due; returns the number checked.

    `entered` for `callbacks`. When the time of a wait ends, a message that has not left is cancelled in the same
    transaction. If a worker has claimed the message meanwhile, the wait continues.
    """
    entered.require(LaneKind.CALLBACKS)
    conn, portal_id = entered.conn, entered.portal_id
    found = waits.lock_due(conn, portal_id, limit)
    decided = {wait.callback_id: rules.outcome_of(wait.wait_for, _awaited(wait)) for wait in found}
    open_ = [wait for wait in found if decided[wait.callback_id] is None]
    over = [wait for wait in open_ if _timer_at(wait) <= wait.looked_at]
    cancelled = _cancel(conn, portal_id, over)
    for wait in over:
        decided[wait.callback_id] = _outcome_at_timer(wait, is_cancelled=wait.message_id in cancelled)
    told_at = waits.conclude(
        entered,
        [
            (wait.callback_id, changes_of(outcome, wait.cost_credits))
            for wait in found
            if (outcome := decided[wait.callback_id])
        ],
    )
    waits.wait_on(
        conn,
        portal_id,
        [(wait.callback_id, _timer_at(wait)) for wait in found if decided[wait.callback_id] is None],
    )
    if told_at:
        lanes.wake(entered, LaneKind.CALLBACKS, told_at)
    return len(found)


def changes_of(outcome: Outcome, cost_credits: int | None) -> dict[str, str]:
    """The output fields that an outcome sets; the cost only once the gateway has reported it."""
    changes = {"status": outcome.status, "reason": outcome.reason, "reply": outcome.reply}
    return changes if cost_credits is None else {**changes, "cost": str(cost_credits)}


def _awaited(wait: Wait) -> Awaited:
    return Awaited(wait.state, wait.reason, wait.accepted_at, wait.is_clicked)


def _timer_at(wait: Wait) -> datetime:
    """The end of the wait, counted from the hand-over if there was one.

    While the hand-over is uncertain, the wait may last until HubSpot's own timeout. A deleted message will have no
    news, so its wait ends at the agreed time.
    """
    if wait.accepted_at is not None:
        return rules.timer_at(wait.accepted_at, wait.wait_s, wait.blocked_until)
    is_fixed = wait.state in rules.CANCELLABLE or wait.state is None
    return wait.timer_at if is_fixed else wait.blocked_until - rules.LAST_WORD


def _cancel(conn: Conn, portal_id: int, over: list[Wait]) -> set[uuid.UUID]:
    """Cancel the messages that have not left; returns the cancelled ones."""
    ours = [wait.message_id for wait in over if wait.state in rules.CANCELLABLE]
    moved = move_messages(
        conn, portal_id, ours, MessageState.CANCELLED, cause=Cause.WAIT, reason=Reason.WAIT_OVER
    )
    return {m.message.message_id for m in moved}


def _outcome_at_timer(wait: Wait, *, is_cancelled: bool) -> Outcome | None:
    if is_cancelled:
        # The message's reason says more than "wait over": no credits, gateway unavailable, legal hours.
        return Outcome(ExecutionStatus.NOT_SENT, wait.reason or Reason.WAIT_OVER)
    is_last_word = wait.blocked_until - rules.LAST_WORD <= wait.looked_at
    return rules.outcome_at_timer(_awaited(wait), is_last_word=is_last_word)
