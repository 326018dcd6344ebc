"""Deliver: hand queued messages to the gateway, one claim and one call at a time.

The claim (state `sending`, attempt, gateway ids) is committed before the call. What comes back is recorded against
that attempt; what does not come back is `unknown`, never `queued` (protocol P3, P5, P10, P11).
"""

from datetime import UTC, datetime, timedelta

import structlog

from connector.smsfactor.errors import NotSent, OutcomeUnknown, Refused
from connector.smsfactor.payloads import PushType, SendAnswer, SendCall
from connector.store import accounts, attempts, lanes, portals, problems, waiting
from connector.store.accounts import Link
from connector.store.attempts import Claim
from connector.store.lanes import Turn
from connector.use_cases import record_outcome
from connector.use_cases.compose_message import slot_of
from connector.use_cases.move_messages import move_messages
from connector.wiring import Wiring
from connector.worker.runner import BackOff

log = structlog.get_logger()

# What a definite refusal means for the message: these are about the account, so the message waits.
_ACCOUNT_REFUSALS = {"auth": "gateway_auth", "no_credits": "gateway_no_credits", "forbidden": "gateway_auth"}
PUSH_TYPES: dict[str, PushType] = {"alert": "alert", "marketing": "marketing"}
_PAUSE_S = {"gateway_auth": 300.0, "gateway_no_credits": 60.0}


def deliver(wiring: Wiring, turn: Turn) -> bool:
    """One batch: settle what a dead worker left, claim, call, record. True when there may be more."""
    _take_over(wiring, turn)
    _sort_out(wiring, turn)
    with wiring.pool.connection() as conn:
        claim = attempts.claim(conn, turn, call_s=wiring.settings.gateway_timeout_s)
        link = accounts.link(conn, wiring.vault, turn.portal_id, claim.link_id) if claim else None
    if claim is None or link is None:
        return False
    _send(wiring, turn, claim, link)
    return True


def _take_over(wiring: Wiring, turn: Turn) -> None:
    """Messages `sending` under an older fence: their worker is gone, their call may have left."""
    with wiring.pool.connection() as conn:
        left = attempts.abandoned(conn, turn)
        if left:
            lanes.enter(conn, turn.portal_id, "reconcile")
        for attempt_id in left:
            log.warning("attempt_abandoned", attempt_id=str(attempt_id))
            record_outcome.doubt(
                conn,
                turn.portal_id,
                attempt_id,
                "worker_lost",
                lookup_in_s=wiring.settings.unknown_lookup_after_s,
            )


def _sort_out(wiring: Wiring, turn: Turn) -> None:
    """Queue what has come due; stop or postpone what may not leave now (too old, opted out, outside legal hours)."""
    portal_id, call_s = turn.portal_id, wiring.settings.gateway_timeout_s
    with wiring.pool.connection() as conn:
        move_messages(conn, portal_id, waiting.come_due(conn, portal_id), "queued", cause="schedule")
        stale = waiting.stale(conn, portal_id, call_s=call_s)
        move_messages(conn, portal_id, stale.too_late, "too_late", cause="age", reason="too_old")
        move_messages(conn, portal_id, stale.opted_out, "blocked", cause="consent", reason="opted_out")
        portal = portals.find(conn, portal_id) if stale.out_of_hours else None
        for row in stale.out_of_hours:
            assert portal is not None, "a message has a portal"
            # From the end of the call on: the margin that closed this window must not reopen it.
            asked = datetime.now(UTC) + timedelta(seconds=call_s)
            slot = slot_of(portal, "marketing", row["recipient_country"], asked)
            waiting.move_slot(conn, portal_id, row["message_id"], due_at=slot.at, slot_ends_at=slot.ends_at)


def _send(wiring: Wiring, turn: Turn, claim: Claim, link: Link) -> None:
    # Nobody else can have claimed before the lease ends; a call that could outlive it is not begun (P3).
    if turn.lease_left_s() <= wiring.settings.gateway_timeout_s:
        _put_back(wiring, turn, claim, outcome="not_sent", cause="lease_short", reason=None)
        raise BackOff("lease_short", 0.0)
    first = claim.messages[0]
    call = SendCall(
        text=first.text,
        push_type=PUSH_TYPES[first.push_type],
        sender=first.sender,
        unicode=first.unicode,
        recipients=tuple((m.gateway_id, m.recipient.lstrip("+")) for m in claim.messages),
        links=first.links,
    )
    try:
        answer = wiring.smsfactor.send(link.token or "", call)
    except NotSent as fault:
        log.warning("gateway_unreachable", attempt_id=str(claim.attempt_id))
        _put_back(wiring, turn, claim, outcome="not_sent", cause="not_sent", reason="gateway_unreachable")
        raise BackOff("gateway_unreachable", _short_delay_s(turn)) from fault
    except Refused as refusal:
        _refused(wiring, turn, claim, link, refusal)
    except OutcomeUnknown as fault:
        log.warning("send_unanswered", attempt_id=str(claim.attempt_id), error=str(fault))
        with wiring.pool.connection() as conn:
            lanes.enter(conn, turn.portal_id, "reconcile")
            record_outcome.doubt(
                conn,
                turn.portal_id,
                claim.attempt_id,
                "no_answer",
                lookup_in_s=wiring.settings.unknown_lookup_after_s,
            )
    else:
        _answered(wiring, turn, claim, link, answer)


def _answered(wiring: Wiring, turn: Turn, claim: Claim, link: Link, answer: SendAnswer) -> None:
    portal_id = turn.portal_id
    with wiring.pool.connection() as conn:
        lanes.enter(conn, portal_id, "reconcile", "sync_crm")
        if answer.moderated:
            record_outcome.moderate(
                conn, portal_id, claim.attempt_id, ticket=answer.ticket, cost_credits=answer.cost
            )
        elif answer.sent == 0:
            record_outcome.refuse(conn, portal_id, claim.attempt_id, _filter_reason(answer))
        else:
            record_outcome.accept(
                conn,
                portal_id,
                claim.attempt_id,
                ticket=answer.ticket,
                cost_credits=answer.cost,
                cause="answer",
            )
        accounts.save_credits_after_send(conn, link.client_id, answer.credits)
        for code in ("gateway_auth", "gateway_no_credits"):
            problems.close_problem(conn, portal_id, code)
    log.info(
        "message_handed_over",
        attempt_id=str(claim.attempt_id),
        ticket=answer.ticket,
        sent=answer.sent,
        moderated=answer.moderated,
    )


def _filter_reason(answer: SendAnswer) -> str:
    """Why the gateway sent to nobody: the one counter that is not zero (protocol P9)."""
    reasons = [name for name, number in answer.counters.items() if number]
    if "duplicated" in reasons:
        log.error("duplicate_in_call", ticket=answer.ticket)  # a defect of ours (protocol P8)
    only = reasons[0] if len(reasons) == 1 else "filtered"
    return {"invalid": "invalid_number"}.get(only, only)


def _refused(wiring: Wiring, turn: Turn, claim: Claim, link: Link, refusal: Refused) -> None:
    """A definite no. About the account: the message waits. About the message: it is refused. Nothing was charged."""
    log.warning("gateway_refused", attempt_id=str(claim.attempt_id), kind=refusal.kind, status=refusal.status)
    if refusal.kind == "rate_limited":
        _put_back(wiring, turn, claim, outcome="refused", cause="rate_limited", reason=None)
        raise BackOff("rate_limited", refusal.retry_after_s or 10.0)
    reason = _ACCOUNT_REFUSALS.get(refusal.kind)
    if reason is None:
        with wiring.pool.connection() as conn:
            record_outcome.refuse(conn, turn.portal_id, claim.attempt_id, "gateway_invalid")
        return
    _put_back(wiring, turn, claim, outcome="refused", cause=reason, reason=reason)
    with wiring.pool.connection() as conn:
        accounts.pause(conn, link.client_id, reason, _PAUSE_S[reason])
        problems.open_problem(conn, turn.portal_id, reason)


def _put_back(
    wiring: Wiring, turn: Turn, claim: Claim, *, outcome: str, cause: str, reason: str | None
) -> None:
    with wiring.pool.connection() as conn:
        lanes.enter(conn, turn.portal_id, "deliver")
        record_outcome.put_back(
            conn, turn.portal_id, claim.attempt_id, outcome=outcome, cause=cause, reason=reason
        )


def _short_delay_s(turn: Turn) -> float:
    """1, 2, 4 ... 30 s: the gateway's absence is short, and a person looks at the card."""
    return float(min(30, 2 ** min(turn.failures, 5)))
