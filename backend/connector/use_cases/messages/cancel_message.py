"""Cancel a message that has not left."""

import uuid

from connector.domain.refusals import Code, Refusal
from connector.domain.vocabulary import MessageState, by_user
from connector.store.database import Conn
from connector.store.messages import messages
from connector.store.messages.messages import Message
from connector.use_cases.messages.move_messages import move_messages


def cancel_message(conn: Conn, portal_id: int, message_id: uuid.UUID, *, user_id: int | None) -> Message:
    """Cancel a message; one statement decides between this and the claim (protocol P11). Repeating it is not an error.

    Raises:
        Refusal: message_not_cancellable: the message has left, is final, or is not this portal's.
    """
    moved = move_messages(conn, portal_id, [message_id], MessageState.CANCELLED, cause=by_user(user_id))
    if moved:
        return moved[0].message
    found = messages.find(conn, portal_id, [message_id])
    if found and found[0].state == MessageState.CANCELLED:
        return found[0]
    raise Refusal(Code.MESSAGE_NOT_CANCELLABLE)
