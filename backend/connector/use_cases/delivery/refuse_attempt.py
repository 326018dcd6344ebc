"""Record that the gateway refused a whole call."""

import uuid

from connector.domain.vocabulary import AttemptOutcome, Cause, LaneKind, MessageState, Reason
from connector.store.lanes import Entered
from connector.store.messages import attempts
from connector.use_cases.messages.move_messages import move_messages
from connector.use_cases.messages.note_numbers import hold_refused, note_numbers


def refuse_attempt(entered: Entered, attempt_id: uuid.UUID, reason: Reason) -> None:
    """The gateway refused all the call's messages; nothing was charged: `entered` for `sync_crm`."""
    entered.require(LaneKind.SYNC_CRM)
    conn, portal_id = entered.conn, entered.portal_id
    attempts.hold(conn, portal_id, [attempt_id])
    message_ids = attempts.message_ids(conn, portal_id, attempt_id)
    hold_refused(entered, message_ids, reason)
    attempts.settle(conn, portal_id, attempt_id, AttemptOutcome.REFUSED, reason)
    moved = move_messages(
        conn,
        portal_id,
        message_ids,
        MessageState.REFUSED,
        cause=Cause.ANSWER,
        reason=reason,
        attempt_id=attempt_id,
    )
    note_numbers(entered, moved, reason)
