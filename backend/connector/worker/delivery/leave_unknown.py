"""Calls that a look-up could not settle: they are looked up again, or given up (protocol P6, P10)."""

from datetime import UTC, datetime

from connector.domain.vocabulary import AttemptOutcome, Cause, LaneKind, MessageState, Reason
from connector.store import lanes
from connector.store.lanes import Entered
from connector.store.messages import attempts, messages
from connector.store.messages.attempts import Attempt
from connector.use_cases.delivery.apply_reports import Report, apply_reports
from connector.use_cases.delivery.give_up_attempt import give_up_attempt
from connector.use_cases.delivery.hold_rows import hold_attempts
from connector.wiring import Wiring

# After this age of a call without an answer, we never send its messages again (protocol P6).
RESEND_UNTIL_S = 24 * 3600.0
MODERATED_AGAIN_S = 3600.0
MODERATED_UNTIL_S = 7 * 24 * 3600.0


def ask_again(wiring: Wiring, attempt: Attempt, in_s: float, *, absent: bool = False) -> None:
    """Look the call up again in `in_s` seconds; `absent` as in the store."""
    with wiring.pool.connection() as conn:
        attempts.look_up_again(conn, attempt.portal_id, attempt.attempt_id, in_s=in_s, absent=absent)


def ask_moderated_again(entered: Entered, attempt: Attempt) -> None:
    """SMSFactor is still checking the campaign; after a week without a result the call is given up."""
    entered.require(LaneKind.RECONCILE)
    conn = entered.conn
    if attempt.age_s > MODERATED_UNTIL_S:
        give_up_attempt(conn, attempt.portal_id, attempt.attempt_id, Reason.NOT_FOUND)
    else:
        attempts.look_up_again(conn, attempt.portal_id, attempt.attempt_id, in_s=MODERATED_AGAIN_S)


def give_up(wiring: Wiring, attempt: Attempt, reason: Reason) -> None:
    """Give up a call that the gateway cannot be asked about: accepted messages expire, others become `unresolved`."""
    if attempt.outcome == AttemptOutcome.ACCEPTED:
        expire(wiring, attempt)
        return
    with wiring.pool.connection() as conn:
        give_up_attempt(conn, attempt.portal_id, attempt.attempt_id, reason)


def expire(wiring: Wiring, attempt: Attempt) -> None:
    """End an accepted call without receipts."""
    report = Report(MessageState.EXPIRED, Reason.NO_RECEIPT, None, datetime.now(UTC))
    with wiring.pool.connection() as conn:
        entered = lanes.enter(conn, attempt.portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM)
        ids = hold_attempts(conn, attempt.portal_id, [attempt.attempt_id])
        found = messages.find(conn, attempt.portal_id, ids)
        apply_reports(entered, [(m, report) for m in found], cause=Cause.LOOK_UP)
        attempts.end_lookups(conn, attempt.portal_id, attempt.attempt_id)
