"""Record that messages of an accepted call are known to be sent (protocol P9)."""

import uuid

from connector.store.database import Conn
from connector.use_cases.delivery.plan_writes import plan_writes
from connector.use_cases.messages.move_messages import confirm_members


def confirm_messages(conn: Conn, portal_id: int, message_ids: list[uuid.UUID]) -> None:
    """It is known now that these messages of an accepted call are sent. The caller has entered `sync_crm`."""
    plan_writes(conn, portal_id, confirm_members(conn, portal_id, message_ids), occurred_at=None)
