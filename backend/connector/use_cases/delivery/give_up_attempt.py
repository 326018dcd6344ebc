"""Record that the outcome of a call will never be known (protocol P6)."""

import uuid

from connector.store.database import Conn
from connector.store.messages import attempts
from connector.use_cases.messages.move_messages import move_messages


def give_up_attempt(conn: Conn, portal_id: int, attempt_id: uuid.UUID, reason: str) -> None:
    """Messages of the call become `unresolved`: final and visible; a person may send again.

    For an accepted call only the receipt is unknown: such messages expire instead.
    """
    message_ids = attempts.message_ids(conn, portal_id, attempt_id)
    attempts.settle(conn, portal_id, attempt_id, "unresolved", reason)
    move_messages(
        conn, portal_id, message_ids, "unresolved", cause="look-up", reason=reason, attempt_id=attempt_id
    )
