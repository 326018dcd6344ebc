"""Finds the messages that the gateway left out of an accepted call, once its listing is complete (protocol P9)."""

from datetime import UTC, datetime

import structlog

from connector.domain.vocabulary import LaneKind, Reason
from connector.smsfactor.errors import GatewayError
from connector.smsfactor.payloads import ListedNumber
from connector.store import lanes
from connector.store.consent.opt_outs import ListedStop
from connector.store.lanes import Turn
from connector.store.messages import attempts
from connector.store.messages.attempts import Attempt, Member
from connector.use_cases.consent.import_opt_outs import import_opt_outs
from connector.use_cases.delivery.accept_attempt import RECEIPT_OVERDUE_S
from connector.use_cases.delivery.confirm_messages import confirm_messages
from connector.use_cases.delivery.hold_rows import hold_attempts
from connector.use_cases.delivery.leave_out_messages import leave_out_messages, reason_of
from connector.wiring import Wiring
from connector.worker.delivery.listing import Listing, pages_of

log = structlog.get_logger()

ASK_AGAIN_S = 30.0
LISTS = (Reason.BLACKLISTED, Reason.NPAI)


def settle_membership(
    wiring: Wiring, turn: Turn, token: str, attempt: Attempt, members: list[Member], listing: Listing
) -> None:
    """Confirm listed messages and refuse the others, if the listing shows the whole call; else ask later."""
    listed = [member for member in members if member.gateway_id in listing.rows]
    pending = [member for member in members if member.is_pending and member.is_latest]
    missing = [member for member in pending if member.gateway_id not in listing.rows]
    if missing and not _is_complete(wiring, attempt, members, listing):
        _ask_again(wiring, attempt, len(listed), len(members))
        return
    reasons = _reasons(wiring, turn, token, attempt, missing)
    if reasons is None:
        _ask_again(wiring, attempt, len(listed), len(members))
        return
    log.info("left_out", attempt_id=str(attempt.attempt_id), sent=len(listed), left_out=len(missing))
    with wiring.pool.connection() as conn:
        entered = lanes.enter(conn, attempt.portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM)
        hold_attempts(conn, attempt.portal_id, [attempt.attempt_id])
        confirm_messages(entered, [m.message_id for m in pending if m.gateway_id in listing.rows])
        for reason in sorted(set(reasons.values())):
            left_out = [m.message_id for m in missing if reasons[m.recipient] == reason]
            leave_out_messages(entered, left_out, reason)
        attempts.end_membership(conn, attempt.portal_id, attempt.attempt_id, lookup_in_s=RECEIPT_OVERDUE_S)


def _is_complete(wiring: Wiring, attempt: Attempt, members: list[Member], listing: Listing) -> bool:
    """Return True if the listing shows all messages sent: it lags behind, and initially shows a campaign in parts.

    The number from the gateway's answer decides. If no answer gave it, or the listing does not reach it within a day,
    the proof is that of an absent call: old enough, and twice the same, a minute apart.
    """
    if attempt.sent_count is not None:
        shown = (
            listing.campaigns[attempt.ticket]
            if attempt.ticket
            else sum(m.gateway_id in listing.rows for m in members)
        )
        if shown == attempt.sent_count:
            return True
        least_s = 24 * 3600.0
    else:
        least_s = wiring.settings.unknown_resend_after_s
    since_s = attempt.absent_since_s
    return (
        attempt.age_s >= least_s and since_s is not None and since_s >= wiring.settings.unknown_lookup_apart_s
    )


def _ask_again(wiring: Wiring, attempt: Attempt, listed: int, number: int) -> None:
    is_old = attempt.age_s >= wiring.settings.unknown_resend_after_s
    log.info("left_out_unclear", attempt_id=str(attempt.attempt_id), listed=listed, messages=number)
    in_s = max(ASK_AGAIN_S, min(attempt.age_s / 4, 1800.0))
    if attempt.sent_count is None:
        in_s = min(in_s, max(wiring.settings.unknown_resend_after_s - attempt.age_s, 1.0))
        if is_old:
            in_s = wiring.settings.unknown_lookup_apart_s + 0.1
    with wiring.pool.connection() as conn:
        attempts.look_up_again(conn, attempt.portal_id, attempt.attempt_id, in_s=in_s, absent=is_old)


def _reasons(
    wiring: Wiring, turn: Turn, token: str, attempt: Attempt, missing: list[Member]
) -> dict[str, Reason] | None:
    """Number -> reason for leaving it out: the only counter above zero, else the account's lists, else `filtered`.

    Entries of the lists go into our ledger too (protocol P14). None: the lists cannot be read now.
    """
    counters = attempt.counters or {}
    if len(counters) == 1:
        return {member.recipient: reason_of(counters) for member in missing}
    reasons = {member.recipient: Reason.FILTERED for member in missing}
    for kind in LISTS if missing else ():
        if counters and kind not in counters:
            continue
        try:
            for page in pages_of(wiring, turn, token, kind):
                found = [row for row in page.rows if reasons.get(row.number or "") == Reason.FILTERED]
                reasons.update({row.number or "": kind for row in found})
                if kind == Reason.BLACKLISTED:
                    _learn(wiring, attempt, found)
                if Reason.FILTERED not in reasons.values():
                    break
        except GatewayError as fault:
            log.warning("lists_unread", error=type(fault).__name__)
            return None
    return reasons


def _learn(wiring: Wiring, attempt: Attempt, found: list[ListedNumber]) -> None:
    """Copy entries of the STOP list to our ledger; `leave_out_messages` notes the rest (P14)."""
    now = datetime.now(UTC)
    stops = [ListedStop(row.number or "", row.entry_id, row.listed_at or now) for row in found]
    with wiring.pool.connection() as conn:
        import_opt_outs(lanes.enter(conn, attempt.portal_id, LaneKind.SYNC_CRM), stops, began_at=now)
