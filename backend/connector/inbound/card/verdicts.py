"""The gateway's verdict on an SMS before it is sent: its cost, or a refusal."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog

from connector.domain.vocabulary import BalanceMode, Encoding, GatewayRefusal, Reason, Source, WarningCode
from connector.smsfactor.errors import GatewayError, Refused
from connector.smsfactor.payloads import SendAnswer, SendCall
from connector.store.portals import accounts
from connector.store.portals.accounts import AccountLink
from connector.store.portals.portals import Portal
from connector.use_cases.delivery.leave_out_messages import reason_of
from connector.use_cases.messages.build_message import max_age
from connector.use_cases.messages.compose_message import Composed, MessageRequest
from connector.wiring import Wiring

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on the SMS if it were sent now. It blocks nothing, as it may change before the SMS is sent."""

    cost_credits: int | None = None  # None: not in the answer
    warnings: list[dict[str, Any]] = field(default_factory=list)  # {"code", "params"}


def ask_verdict(wiring: Wiring, portal: Portal, request: MessageRequest, composed: Composed) -> Verdict:
    """Ask by a simulated send; no answer is no verdict. The balance in its answer is ignored (P12)."""
    with wiring.pool.connection() as conn:
        link = accounts.current_link(conn, wiring.vault, portal.portal_id)
    if link is None or link.api_token is None:
        return Verdict()
    call = SendCall(
        text=composed.text,
        push_type=request.push_type,
        sender=composed.sender,
        unicode=composed.segments.encoding == Encoding.UCS2,
        recipients=[("preview", request.recipient.gateway_digits)],
        links=composed.links,
    )
    try:
        return _of_answer(wiring.interactive_smsfactor.simulate(link.api_token, call))
    except Refused as refusal:
        log.info("simulation_refused", kind=refusal.kind, status=refusal.status)
        return _of_refusal(refusal, portal, link, composed)
    except GatewayError as fault:
        log.info("simulation_failed", error=type(fault).__name__)
        return Verdict()


def _of_answer(simulated: SendAnswer) -> Verdict:
    if simulated.sent:
        return Verdict(simulated.cost)
    counted = {name: number for name, number in simulated.counters.items() if number}
    return Verdict(0, [_would_refuse(reason_of(counted))])


def _of_refusal(refusal: Refused, portal: Portal, link: AccountLink, composed: Composed) -> Verdict:
    """Other refusals concern the account: the message will wait until they are fixed, and the card shows this."""
    # Accounts that pay afterwards cannot lack credits (protocol P12).
    if refusal.kind == GatewayRefusal.NO_CREDITS and (
        link.balance is None or link.balance.mode == BalanceMode.PREPAID
    ):
        hours = int(max_age(portal, Source.CARD).total_seconds() // 3600)
        return Verdict(warnings=[{"code": WarningCode.CREDITS_SHORT, "params": {"hours": hours}}])
    # If the SMS leaves later, only the hour may be wrong: the gateway may refuse marketing at night (unconfirmed).
    if refusal.kind == GatewayRefusal.INVALID and composed.slot.at <= datetime.now(UTC):
        return Verdict(warnings=[_would_refuse(Reason.GATEWAY_INVALID)])
    return Verdict()


def _would_refuse(reason: Reason) -> dict[str, Any]:
    return {"code": WarningCode.GATEWAY_WOULD_REFUSE, "params": {"reason": reason}}
