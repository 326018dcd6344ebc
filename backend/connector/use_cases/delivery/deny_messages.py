"""Record that the gateway's listing denies messages that the gateway had accepted."""

from connector.domain.vocabulary import Cause, LaneKind
from connector.store.lanes import Entered
from connector.store.messages.messages import Message
from connector.use_cases.delivery.apply_reports import Report, equal_reports, times_of
from connector.use_cases.delivery.plan_writes import plan_writes
from connector.use_cases.messages.move_messages import move_messages


def deny_messages(entered: Entered, reports: list[tuple[Message, Report]]) -> None:
    """Refuse messages of an accepted call: `entered` for `sync_crm`.

    The CRM records of messages that the gateway had accepted say "sent" and are corrected. The records of messages
    that it held for its check have no status yet.
    """
    entered.require(LaneKind.SYNC_CRM)
    conn, portal_id = entered.conn, entered.portal_id
    for (state, reason, ticket), ids in equal_reports(reports).items():
        moved = move_messages(conn, portal_id, ids, state, cause=Cause.LOOK_UP, reason=reason, ticket=ticket)
        accepted = [m for m in moved if m.message.accepted_at]
        plan_writes(entered, accepted, occurred_at=times_of(reports))
