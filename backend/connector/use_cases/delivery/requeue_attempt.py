"""Requeue the messages of a call that certainly sent nothing (protocol P5, P6)."""

import uuid

from connector.domain.message import DELIVERY_LANES, lane_of
from connector.domain.vocabulary import AnyCause, AttemptOutcome, MessageState, Reason
from connector.store import lanes
from connector.store.lanes import Entered
from connector.store.messages import attempts
from connector.use_cases.messages.move_messages import move_messages


def requeue_attempt(
    entered: Entered,
    attempt_id: uuid.UUID,
    *,
    outcome: AttemptOutcome,
    cause: AnyCause,
    reason: Reason | None,
) -> None:
    """Queue the messages again, under the same gateway ids.

    Only for a call that sent no byte (`not_sent`), a definite refusal of the account rather than the message, or a
    call that look-ups have proved `absent`. `entered` for both delivery lanes.
    """
    entered.require(*DELIVERY_LANES)
    conn, portal_id = entered.conn, entered.portal_id
    message_ids = attempts.message_ids(conn, portal_id, attempt_id)
    attempts.settle(conn, portal_id, attempt_id, outcome, cause)
    moved = move_messages(
        conn, portal_id, message_ids, MessageState.QUEUED, cause=cause, reason=reason, attempt_id=attempt_id
    )
    for kind in {lane_of(m.message.priority) for m in moved}:
        lanes.wake(entered, kind)
