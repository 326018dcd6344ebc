"""Record in the ledger that a person consents to be texted again, with the author and the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.store import lanes, opt_outs, record_writes
from connector.store.database import Conn


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
    """End the opt-out, and let the record's mark follow unless another of its numbers has opted out (protocol P21).

    Without an opt-out nothing changes.
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
    if ended and not opt_outs.of(conn, command.portal_id, list(command.other_recipients)):
        record_writes.set_flags(
            conn,
            command.portal_id,
            object_type_id=command.object_type_id,
            object_id=command.object_id,
            flags={"smsfactor_is_stop": "false"},
        )
        lanes.wake(conn, command.portal_id, "sync_crm", record_writes.next_due_at(conn, command.portal_id))
