"""Reconcile: ask the gateway's own listing about calls whose answer, or whose receipt, never came (protocol P6, P10).

Finding any id of a call proves that the call was accepted, whenever that is. Absence is believed only when the
attempt is old enough and two complete look-ups, far enough apart, both show none of its ids; then, within 24 hours,
the messages are queued again under the same ids. Later than that nobody will know, and the messages say so.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog

from connector.domain.message import RECEIPT_STATES
from connector.smsfactor.errors import Refused, Unavailable
from connector.smsfactor.payloads import GatewayMessage
from connector.store import accounts, attempts, lanes, messages
from connector.store.attempts import Attempt
from connector.store.database import Conn
from connector.store.lanes import Turn
from connector.use_cases import record_outcome
from connector.wiring import Wiring
from connector.worker.runner import BackOff

log = structlog.get_logger()

WINDOW = timedelta(hours=3)  # the gateway writes Paris wall-clock time, which is ambiguous twice a year
# The gateway may hold marketing until its next legal hour and then dates it there, at most some holidays away.
HELD = timedelta(days=8)
PAGE = 1000
RESEND_UNTIL_S = 24 * 3600.0
RETRY_S = 60.0
MODERATED_AGAIN_S = 3600.0
MODERATED_UNTIL_S = 7 * 24 * 3600.0


def reconcile(wiring: Wiring, turn: Turn) -> bool:
    """Look up one attempt; True when there may be another."""
    with wiring.pool.connection() as conn:
        attempt = attempts.next_to_look_up(conn, turn.portal_id)
        if attempt is None:
            return False
        link = accounts.link(conn, wiring.vault, turn.portal_id, attempt.link_id)
        gateway_ids = attempts.gateway_ids(conn, turn.portal_id, attempt.attempt_id)
    if not gateway_ids:  # receipts were faster
        _finish(wiring, attempt)
        return True
    if link is None or link.token is None:
        _nobody_knows(wiring, attempt, "account_gone")
        return True
    try:
        rows = _list(wiring, link.token, attempt)
    except Unavailable as fault:
        _ask_again(wiring, attempt, RETRY_S)
        raise BackOff("gateway_unreachable", 5.0) from fault
    except Refused as refusal:
        log.warning("look_up_refused", attempt_id=str(attempt.attempt_id), kind=refusal.kind)
        if attempt.age_s > RESEND_UNTIL_S:
            is_token = refusal.kind in ("auth", "forbidden")
            _nobody_knows(wiring, attempt, "account_gone" if is_token else "not_found")
        else:
            _ask_again(wiring, attempt, RETRY_S)
        return True
    found = [row for row in rows if row.gateway_id in gateway_ids]
    if found:
        _found(wiring, attempt, found)
    else:
        _absent(wiring, attempt)
    return True


def _list(wiring: Wiring, token: str, attempt: Attempt) -> Sequence[GatewayMessage]:
    """Every page of the window: absence on an incomplete list proves nothing."""
    rows: list[GatewayMessage] = []
    start, end = attempt.claimed_at - WINDOW, attempt.claimed_at + HELD
    while True:
        page = wiring.smsfactor.messages(
            token, start=start, end=end, offset=len(rows), length=PAGE, direction="outbound"
        )
        rows.extend(page.rows)
        if len(rows) >= page.total:
            return rows
        if not page.rows:
            raise Unavailable("the listing ended before its total")


def _found(wiring: Wiring, attempt: Attempt, found: list[GatewayMessage]) -> None:
    log.info("attempt_found", attempt_id=str(attempt.attempt_id), rows=len(found))
    is_checked_still = attempt.outcome == "moderated" and any(
        row.state in ("moderated", None) for row in found
    )
    with wiring.pool.connection() as conn:
        lanes.enter(conn, attempt.portal_id, "reconcile", "sync_crm")
        if attempt.outcome == "unknown":
            record_outcome.accept(
                conn,
                attempt.portal_id,
                attempt.attempt_id,
                ticket=found[0].ticket,
                cost_credits=found[0].cost_credits,
                cause="look-up",
            )
        elif not is_checked_still:
            attempts.end_lookups(conn, attempt.portal_id, attempt.attempt_id)
        for row in found:
            _apply_row(conn, attempt, row)
        if is_checked_still:
            _ask_moderated_again(conn, attempt)


def _apply_row(conn: Conn, attempt: Attempt, row: GatewayMessage) -> None:
    """What the listing says of one message; without a final word after 72 hours it has expired (protocol P10)."""
    message = messages.find_by_gateway_id(conn, attempt.portal_id, row.gateway_id or "")
    if message is None:
        return
    if row.state == "refused":
        record_outcome.refuse_after_all(conn, attempt.portal_id, message, row.reason, ticket=row.ticket)
        return
    state, reason = row.state, row.reason
    if attempt.outcome == "accepted" and state not in RECEIPT_STATES - {"accepted"}:
        state, reason = "expired", "no_receipt"
    if state in RECEIPT_STATES and not (state == "accepted" and attempt.outcome == "unknown"):
        record_outcome.receive(
            conn,
            attempt.portal_id,
            message,
            state,
            reason=reason,
            ticket=row.ticket,
            occurred_at=row.receipt_at or datetime.now(UTC),
            cause="look-up",
        )


def _absent(wiring: Wiring, attempt: Attempt) -> None:
    """A complete listing without the call."""
    settings = wiring.settings
    portal_id, attempt_id = attempt.portal_id, attempt.attempt_id
    if attempt.outcome == "accepted":
        # Accepted by its own answer or receipt, but not listed: only the receipt is missing.
        _expire(wiring, attempt)
    elif attempt.outcome == "moderated":
        with wiring.pool.connection() as conn:
            lanes.enter(conn, portal_id, "reconcile")
            _ask_moderated_again(conn, attempt)
    elif attempt.age_s > RESEND_UNTIL_S:
        _nobody_knows(wiring, attempt, "not_found")
    elif attempt.age_s < settings.unknown_resend_after_s:
        # Too early to prove anything; the listing lags. Look again at twice the age, at the latest when it counts.
        left_s = settings.unknown_resend_after_s - attempt.age_s
        _ask_again(wiring, attempt, min(max(attempt.age_s, 1.0), left_s + 0.1))
    elif attempt.absent_since_s is None or attempt.absent_since_s < settings.unknown_lookup_apart_s:
        left_s = settings.unknown_lookup_apart_s - (attempt.absent_since_s or 0.0)
        _ask_again(wiring, attempt, left_s + 0.1, absent=True)
    else:
        log.warning("attempt_absent", attempt_id=str(attempt_id))
        with wiring.pool.connection() as conn:
            lanes.enter(conn, portal_id, "deliver")
            record_outcome.put_back(
                conn, portal_id, attempt_id, outcome="absent", cause="look-up", reason=None
            )


def _ask_moderated_again(conn: Conn, attempt: Attempt) -> None:
    """SMSFactor is still checking the campaign; after a week without a word nobody knows."""
    if attempt.age_s > MODERATED_UNTIL_S:
        record_outcome.give_up(conn, attempt.portal_id, attempt.attempt_id, "not_found")
    else:
        attempts.look_up_again(conn, attempt.portal_id, attempt.attempt_id, in_s=MODERATED_AGAIN_S)


def _expire(wiring: Wiring, attempt: Attempt) -> None:
    with wiring.pool.connection() as conn:
        lanes.enter(conn, attempt.portal_id, "reconcile", "sync_crm")
        for message_id in attempts.message_ids(conn, attempt.portal_id, attempt.attempt_id):
            record_outcome.receive(
                conn,
                attempt.portal_id,
                messages.get(conn, attempt.portal_id, message_id),
                "expired",
                reason="no_receipt",
                ticket=None,
                occurred_at=datetime.now(UTC),
                cause="look-up",
            )
        attempts.end_lookups(conn, attempt.portal_id, attempt.attempt_id)


def _finish(wiring: Wiring, attempt: Attempt) -> None:
    with wiring.pool.connection() as conn:
        attempts.end_lookups(conn, attempt.portal_id, attempt.attempt_id)


def _nobody_knows(wiring: Wiring, attempt: Attempt, reason: str) -> None:
    """The gateway cannot be asked any more: what was accepted expires, the rest is unresolved."""
    if attempt.outcome == "accepted":
        _expire(wiring, attempt)
        return
    with wiring.pool.connection() as conn:
        record_outcome.give_up(conn, attempt.portal_id, attempt.attempt_id, reason)


def _ask_again(wiring: Wiring, attempt: Attempt, in_s: float, *, absent: bool = False) -> None:
    with wiring.pool.connection() as conn:
        attempts.look_up_again(conn, attempt.portal_id, attempt.attempt_id, in_s=in_s, absent=absent)
