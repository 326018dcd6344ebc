"""Last step of reconciling: decide from the complete listing how one call ends (protocol P6, P10)."""

from datetime import UTC, datetime

import structlog

from connector.domain.message import DELIVERY_LANES, RECEIPT_STATES
from connector.domain.vocabulary import AttemptOutcome, Cause, LaneKind, MessageState, Reason
from connector.smsfactor.payloads import GatewayMessage
from connector.store import lanes
from connector.store.lanes import Entered, Turn
from connector.store.messages import attempts, messages
from connector.store.messages.attempts import Attempt
from connector.store.messages.messages import Message
from connector.use_cases.delivery.accept_attempt import RECEIPT_OVERDUE_S, accept_attempt
from connector.use_cases.delivery.apply_reports import Report, apply_reports
from connector.use_cases.delivery.deny_messages import deny_messages
from connector.use_cases.delivery.hold_rows import hold_attempts
from connector.use_cases.delivery.requeue_attempt import requeue_attempt
from connector.wiring import Wiring
from connector.worker.delivery.due_calls import DueCall
from connector.worker.delivery.leave_unknown import (
    RESEND_UNTIL_S,
    ask_again,
    ask_moderated_again,
    expire,
    give_up,
)
from connector.worker.delivery.look_up import LookUp
from connector.worker.delivery.membership import settle_membership

log = structlog.get_logger()

# Final states that the listing may report for an accepted message.
_LAST_WORDS = (RECEIPT_STATES - {MessageState.ACCEPTED}) | {MessageState.REFUSED}


def settle(wiring: Wiring, turn: Turn, call: DueCall, found: LookUp) -> None:
    """Record what the listing means for one call."""
    attempt, members, rows = call.attempt, call.members, found.listing.rows
    open_ids = {member.gateway_id for member in members if member.is_latest and not member.is_final}
    listed = [rows[gateway_id] for gateway_id in sorted(open_ids & rows.keys())]
    if attempt.is_membership_pending:
        settle_membership(wiring, turn, found.token, attempt, members, found.listing)
    elif listed:
        _found(wiring, attempt, listed)
    elif attempt.outcome == AttemptOutcome.UNKNOWN and (
        settled := [m.gateway_id for m in members if m.is_latest and m.gateway_id in rows]
    ):
        # Only messages that receipts have settled are listed, which still proves that the call was accepted.
        _found(wiring, attempt, [rows[gateway_id] for gateway_id in settled])
    else:
        _absent(wiring, attempt)


def _found(wiring: Wiring, attempt: Attempt, found: list[GatewayMessage]) -> None:
    log.info("attempt_found", attempt_id=str(attempt.attempt_id), rows=len(found))
    portal_id = attempt.portal_id
    is_checked_still = attempt.outcome == AttemptOutcome.MODERATED and any(
        row.state in (MessageState.MODERATED, None) for row in found
    )
    with wiring.pool.connection() as conn:
        entered = lanes.enter(conn, portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM)
        hold_attempts(conn, portal_id, [attempt.attempt_id])
        if attempt.outcome == AttemptOutcome.UNKNOWN:
            ticket = next((row.ticket for row in found if row.ticket), None)
            accept_attempt(entered, attempt.attempt_id, ticket=ticket, cause=Cause.LOOK_UP)
        elif _is_early(attempt):
            # Asked because its receipts are overdue; messages without a final state get theirs later.
            attempts.end_early_lookup(conn, portal_id, attempt.attempt_id, receipts_s=RECEIPT_OVERDUE_S)
        elif not is_checked_still:
            attempts.end_lookups(conn, portal_id, attempt.attempt_id)
        known = messages.find_by_gateway_ids(conn, portal_id, [row.gateway_id or "" for row in found])
        _apply_rows(entered, attempt, [(known[row.gateway_id or ""], row) for row in found])
        if is_checked_still:
            ask_moderated_again(entered, attempt)


def _apply_rows(entered: Entered, attempt: Attempt, listed: list[tuple[Message, GatewayMessage]]) -> None:
    """Apply the listed states; a message without a final state after 72 hours expires (protocol P10)."""
    reports: list[tuple[Message, Report]] = []
    denied: list[tuple[Message, Report]] = []
    for message, row in listed:
        state, reason = row.state, row.reason
        if attempt.outcome == AttemptOutcome.ACCEPTED and state not in _LAST_WORDS:
            if _is_early(attempt):
                continue
            state, reason = MessageState.EXPIRED, Reason.NO_RECEIPT
        if state == MessageState.REFUSED or state in RECEIPT_STATES:
            report = Report(state, reason, row.ticket, row.receipt_at or datetime.now(UTC))
            (denied if state == MessageState.REFUSED else reports).append((message, report))
    deny_messages(entered, denied)
    apply_reports(entered, reports, cause=Cause.LOOK_UP)
    messages.fill_in(
        entered.conn,
        attempt.portal_id,
        [message.message_id for message, _ in listed],
        ticket=None,
        costs=[row.cost_credits for _, row in listed],
    )


def _is_early(attempt: Attempt) -> bool:
    """Whether an accepted call is looked up before its receipts can be given up."""
    return attempt.outcome == AttemptOutcome.ACCEPTED and attempt.age_s < RECEIPT_OVERDUE_S


def _absent(wiring: Wiring, attempt: Attempt) -> None:
    """Handle a call that is missing from a complete listing."""
    if _is_early(attempt):
        with wiring.pool.connection() as conn:
            attempts.end_early_lookup(
                conn, attempt.portal_id, attempt.attempt_id, receipts_s=RECEIPT_OVERDUE_S
            )
    elif attempt.outcome == AttemptOutcome.ACCEPTED:
        # Accepted by its own answer or receipt, but not listed: only the receipt is missing.
        expire(wiring, attempt)
    elif attempt.outcome == AttemptOutcome.MODERATED:
        with wiring.pool.connection() as conn:
            entered = lanes.enter(conn, attempt.portal_id, LaneKind.RECONCILE)
            ask_moderated_again(entered, attempt)
    elif attempt.age_s > RESEND_UNTIL_S:
        give_up(wiring, attempt, Reason.NOT_FOUND)
    else:
        _judge_absence(wiring, attempt)


def _judge_absence(wiring: Wiring, attempt: Attempt) -> None:
    """Queue again once absence is proved: the call is old enough, and absent twice, far enough apart (protocol P6)."""
    settings, absent_s = wiring.settings, attempt.absent_since_s
    if attempt.age_s < settings.unknown_resend_after_s:
        # Too early for a proof, as the listing lags. Look again at twice the age, or when absence first counts.
        left_s = settings.unknown_resend_after_s - attempt.age_s
        ask_again(wiring, attempt, min(max(attempt.age_s, 1.0), left_s + 0.1))
    elif absent_s is None or absent_s < settings.unknown_lookup_apart_s:
        left_s = settings.unknown_lookup_apart_s - (absent_s or 0.0)
        ask_again(wiring, attempt, left_s + 0.1, absent=True)
    else:
        log.warning("attempt_absent", attempt_id=str(attempt.attempt_id))
        with wiring.pool.connection() as conn:
            entered = lanes.enter(conn, attempt.portal_id, *DELIVERY_LANES)
            requeue_attempt(
                entered, attempt.attempt_id, outcome=AttemptOutcome.ABSENT, cause=Cause.LOOK_UP, reason=None
            )
