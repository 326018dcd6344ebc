"""Reconcile: ask the gateway's own listing about calls whose answer, members or receipts are not known (P6, P9, P10).

One pass over the listing serves all calls that are due and were made around the same time. Finding any id of a call
proves that the call was accepted, whenever that is. Absence is believed only when the attempt is old enough and two
complete look-ups, far enough apart, both show none of its ids; then, within 24 hours, the messages are queued again
under the same ids. Later than that nobody will know, and the messages say so.
"""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

import structlog

from connector.domain.message import RECEIPT_STATES
from connector.smsfactor.errors import Refused, Unavailable
from connector.smsfactor.payloads import GatewayMessage
from connector.store import lanes
from connector.store.database import Conn
from connector.store.lanes import Turn
from connector.store.messages import attempts, messages
from connector.store.messages.attempts import Attempt, Member
from connector.store.messages.messages import Message
from connector.store.portals import accounts
from connector.use_cases.delivery import delivery_outcome
from connector.use_cases.delivery.delivery_outcome import Told
from connector.wiring import Wiring
from connector.worker.delivery.listing import Listing, read_listing
from connector.worker.delivery.membership import settle_membership
from connector.worker.runner import BackOff

log = structlog.get_logger()

RESEND_UNTIL_S = 24 * 3600.0
RETRY_S = 60.0
MODERATED_AGAIN_S = 3600.0
MODERATED_UNTIL_S = 7 * 24 * 3600.0
# Calls that share a pass: at most so many, made at most so far apart.
PASS_CALLS = 200
PASS_S = 3 * 3600.0


def reconcile(wiring: Wiring, turn: Turn) -> bool:
    """Look up what is due, in one pass; True when there may be more."""
    portal_id = turn.portal_id
    with wiring.pool.connection() as conn:
        due = attempts.to_look_up(conn, portal_id, window_s=PASS_S, limit=PASS_CALLS)
        if not due:
            return False
        link = accounts.link(conn, wiring.vault, portal_id, due[0].link_id)
        members: dict[uuid.UUID, list[Member]] = {attempt.attempt_id: [] for attempt in due}
        for member in attempts.members(conn, portal_id, [attempt.attempt_id for attempt in due]):
            members[member.attempt_id].append(member)
    asked = [attempt for attempt in due if not _is_over(wiring, attempt, members[attempt.attempt_id])]
    if not asked:
        return True
    if link is None or link.token is None:
        for attempt in asked:
            _nobody_knows(wiring, attempt, "account_gone")
        return True
    listing = _read(wiring, turn, link.token, asked, members)
    if listing is not None:
        for attempt in asked:
            _settle(wiring, turn, link.token, attempt, members[attempt.attempt_id], listing)
    return True


def _read(
    wiring: Wiring,
    turn: Turn,
    token: str,
    asked: list[Attempt],
    members: Mapping[uuid.UUID, list[Member]],
) -> Listing | None:
    """The listing around these calls. None: the gateway refused to show it, and what follows is done."""
    ids = {member.gateway_id for attempt in asked for member in members[attempt.attempt_id]}
    first, last = min(a.claimed_at for a in asked), max(a.claimed_at for a in asked)
    try:
        return read_listing(wiring, turn, token, first=first, last=last, gateway_ids=ids)
    except Unavailable as fault:
        for attempt in asked:
            _ask_again(wiring, attempt, RETRY_S)
        raise BackOff("gateway_unreachable", 5.0) from fault
    except Refused as refusal:
        for attempt in asked:
            _look_up_refused(wiring, attempt, refusal)
        return None


def _is_over(wiring: Wiring, attempt: Attempt, members: list[Member]) -> bool:
    """Receipts were faster: every message of the call has its final state."""
    if any(member.is_latest and not member.is_final for member in members):
        return False
    with wiring.pool.connection() as conn:
        attempts.end_lookups(conn, attempt.portal_id, attempt.attempt_id)
    return True


def _look_up_refused(wiring: Wiring, attempt: Attempt, refusal: Refused) -> None:
    log.warning("look_up_refused", attempt_id=str(attempt.attempt_id), kind=refusal.kind)
    if attempt.age_s > RESEND_UNTIL_S:
        is_token = refusal.kind in ("auth", "forbidden")
        _nobody_knows(wiring, attempt, "account_gone" if is_token else "not_found")
    else:
        _ask_again(wiring, attempt, RETRY_S)


def _settle(
    wiring: Wiring, turn: Turn, token: str, attempt: Attempt, members: list[Member], listing: Listing
) -> None:
    """What the listing means for one call."""
    open_ids = {member.gateway_id for member in members if member.is_latest and not member.is_final}
    found = [listing.rows[gateway_id] for gateway_id in sorted(open_ids & listing.rows.keys())]
    if attempt.is_membership_pending:
        settle_membership(wiring, turn, token, attempt, members, listing)
    elif found:
        _found(wiring, attempt, found)
    elif attempt.outcome == "unknown" and (
        settled := [m.gateway_id for m in members if m.is_latest and m.gateway_id in listing.rows]
    ):
        # Only messages that receipts have settled are listed: the call was accepted all the same.
        _found(wiring, attempt, [listing.rows[gateway_id] for gateway_id in settled])
    else:
        _absent(wiring, attempt)


def _found(wiring: Wiring, attempt: Attempt, found: list[GatewayMessage]) -> None:
    log.info("attempt_found", attempt_id=str(attempt.attempt_id), rows=len(found))
    portal_id = attempt.portal_id
    is_checked_still = attempt.outcome == "moderated" and any(
        row.state in ("moderated", None) for row in found
    )
    with wiring.pool.connection() as conn:
        lanes.enter(conn, portal_id, "reconcile", "sync_crm")
        if attempt.outcome == "unknown":
            ticket = next((row.ticket for row in found if row.ticket), None)
            delivery_outcome.accept(conn, portal_id, attempt.attempt_id, ticket=ticket, cause="look-up")
        elif not is_checked_still:
            attempts.end_lookups(conn, portal_id, attempt.attempt_id)
        known = messages.find_by_gateway_ids(conn, portal_id, [row.gateway_id or "" for row in found])
        _apply_rows(conn, attempt, [(known[row.gateway_id or ""], row) for row in found])
        if is_checked_still:
            _ask_moderated_again(conn, attempt)


def _apply_rows(conn: Conn, attempt: Attempt, listed: list[tuple[Message, GatewayMessage]]) -> None:
    """What the listing says of messages; without a final word after 72 hours one has expired (protocol P10)."""
    told: list[tuple[Message, Told]] = []
    denied: list[tuple[Message, Told]] = []
    for message, row in listed:
        state, reason = row.state, row.reason
        if attempt.outcome == "accepted" and state not in (RECEIPT_STATES - {"accepted"}) | {"refused"}:
            state, reason = "expired", "no_receipt"
        if state == "refused" or state in RECEIPT_STATES:
            words = Told(state, reason, row.ticket, row.receipt_at or datetime.now(UTC))
            (denied if state == "refused" else told).append((message, words))
    delivery_outcome.refuse_after_all(conn, attempt.portal_id, denied)
    delivery_outcome.receive(conn, attempt.portal_id, told, cause="look-up")
    messages.fill_in(
        conn,
        attempt.portal_id,
        [message.message_id for message, _ in listed],
        ticket=None,
        costs=[row.cost_credits for _, row in listed],
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
            delivery_outcome.put_back(
                conn, portal_id, attempt_id, outcome="absent", cause="look-up", reason=None
            )


def _ask_moderated_again(conn: Conn, attempt: Attempt) -> None:
    """SMSFactor is still checking the campaign; after a week without a word nobody knows."""
    if attempt.age_s > MODERATED_UNTIL_S:
        delivery_outcome.give_up(conn, attempt.portal_id, attempt.attempt_id, "not_found")
    else:
        attempts.look_up_again(conn, attempt.portal_id, attempt.attempt_id, in_s=MODERATED_AGAIN_S)


def _expire(wiring: Wiring, attempt: Attempt) -> None:
    word = Told("expired", "no_receipt", None, datetime.now(UTC))
    with wiring.pool.connection() as conn:
        lanes.enter(conn, attempt.portal_id, "reconcile", "sync_crm")
        ids = attempts.message_ids(conn, attempt.portal_id, attempt.attempt_id)
        found = messages.find(conn, attempt.portal_id, ids)
        delivery_outcome.receive(conn, attempt.portal_id, [(m, word) for m in found], cause="look-up")
        attempts.end_lookups(conn, attempt.portal_id, attempt.attempt_id)


def _nobody_knows(wiring: Wiring, attempt: Attempt, reason: str) -> None:
    """The gateway cannot be asked any more: what was accepted expires, the rest is unresolved."""
    if attempt.outcome == "accepted":
        _expire(wiring, attempt)
        return
    with wiring.pool.connection() as conn:
        delivery_outcome.give_up(conn, attempt.portal_id, attempt.attempt_id, reason)


def _ask_again(wiring: Wiring, attempt: Attempt, in_s: float, *, absent: bool = False) -> None:
    with wiring.pool.connection() as conn:
        attempts.look_up_again(conn, attempt.portal_id, attempt.attempt_id, in_s=in_s, absent=absent)
