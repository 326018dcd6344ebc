"""Record that a call was made, or may have been, and that its answer is unknown (protocol P5)."""

import uuid

from connector.domain.vocabulary import AnyCause, LaneKind, MessageState
from connector.store import lanes
from connector.store.lanes import Entered
from connector.store.messages import attempts
from connector.use_cases.messages.move_messages import move_messages


def doubt_attempt(entered: Entered, attempt_id: uuid.UUID, cause: AnyCause, *, lookup_in_s: float) -> None:
    """Messages of the call become `unknown`; a look-up follows: `entered` for `reconcile`."""
    entered.require(LaneKind.RECONCILE)
    conn, portal_id = entered.conn, entered.portal_id
    message_ids = attempts.message_ids(conn, portal_id, attempt_id)
    attempts.doubt(conn, portal_id, attempt_id, cause, lookup_in_s=lookup_in_s)
    move_messages(conn, portal_id, message_ids, MessageState.UNKNOWN, cause=cause, attempt_id=attempt_id)
    lanes.wake(entered, LaneKind.RECONCILE, attempts.next_lookup_at(conn, portal_id))
