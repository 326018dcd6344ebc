"""Explain why messages wait that were not tried yet: the cause lies with the portal or the account."""

from dataclasses import replace
from datetime import UTC, datetime

from connector.domain.message import DELIVERY_LANES, waits_for_its_time
from connector.domain.vocabulary import MessageState, Reason
from connector.store import lanes
from connector.store.database import Conn
from connector.store.messages import limits
from connector.store.messages.messages import Message
from connector.store.portals import accounts


def explain_waiting(conn: Conn, portal_id: int, messages: list[Message]) -> list[Message]:
    """The messages, with a reason for the `queued` ones that have none of their own.

    portal_paused, hourly_cap, or the reason that SMSFactor accepts nothing. Costs nothing while none waits. A message
    that waits for the legal hours retains that reason, because no pause holds it back now.
    """
    if not any(message.state == MessageState.QUEUED for message in messages):
        return messages
    state = limits.find(conn, portal_id)
    paused = Reason.PORTAL_PAUSED if state.paused_at else gateway_holds(conn, portal_id)
    is_capped = state.hourly_cap is not None and state.hour_count >= state.hourly_cap
    return [explained(message, paused, is_capped=is_capped) for message in messages]


def why_held(conn: Conn, portal_id: int) -> Reason | None:
    """The reason that a message of a person would not leave now: a pause, the account's refusal, or no connection."""
    if limits.find(conn, portal_id).paused_at:
        return Reason.PORTAL_PAUSED
    return gateway_holds(conn, portal_id)


def gateway_holds(conn: Conn, portal_id: int) -> Reason | None:
    """The reason that SMSFactor accepts nothing now; other results of a lane's turn concern operators."""
    is_away = any(
        lanes.last_error(conn, portal_id, kind) == Reason.GATEWAY_UNREACHABLE for kind in DELIVERY_LANES
    )
    return accounts.pause_reason(conn, portal_id) or (Reason.GATEWAY_UNREACHABLE if is_away else None)


def explained(message: Message, paused: Reason | None, *, is_capped: bool = False) -> Message:
    """The message with the reason that holds it, if it waits and has none of its own."""
    if waits_for_its_time(message.state, message.reason, message.due_at, datetime.now(UTC)):
        return message
    if message.state != MessageState.QUEUED or (message.reason and paused != Reason.PORTAL_PAUSED):
        return message
    reason = paused or (Reason.HOURLY_CAP if is_capped and message.priority > 0 else None)
    return replace(message, reason=reason) if reason else message
