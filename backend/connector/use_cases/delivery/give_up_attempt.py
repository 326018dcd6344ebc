"""Record that the outcome of a call will never be known (protocol P6)."""

import uuid

from connector.domain.vocabulary import AttemptOutcome, Cause, MessageState, Reason
from connector.store.database import Conn
from connector.store.messages import attempts
from connector.use_cases.messages.move_messages import move_messages


def give_up_attempt(conn: Conn, portal_id: int, attempt_id: uuid.UUID, reason: Reason) -> None:
    """Messages of the call become `unresolved`: final and visible; a user may send again.

    For an accepted call only the receipt is unknown, so its messages expire instead.
    """
    message_ids = attempts.message_ids(conn, portal_id, attempt_id)
    attempts.settle(conn, portal_id, attempt_id, AttemptOutcome.UNRESOLVED, reason)
    move_messages(
        conn,
        portal_id,
        message_ids,
        MessageState.UNRESOLVED,
        cause=Cause.LOOK_UP,
        reason=reason,
        attempt_id=attempt_id,
    )
