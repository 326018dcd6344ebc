"""Move messages from state to state and wake workflows waiting on them; the only caller of the store's move."""

import uuid
from datetime import datetime

from connector.domain.vocabulary import AnyCause, LaneKind, MessageState, Reason
from connector.store import lanes
from connector.store.database import Conn
from connector.store.messages import messages
from connector.store.messages.messages import Moved
from connector.store.workflows import executions


def move_messages(  # noqa: PLR0913 - the columns a move may fill are named one by one
    conn: Conn,
    portal_id: int,
    message_ids: list[uuid.UUID],
    state: MessageState,
    *,
    cause: AnyCause,
    reason: Reason | None = None,
    attempt_id: uuid.UUID | None = None,
    ticket: str | None = None,
    cost_credits: int | None = None,
    due_at: datetime | None = None,
    is_member: bool = True,
) -> list[Moved]:
    """As `messages.move` of the store; workflow executions that wait for one of the moved messages become due."""
    moved = messages.move(
        conn,
        portal_id,
        message_ids,
        state,
        cause=cause,
        reason=reason,
        attempt_id=attempt_id,
        ticket=ticket,
        cost_credits=cost_credits,
        due_at=due_at,
        is_member=is_member,
    )
    note_news(conn, portal_id, [m.message.message_id for m in moved])
    return moved


def confirm_members(conn: Conn, portal_id: int, message_ids: list[uuid.UUID]) -> list[Moved]:
    """As `messages.confirm` of the store: these messages are known to have been handed over."""
    confirmed = messages.confirm(conn, portal_id, message_ids)
    note_news(conn, portal_id, [m.message.message_id for m in confirmed])
    return confirmed


def note_news(conn: Conn, portal_id: int, message_ids: list[uuid.UUID]) -> None:
    """These messages have news (a move, a reply, a click): their waits are checked."""
    if message_ids and executions.wake_waiting(conn, portal_id, message_ids):
        lanes.wake(lanes.enter(conn, portal_id, LaneKind.CALLBACKS), LaneKind.CALLBACKS)
