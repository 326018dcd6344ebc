"""Let marketing messages wait for the next legal hours of their recipients' countries (protocol P11)."""

import uuid
from datetime import UTC, datetime, timedelta

from connector.domain.message import CHECK_AHEAD
from connector.domain.vocabulary import Cause, LaneKind, MessageState, PushType, Reason
from connector.store import lanes
from connector.store.database import Conn
from connector.store.messages import messages, queue
from connector.store.portals.portals import Portal
from connector.use_cases.messages.compose_message import slot_of
from connector.use_cases.messages.move_messages import move_messages


def postpone(conn: Conn, portal: Portal, by_country: dict[str, list[uuid.UUID]], *, call_s: float) -> None:
    """Give the queued messages of each country their next legal slot.

    They are scheduled for it as if a user had done so: their records are read again before they leave, because a night
    or a weekend passes meanwhile. Only a slot that opens sooner than such a reading leaves them queued.
    """
    portal_id = portal.portal_id
    entered = lanes.enter(conn, portal_id, LaneKind.CHECKS)
    messages.hold(conn, portal_id, [message_id for ids in by_country.values() for message_id in ids])
    for country, message_ids in by_country.items():
        # From the end of the call on: the margin that closed these hours must not reopen them.
        wanted_at = datetime.now(UTC) + timedelta(seconds=call_s)
        slot = slot_of(portal, PushType.MARKETING, country, wanted_at, call_s=call_s)
        queue.move_slot(conn, portal_id, message_ids, due_at=slot.at, slot_ends_at=slot.ends_at)
        if slot.at - datetime.now(UTC) > CHECK_AHEAD:
            move_messages(
                conn,
                portal_id,
                message_ids,
                MessageState.SCHEDULED,
                cause=Cause.SCHEDULE,
                reason=Reason.LEGAL_HOURS,
            )
            lanes.wake(entered, LaneKind.CHECKS, slot.at - CHECK_AHEAD)
