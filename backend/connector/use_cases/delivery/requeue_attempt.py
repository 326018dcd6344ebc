"""Queue the messages of a call again that certainly sent nothing (protocol P5, P6)."""

import uuid

from connector.store import lanes
from connector.store.database import Conn
from connector.store.messages import attempts
from connector.use_cases.messages.move_messages import move_messages


def requeue_attempt(
    conn: Conn, portal_id: int, attempt_id: uuid.UUID, *, outcome: str, cause: str, reason: str | None
) -> None:
    """Queue the messages again, under the same gateway ids.

    Only for a call of which no byte left (`not_sent`), a definite refusal that concerns the account rather than
    the message, or one that look-ups have proved `absent`. The caller has entered the `deliver` lane.
    """
    message_ids = attempts.message_ids(conn, portal_id, attempt_id)
    attempts.settle(conn, portal_id, attempt_id, outcome, cause)
    move_messages(conn, portal_id, message_ids, "queued", cause=cause, reason=reason, attempt_id=attempt_id)
    lanes.wake(conn, portal_id, "deliver")
