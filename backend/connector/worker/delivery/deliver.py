"""Deliver: hand queued messages to the gateway, one claim and one call at a time; a call carries equal messages.

The claim (state `sending`, attempt, gateway ids) is committed before the call. What comes back is recorded against
that attempt; what does not come back is `unknown`, never `queued` (protocol P3, P5, P8-P12). Nothing sleeps here: a
lane that has to wait for its account's pace is released until then.
"""

import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from connector.domain.legal_calendar import closed_countries
from connector.smsfactor.errors import NotSent, OutcomeUnknown, Refused
from connector.smsfactor.payloads import PUSH_TYPES, SendAnswer, SendCall
from connector.store import lanes
from connector.store.database import Conn
from connector.store.lanes import Turn
from connector.store.messages import attempts, claims, limits, messages, queue
from connector.store.messages.claims import Claim, Claimed
from connector.store.messages.messages import Message
from connector.store.portals import accounts, portals, problems
from connector.store.portals.accounts import Link
from connector.store.portals.portals import Portal
from connector.use_cases.delivery import delivery_outcome
from connector.use_cases.delivery.plan_writes import numbers_of, plan_marks
from connector.use_cases.messages.compose_message import calendar_of, slot_of
from connector.use_cases.messages.move_messages import move_messages
from connector.use_cases.messages.watch_queue import drop_too_old, watch_queue
from connector.wiring import Wiring
from connector.worker.accounts import ask_account
from connector.worker.runner import BackOff

log = structlog.get_logger()

# What a definite refusal means for the message: these are about the account, so the message waits.
_ACCOUNT_REFUSALS = {"auth": "gateway_auth", "no_credits": "gateway_no_credits", "forbidden": "gateway_auth"}
# In which order a call looks for its first message, and how many calls of forty do so: a person (0) hardly ever waits
# for a second call, and neither alerts (1) nor marketing (2) are starved by what comes before them (protocol P4).
CLASS_ORDERS: Final = {(0, 1, 2): 29, (0, 2, 1): 9, (1, 0, 2): 1, (2, 0, 1): 1}
# Most messages of a call while other lanes wait: recording 500 takes a busy machine seconds, during which a person in
# the same portal waits. Still fewer than 10 calls per 1,000 equal messages.
SHARED_LIMIT: Final = 125


def deliver(wiring: Wiring, turn: Turn) -> bool:
    """One batch: settle what a dead worker left, claim, call, record. True when there may be more."""
    _take_over(wiring, turn)
    ask_account.ask_when_paused(wiring, turn)
    _sort_out(wiring, turn)
    [classes] = random.choices(list(CLASS_ORDERS), weights=list(CLASS_ORDERS.values()))  # noqa: S311 - shares, no secret
    with wiring.pool.connection() as conn:
        limit = SHARED_LIMIT if lanes.others_wait(conn, ["deliver"]) else claims.MAX_MESSAGES
        portal = portals.find(conn, turn.portal_id)
        assert portal is not None, "a lane has a portal"
        call_s = wiring.settings.gateway_timeout_s
        closed = closed_countries(datetime.now(UTC), calendar_of(portal), call_s=call_s)
        claimed = claims.claim(conn, turn, call_s=call_s, closed=closed, classes=classes, limit=limit)
        _settle_met(conn, portal, claimed, call_s=call_s)
        claim = claimed.claim
        link = accounts.link(conn, wiring.vault, turn.portal_id, claim.link_id) if claim else None
    if claim is None or link is None:
        return bool(claimed.opted_out or claimed.barred or claimed.closed)
    _send(wiring, turn, claim, link)
    return True


def _settle_met(conn: Conn, portal: Portal, claimed: Claimed, *, call_s: float) -> None:
    """What the claim met and may not leave: stopped, or postponed by the legal hours as they are now."""
    portal_id = portal.portal_id
    if claimed.opted_out:
        lanes.enter(conn, portal_id, "sync_crm")
        moved = move_messages(
            conn, portal_id, claimed.opted_out, "blocked", cause="consent", reason="opted_out"
        )
        plan_marks(conn, portal_id, [], met=numbers_of([m.message for m in moved]))
    move_messages(
        conn, portal_id, claimed.barred, "blocked", cause="preferences", reason="country_not_allowed"
    )
    by_country: dict[str, list[uuid.UUID]] = {}
    for message in messages.find(conn, portal_id, claimed.closed) if claimed.closed else []:
        by_country.setdefault(message.recipient_country, []).append(message.message_id)
    _postpone(conn, portal, by_country, call_s=call_s)


def _postpone(conn: Conn, portal: Portal, by_country: dict[str, list[uuid.UUID]], *, call_s: float) -> None:
    """Let queued marketing wait for the next legal hours of its recipients' countries."""
    for country, message_ids in by_country.items():
        # From the end of the call on: the margin that closed these hours must not reopen them.
        asked = datetime.now(UTC) + timedelta(seconds=call_s)
        slot = slot_of(portal, "marketing", country, asked, call_s=call_s)
        queue.move_slot(conn, portal.portal_id, message_ids, due_at=slot.at, slot_ends_at=slot.ends_at)


def _take_over(wiring: Wiring, turn: Turn) -> None:
    """Messages `sending` under an older fence: their worker is gone, their call may have left."""
    with wiring.pool.connection() as conn:
        left = attempts.abandoned(conn, turn)
        if left:
            lanes.enter(conn, turn.portal_id, "reconcile")
        for attempt_id in left:
            log.warning("attempt_abandoned", attempt_id=str(attempt_id))
            delivery_outcome.doubt(
                conn,
                turn.portal_id,
                attempt_id,
                "worker_lost",
                lookup_in_s=wiring.settings.unknown_lookup_after_s,
            )


def _sort_out(wiring: Wiring, turn: Turn) -> None:
    """Queue what has come due; stop or postpone what may not leave now (too old, outside legal hours)."""
    portal_id, call_s = turn.portal_id, wiring.settings.gateway_timeout_s
    with wiring.pool.connection() as conn:
        move_messages(conn, portal_id, queue.come_due(conn, portal_id), "queued", cause="schedule")
        drop_too_old(conn, portal_id, queue.too_old(conn, portal_id))
        watch_queue(conn, portal_id)
        late = queue.out_of_hours(conn, portal_id, call_s=call_s)
        portal = portals.find(conn, portal_id) if late else None
        if portal is not None:
            _postpone(conn, portal, late, call_s=call_s)


def _send(wiring: Wiring, turn: Turn, claim: Claim, link: Link) -> None:
    # Nobody else can have claimed before the lease ends; a call that could outlive it is not begun (P3).
    if turn.lease_left_s() <= wiring.settings.gateway_timeout_s:
        _put_back(wiring, turn, claim, outcome="not_sent", cause="lease_short", reason=None)
        raise BackOff("lease_short", 0.0)
    try:
        answer = wiring.smsfactor.send(link.token or "", call_of(claim))
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
            delivery_outcome.doubt(
                conn,
                turn.portal_id,
                claim.attempt_id,
                "no_answer",
                lookup_in_s=wiring.settings.unknown_lookup_after_s,
            )
    else:
        _answered(wiring, turn, claim, link, answer)


def call_of(claim: Claim) -> SendCall:
    """The call for a claim: what is equal is taken from its first message."""
    first = claim.messages[0]
    return SendCall(
        text=first.text,
        push_type=PUSH_TYPES[first.push_type],
        sender=first.sender,
        unicode=first.unicode,
        recipients=tuple((m.gateway_id, m.recipient.lstrip("+")) for m in claim.messages),
        links=first.links,
    )


def _answered(wiring: Wiring, turn: Turn, claim: Claim, link: Link, answer: SendAnswer) -> None:
    with wiring.pool.connection() as conn:
        lanes.enter(conn, turn.portal_id, "reconcile", "sync_crm")
        _record(conn, turn.portal_id, claim, answer)
        accounts.save_credits_after_send(conn, link.client_id, answer.credits)
        if accounts.note_call_taken(conn, link.client_id):
            for portal_id in accounts.linked_portals(conn, link.client_id):
                for code in ("gateway_auth", "gateway_no_credits"):
                    problems.close_problem(conn, portal_id, code)
    log.info(
        "call_taken",
        attempt_id=str(claim.attempt_id),
        ticket=answer.ticket,
        messages=len(claim.messages),
        sent=answer.sent,
        moderated=answer.moderated,
    )


def _record(conn: Conn, portal_id: int, claim: Claim, answer: SendAnswer) -> None:
    counters = {name: number for name, number in answer.counters.items() if number}
    if "duplicated" in counters:
        log.error("duplicate_in_call", ticket=answer.ticket)  # a defect of ours (protocol P8)
    attempt_id, number = claim.attempt_id, len(claim.messages)
    cost = cost_of_each(claim.messages, answer)
    sent = min(answer.sent, number)
    if answer.moderated:
        delivery_outcome.moderate(
            conn,
            portal_id,
            attempt_id,
            ticket=answer.ticket,
            cost_credits=cost,
            sent_count=sent,
            counters=counters,
        )
    elif sent == 0 and (number == 1 or len(counters) == 1):
        delivery_outcome.refuse(conn, portal_id, attempt_id, delivery_outcome.reason_of(counters))
    else:
        delivery_outcome.accept(
            conn,
            portal_id,
            attempt_id,
            ticket=answer.ticket,
            cost_credits=cost,
            sent_count=sent,
            counters=counters,
            cause="answer",
        )


def cost_of_each(messages: list[Message], answer: SendAnswer) -> int | None:
    """Credits of one message of the call; the answer tells the sum only.

    A country's SMS may cost several credits, so a sum that happens to divide proves nothing when countries are mixed.
    None: not known from the answer; the gateway's listing may tell it.
    """
    if answer.cost is None or answer.sent <= 0:
        return None
    parts = messages[0].parts
    if answer.cost == parts * answer.sent:
        return parts
    is_one_country = len({message.recipient_country for message in messages}) == 1
    return answer.cost // answer.sent if is_one_country and answer.cost % answer.sent == 0 else None


def _refused(wiring: Wiring, turn: Turn, claim: Claim, link: Link, refusal: Refused) -> None:
    """A definite no. About the account: the message waits. About the message: it is refused. Nothing was charged."""
    log.warning("gateway_refused", attempt_id=str(claim.attempt_id), kind=refusal.kind, status=refusal.status)
    if refusal.kind == "rate_limited":
        _put_back(wiring, turn, claim, outcome="refused", cause="rate_limited", reason=None)
        raise BackOff("rate_limited", refusal.retry_after_s or 10.0)
    reason = _ACCOUNT_REFUSALS.get(refusal.kind)
    if reason is None:
        with wiring.pool.connection() as conn:
            delivery_outcome.refuse(conn, turn.portal_id, claim.attempt_id, "gateway_invalid")
        return
    with wiring.pool.connection() as conn:
        # Credits that do not suffice for all may suffice for half: tried once, then the account is paused (P12).
        is_split = reason == "gateway_no_credits" and len(claim.messages) > 1
        if is_split and accounts.call_limit(conn, link.client_id) is None:
            accounts.limit_call(conn, link.client_id, len(claim.messages) // 2)
        else:
            accounts.pause(conn, link.client_id, reason)
            for portal_id in accounts.linked_portals(conn, link.client_id):
                problems.open_problem(conn, portal_id, reason)
    _put_back(wiring, turn, claim, outcome="refused", cause=reason, reason=reason)


def _put_back(
    wiring: Wiring, turn: Turn, claim: Claim, *, outcome: str, cause: str, reason: str | None
) -> None:
    with wiring.pool.connection() as conn:
        lanes.enter(conn, turn.portal_id, "deliver")
        delivery_outcome.put_back(
            conn, turn.portal_id, claim.attempt_id, outcome=outcome, cause=cause, reason=reason
        )
        if claim.messages[0].priority > 0:
            limits.give_back(conn, turn.portal_id, len(claim.messages))


def _short_delay_s(turn: Turn) -> float:
    """1, 2, 4 ... 30 s: the gateway's absence is short, and a person looks at the card."""
    return float(min(30, 2 ** min(turn.failures, 5)))
