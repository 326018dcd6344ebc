"""Second step of reconciling: read the gateway's listing around the due calls."""

from dataclasses import dataclass

import structlog

from connector.domain.vocabulary import AttemptOutcome, GatewayRefusal, Reason
from connector.smsfactor.errors import Refused, Unavailable
from connector.store.lanes import Turn
from connector.store.messages.attempts import Attempt
from connector.wiring import Wiring
from connector.worker.delivery.due_calls import DueCalls
from connector.worker.delivery.leave_unknown import RESEND_UNTIL_S, ask_again, give_up
from connector.worker.delivery.listing import Listing, read_listing
from connector.worker.runner import BackOff

log = structlog.get_logger()

RETRY_S = 60.0


@dataclass(frozen=True, slots=True)
class LookUp:
    """A complete listing and the token it was read with."""

    listing: Listing
    token: str


def look_up(wiring: Wiring, turn: Turn, due: DueCalls) -> LookUp | None:
    """Read the listing around these calls. None: it cannot be read, and the consequence is recorded."""
    if not due.calls:
        return None
    if due.token is None:
        for call in due.calls:
            give_up(wiring, call.attempt, Reason.ACCOUNT_GONE)
        return None
    ids = {member.gateway_id for call in due.calls for member in call.members}
    claimed_at = [call.attempt.claimed_at for call in due.calls]
    try:
        listing = read_listing(
            wiring, turn, due.token, first=min(claimed_at), last=max(claimed_at), gateway_ids=ids
        )
    except Unavailable as fault:
        for call in due.calls:
            _unread(wiring, call.attempt)
        raise BackOff(Reason.GATEWAY_UNREACHABLE, fault.retry_after_s or 5.0) from fault
    except Refused as refusal:
        for call in due.calls:
            _refused(wiring, call.attempt, refusal)
        return None
    return LookUp(listing, due.token)


def _unread(wiring: Wiring, attempt: Attempt) -> None:
    """The listing gave no usable answer. A call without an answer of its own is given up after a day (protocol P6)."""
    if attempt.outcome == AttemptOutcome.UNKNOWN and attempt.age_s > RESEND_UNTIL_S:
        give_up(wiring, attempt, Reason.NOT_FOUND)
    else:
        ask_again(wiring, attempt, RETRY_S)


def _refused(wiring: Wiring, attempt: Attempt, refusal: Refused) -> None:
    log.warning("look_up_refused", attempt_id=str(attempt.attempt_id), kind=refusal.kind)
    if attempt.age_s > RESEND_UNTIL_S:
        is_token = refusal.kind == GatewayRefusal.AUTH
        give_up(wiring, attempt, Reason.ACCOUNT_GONE if is_token else Reason.NOT_FOUND)
    else:
        ask_again(wiring, attempt, RETRY_S)
