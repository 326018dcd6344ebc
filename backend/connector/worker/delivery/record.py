"""Last step of delivering: record the call's result for its attempt (protocol P5, P9-P12)."""

from typing import assert_never

import structlog

from connector.domain.message import DELIVERY_LANES
from connector.domain.vocabulary import (
    AnyCause,
    AttemptOutcome,
    Cause,
    GatewayRefusal,
    LaneKind,
    ProblemCode,
    Reason,
)
from connector.smsfactor.errors import NotSent, OutcomeUnknown, Refused
from connector.smsfactor.payloads import SendAnswer
from connector.store import lanes
from connector.store.database import Conn
from connector.store.lanes import Entered, Turn
from connector.store.messages import limits
from connector.store.messages.claims import Claim
from connector.store.messages.messages import Message
from connector.store.portals import accounts, balances, problems
from connector.store.portals.accounts import AccountLink
from connector.use_cases.delivery.accept_attempt import accept_attempt
from connector.use_cases.delivery.doubt_attempt import doubt_attempt
from connector.use_cases.delivery.leave_out_messages import reason_of
from connector.use_cases.delivery.moderate_attempt import moderate_attempt
from connector.use_cases.delivery.refuse_attempt import refuse_attempt
from connector.use_cases.delivery.requeue_attempt import requeue_attempt
from connector.wiring import Wiring
from connector.worker.delivery.call import CallResult, LeaseShort
from connector.worker.delivery.claim import Batch
from connector.worker.runner import BackOff
from connector.worker.transactions import until_stored

log = structlog.get_logger()

# Definite refusals about the account rather than the message: the message waits.
_ACCOUNT_REFUSALS = {
    GatewayRefusal.AUTH: Reason.GATEWAY_AUTH,
    GatewayRefusal.NO_CREDITS: Reason.GATEWAY_NO_CREDITS,
}


def record(wiring: Wiring, turn: Turn, batch: Batch, result: CallResult) -> None:
    """Record the result; raises BackOff when the lane must wait before its next call.

    Each of its transactions is repeated until it is stored: the answer exists only here.
    """
    claim = batch.claim
    match result:
        case SendAnswer():
            _answered(wiring, turn, batch, result)
        case Refused():
            _refused(wiring, turn, batch, result)
        case OutcomeUnknown():
            _unanswered(wiring, turn, claim, result)
        case NotSent():
            log.warning("gateway_unreachable", attempt_id=str(claim.attempt_id))
            _put_back(
                wiring,
                turn,
                claim,
                outcome=AttemptOutcome.NOT_SENT,
                cause=Cause.NOT_SENT,
                reason=Reason.GATEWAY_UNREACHABLE,
            )
            raise BackOff(Reason.GATEWAY_UNREACHABLE, _short_delay_s(turn)) from result
        case LeaseShort():
            _put_back(
                wiring, turn, claim, outcome=AttemptOutcome.NOT_SENT, cause=Cause.LEASE_SHORT, reason=None
            )
            raise BackOff(Cause.LEASE_SHORT, 0.0)
        case _:
            assert_never(result)


def _unanswered(wiring: Wiring, turn: Turn, claim: Claim, fault: OutcomeUnknown) -> None:
    log.warning("send_unanswered", attempt_id=str(claim.attempt_id), error=str(fault))

    def step(conn: Conn) -> None:
        entered = lanes.enter(conn, turn.portal_id, LaneKind.RECONCILE)
        doubt_attempt(
            entered,
            claim.attempt_id,
            Cause.NO_ANSWER,
            lookup_in_s=wiring.settings.unknown_lookup_after_s,
        )

    until_stored(wiring, step)
    if fault.retry_after_s is not None:
        raise BackOff(Cause.NO_ANSWER, fault.retry_after_s)


def _answered(wiring: Wiring, turn: Turn, batch: Batch, answer: SendAnswer) -> None:
    claim, link = batch.claim, batch.link

    def step(conn: Conn) -> None:
        entered = lanes.enter(conn, turn.portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM)
        _record_answer(entered, claim, answer)
        balances.save_credits_after_send(conn, link.client_id, answer.credits)
        if accounts.note_call_taken(conn, link.client_id):
            for portal_id in accounts.linked_portals(conn, link.client_id):
                for code in (ProblemCode.GATEWAY_AUTH, ProblemCode.GATEWAY_NO_CREDITS):
                    problems.close_problem(conn, portal_id, code)

    until_stored(wiring, step)
    log.info(
        "call_taken",
        attempt_id=str(claim.attempt_id),
        ticket=answer.ticket,
        messages=len(claim.messages),
        sent=answer.sent,
        moderated=answer.moderated,
    )


def _record_answer(entered: Entered, claim: Claim, answer: SendAnswer) -> None:
    counters = {name: number for name, number in answer.counters.items() if number}
    if Reason.DUPLICATED in counters:
        log.error("duplicate_in_call", ticket=answer.ticket)  # a defect of ours (protocol P8)
    attempt_id, number = claim.attempt_id, len(claim.messages)
    cost = cost_of_each(claim.messages, answer)
    sent = min(answer.sent, number)
    if answer.moderated:
        moderate_attempt(
            entered,
            attempt_id,
            ticket=answer.ticket,
            cost_credits=cost,
            sent_count=sent,
            counters=counters,
        )
    elif sent == 0 and (number == 1 or len(counters) == 1):
        refuse_attempt(entered, attempt_id, reason_of(counters))
    else:
        accept_attempt(
            entered,
            attempt_id,
            ticket=answer.ticket,
            cost_credits=cost,
            sent_count=sent,
            counters=counters,
            cause=Cause.ANSWER,
        )


def cost_of_each(messages: list[Message], answer: SendAnswer) -> int | None:
    """Credits of one message of the call; the answer has only the sum.

    A country's SMS may cost several credits, so a divisible sum proves nothing if countries are mixed. None: the
    answer does not give it; the gateway's listing may have it.
    """
    if answer.cost is None or answer.sent <= 0:
        return None
    parts = messages[0].parts
    if answer.cost == parts * answer.sent:
        return parts
    is_one_country = len({message.recipient_country for message in messages}) == 1
    return answer.cost // answer.sent if is_one_country and answer.cost % answer.sent == 0 else None


def _refused(wiring: Wiring, turn: Turn, batch: Batch, refusal: Refused) -> None:
    """Record a definite refusal, which charges nothing.

    If it concerns the account, the messages wait; if it concerns the message, they are refused.
    """
    claim = batch.claim
    log.warning("gateway_refused", attempt_id=str(claim.attempt_id), kind=refusal.kind, status=refusal.status)
    if refusal.kind == GatewayRefusal.RATE_LIMITED:
        _put_back(
            wiring,
            turn,
            claim,
            outcome=AttemptOutcome.REFUSED,
            cause=Cause.RATE_LIMITED,
            reason=None,
        )
        raise BackOff(Cause.RATE_LIMITED, refusal.retry_after_s or 10.0)
    reason = _ACCOUNT_REFUSALS.get(refusal.kind)
    if reason is None:

        def refuse(conn: Conn) -> None:
            entered = lanes.enter(conn, turn.portal_id, LaneKind.SYNC_CRM)
            refuse_attempt(entered, claim.attempt_id, Reason.GATEWAY_INVALID)

        until_stored(wiring, refuse)
        return
    until_stored(wiring, lambda conn: _split_or_pause(conn, batch.link, reason, len(claim.messages)))
    _put_back(wiring, turn, claim, outcome=AttemptOutcome.REFUSED, cause=reason, reason=reason)


def _split_or_pause(conn: Conn, link: AccountLink, reason: Reason, number: int) -> None:
    """Try half the messages once, as the credits may suffice for those; then pause the account (P12)."""
    is_split = reason == Reason.GATEWAY_NO_CREDITS and number > 1
    if is_split and accounts.call_limit(conn, link.client_id) is None:
        accounts.limit_call(conn, link.client_id, number // 2)
        return
    accounts.pause(conn, link.client_id, reason)
    for portal_id in accounts.linked_portals(conn, link.client_id):
        problems.open_problem(conn, portal_id, ProblemCode(reason))


def _put_back(
    wiring: Wiring,
    turn: Turn,
    claim: Claim,
    *,
    outcome: AttemptOutcome,
    cause: AnyCause,
    reason: Reason | None,
) -> None:
    def step(conn: Conn) -> None:
        entered = lanes.enter(conn, turn.portal_id, *DELIVERY_LANES)
        requeue_attempt(entered, claim.attempt_id, outcome=outcome, cause=cause, reason=reason)
        if claim.messages[0].priority > 0:
            limits.give_back(conn, turn.portal_id, len(claim.messages))

    until_stored(wiring, step)


def _short_delay_s(turn: Turn) -> float:
    """1, 2, 4 ... 30 s: the gateway is never unavailable for long, and a user looks at the card."""
    return float(min(30, 2 ** min(turn.failures, 5)))
