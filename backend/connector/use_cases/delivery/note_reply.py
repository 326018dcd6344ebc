"""A reply has come to a message: workflows that wait for it go on, with its text."""

import uuid

from connector.domain.workflows.waits import Outcome
from connector.store import lanes
from connector.store.database import Conn
from connector.store.messages import messages
from connector.store.workflows import waits
from connector.use_cases.workflows.settle_waits import changes_of


def note_reply(conn: Conn, portal_id: int, message_id: uuid.UUID, text: str) -> None:
    """End the waits for a reply to this message, in the caller's transaction; one that has ended is left alone."""
    waits.hold_message(conn, portal_id, message_id)
    callback_ids = waits.of_message(conn, portal_id, message_id, "replied")
    if not callback_ids:
        return
    cost_credits = messages.get(conn, portal_id, message_id).cost_credits
    changes = changes_of(Outcome("replied", reply=text), cost_credits)
    lanes.enter(conn, portal_id, "callbacks")
    told_at = waits.conclude(conn, portal_id, [(callback_id, changes) for callback_id in callback_ids])
    if told_at:
        lanes.wake(conn, portal_id, "callbacks", told_at)
