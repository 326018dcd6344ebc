"""Record in the ledger that a person consents to be texted again, with the author and the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.domain.refusals import Code, Refusal
from connector.domain.vocabulary import ConsentSource, LaneKind
from connector.store import lanes
from connector.store.consent import opt_outs
from connector.store.consent.opt_outs import OptOut
from connector.store.crm import record_numbers
from connector.store.database import Conn
from connector.use_cases.delivery.plan_writes import plan_marks


@dataclass(frozen=True, slots=True)
class RecordConsent:
    """The consent of a person whose number was already removed from the gateway's STOP list."""

    portal_id: int
    user_id: int
    user_email: str  # identifies the author to colleagues
    recipient: str
    opt_out: OptOut | None  # in force before the number was taken off that list
    reason: str
    at: datetime
    # Records and their numbers, as read just now; for a deal also the contacts or companies that own the numbers.
    numbers: Sequence[record_numbers.Entry] = ()


def record_consent(conn: Conn, command: RecordConsent) -> None:
    """End the opt-out; the marks of all records with the number follow, unless another of their numbers has opted out.

    Without an opt-out nothing changes (protocol P21). Raises Refusal opted_out_again: the person opted out meanwhile,
    and this consent is older than the opt-out (protocol P14).
    """
    entered = lanes.enter(conn, command.portal_id, LaneKind.SYNC_CRM)
    ended = command.opt_out is not None and opt_outs.end(
        conn,
        command.opt_out,
        source=ConsentSource.CARD,
        reason=command.reason,
        user_id=command.user_id,
        user_email=command.user_email,
        at=command.at,
    )
    if not ended:
        if opt_outs.find(conn, command.portal_id, command.recipient):
            raise Refusal(Code.OPTED_OUT_AGAIN, number=command.recipient)
        return
    # The records are known to have the numbers, even if we never texted them there.
    plan_marks(entered, [command.recipient], met=command.numbers)
