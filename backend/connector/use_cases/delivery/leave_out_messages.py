"""Record that the gateway left messages out of a call that it accepted, and why (protocol P9)."""

import uuid
from collections.abc import Mapping

from connector.domain.vocabulary import LaneKind
from connector.store.lanes import Entered
from connector.use_cases.messages.move_messages import move_messages
from connector.use_cases.messages.note_numbers import note_numbers


def reason_of(counters: Mapping[str, int]) -> str:
    """Why the gateway left a message out: the one counter that is not zero, else just that it did (protocol P9)."""
    only = next(iter(counters)) if len(counters) == 1 else "filtered"
    return {"invalid": "invalid_number"}.get(only, only)


def leave_out_messages(entered: Entered, message_ids: list[uuid.UUID], reason: str) -> None:
    """Refuse the messages that the gateway left out; they were not charged: `entered` for `sync_crm`."""
    entered.require(LaneKind.SYNC_CRM)
    conn, portal_id = entered.conn, entered.portal_id
    moved = move_messages(
        conn, portal_id, message_ids, "refused", cause="look-up", reason=reason, cost_credits=0
    )
    note_numbers(entered, moved, reason)
