"""Fourth step of delivering: the call, outside any transaction. Each possible result is a value (protocol P5)."""

from dataclasses import dataclass

from connector.smsfactor.errors import NotSent, OutcomeUnknown, Refused
from connector.smsfactor.payloads import SendAnswer, SendCall
from connector.store.lanes import Turn
from connector.store.messages.claims import Claim
from connector.wiring import Wiring
from connector.worker.delivery.claim import Batch


@dataclass(frozen=True, slots=True)
class LeaseShort:
    """The call did not begin: it could have outlived the lease."""


#: The result of a call.
CallResult = SendAnswer | Refused | NotSent | OutcomeUnknown | LeaseShort


def call(wiring: Wiring, turn: Turn, batch: Batch) -> CallResult:
    """Hand the claimed messages to the gateway, once."""
    # No other worker can claim before the lease ends; a call that could outlive it is not begun (P3).
    if turn.lease_left_s() <= wiring.settings.gateway_timeout_s:
        return LeaseShort()
    try:
        return wiring.smsfactor.send(batch.link.api_token or "", call_of(batch.claim))
    except (NotSent, Refused, OutcomeUnknown) as ending:
        return ending


def call_of(claim: Claim) -> SendCall:
    """The call for a claim: the values equal in all its messages are taken from its first one."""
    first = claim.messages[0]
    return SendCall(
        text=first.text,
        push_type=first.push_type,
        sender=first.sender,
        unicode=first.unicode,
        recipients=tuple((m.gateway_id, m.recipient.lstrip("+")) for m in claim.messages),
        links=first.links,
    )
