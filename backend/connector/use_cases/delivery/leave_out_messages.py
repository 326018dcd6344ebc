"""Record messages that the gateway left out of an accepted call, with the reason (protocol P9)."""

import uuid
from collections.abc import Mapping

from connector.domain.vocabulary import (
    Cause,
    GatewayRefusal,
    LaneKind,
    MessageState,
    Reason,
)
from connector.store.lanes import Entered
from connector.use_cases.messages.move_messages import move_messages
from connector.use_cases.messages.note_numbers import hold_refused, note_numbers


def reason_of(counters: Mapping[str, int]) -> Reason:
    """The reason for leaving a message out: the one counter that is not zero, else a general reason (protocol P9)."""
    if len(counters) != 1:
        return Reason.FILTERED
    counter = next(iter(counters))
    return Reason.INVALID_NUMBER if counter == GatewayRefusal.INVALID else Reason(counter)


def leave_out_messages(entered: Entered, message_ids: list[uuid.UUID], reason: Reason) -> None:
    """Refuse the messages that the gateway left out; they were not charged: `entered` for `sync_crm`."""
    entered.require(LaneKind.SYNC_CRM)
    conn, portal_id = entered.conn, entered.portal_id
    hold_refused(entered, message_ids, reason)
    moved = move_messages(
        conn, portal_id, message_ids, MessageState.REFUSED, cause=Cause.LOOK_UP, reason=reason, cost_credits=0
    )
    note_numbers(entered, moved, reason)
