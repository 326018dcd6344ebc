"""Apply one delivery receipt to the message it speaks of."""

from dataclasses import dataclass
from datetime import datetime

from connector.store import messages
from connector.store.database import Conn
from connector.use_cases import record_outcome


@dataclass(frozen=True, slots=True)
class ApplyReceipt:
    portal_id: int
    gateway_id: str
    state: str  # one of domain.message.RECEIPT_STATES
    reason: str | None
    ticket: str | None
    occurred_at: datetime


def apply_receipt(conn: Conn, command: ApplyReceipt) -> bool:
    """Move the message in the caller's transaction, which has entered `reconcile` and `sync_crm`.

    A late or repeated receipt changes nothing. False: no message of the portal has this id.
    """
    message = messages.find_by_gateway_id(conn, command.portal_id, command.gateway_id)
    if message is None:
        return False
    record_outcome.receive(
        conn,
        command.portal_id,
        message,
        command.state,
        reason=command.reason,
        ticket=command.ticket,
        occurred_at=command.occurred_at,
        cause="receipt",
    )
    return True
