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
    """The number is off the gateway's STOP list already."""

    portal_id: int
    user_id: int | None
    user_email: str | None  # what a colleague knows the author by; None: HubSpot did not say
    recipient: str
    opt_out: OptOut | None  # in force before the number was taken off that list
    reason: str
    at: datetime
    # Which records have which numbers, as read just now; of a deal also those of the contacts or companies whose
    # numbers they are.
    numbers: Sequence[record_numbers.Entry] = ()


def record_consent(conn: Conn, command: RecordConsent) -> None:
    """End the opt-out; the marks of all records with the number follow, unless another of their numbers has opted out.

    Without an opt-out nothing changes (protocol P21). Raises Refusal opted_out_again: the person opted out meanwhile,
    and this consent is older than that (protocol P14).
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
    # The records are known to have the numbers, also where they were never texted at them from here.
    plan_marks(entered, [command.recipient], met=command.numbers)
