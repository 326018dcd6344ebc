"""Record in the ledger that a person consents to be texted again, with the author and the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.store import lanes, opt_outs, record_numbers
from connector.store.database import Conn
from connector.use_cases.plan_writes import plan_marks


@dataclass(frozen=True, slots=True)
class RecordConsent:
    """The number is off the gateway's STOP list already."""

    portal_id: int
    user_id: int | None
    recipient: str
    reason: str
    at: datetime
    object_type_id: str
    object_id: str
    other_recipients: Sequence[str] = ()  # the record's other numbers


def record_consent(conn: Conn, command: RecordConsent) -> None:
    """End the opt-out; the marks of all records with the number follow, unless another of their numbers has opted out.

    Without an opt-out nothing changes (protocol P21).
    """
    lanes.enter(conn, command.portal_id, "sync_crm")
    ended = opt_outs.end(
        conn,
        command.portal_id,
        command.recipient,
        source="card",
        reason=command.reason,
        user_id=command.user_id,
        at=command.at,
    )
    if ended:
        # The record is known to have the numbers, also where it was never texted at them from here.
        numbers = [command.recipient, *command.other_recipients]
        record = (command.object_type_id, command.object_id)
        record_numbers.add(conn, command.portal_id, [(number, *record) for number in numbers])
        plan_marks(conn, command.portal_id, [command.recipient])
