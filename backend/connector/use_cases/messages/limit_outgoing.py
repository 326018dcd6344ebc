"""Limit a portal's outgoing messages: pause and resume all of them, cap and pace its campaigns (B1)."""

from psycopg.types.json import Jsonb

from connector.domain.message import DELIVERY_LANES
from connector.store import lanes
from connector.store.database import Conn
from connector.store.messages import limits
from connector.store.portals import portals


def pause_outgoing(conn: Conn, portal_id: int, *, user_id: int | None, user_email: str | None = None) -> None:
    """From now on no message is claimed, not even from a card: users who pause want silence.

    New messages are accepted and wait; they still grow too old.
    """
    limits.pause(conn, portal_id, user_id=user_id, user_email=user_email)


def resume_outgoing(conn: Conn, portal_id: int) -> None:
    """Waiting messages may leave. Resuming a portal that is not paused changes nothing."""
    entered = lanes.enter(conn, portal_id, *DELIVERY_LANES)
    limits.resume(conn, portal_id)
    for kind in DELIVERY_LANES:
        lanes.wake(entered, kind)


def limit_outgoing(
    conn: Conn,
    portal_id: int,
    *,
    hourly_cap: int | None,
    pace_per_minute: int | None,
    max_ages_h: dict[str, int],
    **repeats: int | None,
) -> None:
    """Set cap and pace, which apply at once to workflows and bulk sends, and ages, which apply to new messages.

    `repeats`: `once_within_h`, which applies to new SMS of workflows; left out: unchanged.
    """
    entered = lanes.enter(conn, portal_id, *DELIVERY_LANES)
    limits.save_limits(conn, portal_id, hourly_cap=hourly_cap, pace_per_minute=pace_per_minute)
    portals.save_preferences(conn, portal_id, {"max_ages_h": Jsonb(max_ages_h), **repeats})
    for kind in DELIVERY_LANES:
        lanes.wake(entered, kind)
