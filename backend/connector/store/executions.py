"""Executions of workflow actions. The row is the idempotency key of what HubSpot repeats (protocol P15-P18)."""

import uuid

from connector.store.database import Conn


def wake_waiting(conn: Conn, portal_id: int, message_ids: list[uuid.UUID]) -> bool:
    """Have the executions that wait for one of these messages looked at now. True: there are some."""
    found = conn.execute(
        "UPDATE workflow_executions SET check_at = now()"
        " WHERE portal_id = %s AND message_id = ANY(%s) AND state = 'waiting' RETURNING 1",
        (portal_id, message_ids),
    ).fetchone()
    return found is not None
