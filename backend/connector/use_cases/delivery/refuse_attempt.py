"""Record that the gateway refused a whole call."""

import uuid

from connector.store.database import Conn
from connector.store.messages import attempts
from connector.use_cases.messages.move_messages import move_messages
from connector.use_cases.messages.note_numbers import note_numbers


def refuse_attempt(conn: Conn, portal_id: int, attempt_id: uuid.UUID, reason: str) -> None:
    """The gateway said no, for all the call's messages; nothing was charged. The caller has entered `sync_crm`."""
    message_ids = attempts.message_ids(conn, portal_id, attempt_id)
    attempts.settle(conn, portal_id, attempt_id, "refused", reason)
    moved = move_messages(
        conn, portal_id, message_ids, "refused", cause="answer", reason=reason, attempt_id=attempt_id
    )
    note_numbers(conn, portal_id, moved, reason)
