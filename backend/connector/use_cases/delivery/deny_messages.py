"""Record that the gateway denies messages which it had taken, as its listing says."""

from connector.store.database import Conn
from connector.store.messages.messages import Message
from connector.use_cases.delivery.apply_reports import Report, equal_reports, times_of
from connector.use_cases.delivery.plan_writes import plan_writes
from connector.use_cases.messages.move_messages import move_messages


def deny_messages(conn: Conn, portal_id: int, reports: list[tuple[Message, Report]]) -> None:
    """Refuse messages after all. The caller has entered `sync_crm`.

    The CRM records of messages that the gateway had accepted say "sent" and are corrected. The records of messages
    that it held for its check say nothing yet.
    """
    for (state, reason, ticket), ids in equal_reports(reports).items():
        moved = move_messages(conn, portal_id, ids, state, cause="look-up", reason=reason, ticket=ticket)
        accepted = [m for m in moved if m.message.accepted_at]
        plan_writes(conn, portal_id, accepted, occurred_at=times_of(reports))
