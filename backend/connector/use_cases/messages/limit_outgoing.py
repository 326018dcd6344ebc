"""Hold back what leaves a portal: pause and resume all of it, cap and pace its campaigns (B1)."""

from psycopg.types.json import Jsonb

from connector.domain.vocabulary import LaneKind
from connector.store import lanes
from connector.store.database import Conn
from connector.store.messages import limits
from connector.store.portals import portals


def pause_outgoing(conn: Conn, portal_id: int, *, user_id: int | None, user_email: str | None = None) -> None:
    """No message is claimed from now on, a card's neither: who presses this wants silence.

    Messages keep coming in and wait; they still grow too old.
    """
    limits.pause(conn, portal_id, user_id=user_id, user_email=user_email)


def resume_outgoing(conn: Conn, portal_id: int) -> None:
    """What waits may leave. Resuming what is not paused changes nothing."""
    entered = lanes.enter(conn, portal_id, LaneKind.DELIVER)
    limits.resume(conn, portal_id)
    lanes.wake(entered, LaneKind.DELIVER)


def limit_outgoing(
    conn: Conn,
    portal_id: int,
    *,
    hourly_cap: int | None,
    pace_per_minute: int | None,
    max_ages_h: dict[str, int],
) -> None:
    """Cap and pace hold for messages of workflows and bulk sends at once, ages for those stored from now on."""
    entered = lanes.enter(conn, portal_id, LaneKind.DELIVER)
    limits.save_limits(conn, portal_id, hourly_cap=hourly_cap, pace_per_minute=pace_per_minute)
    portals.save_preferences(conn, portal_id, {"max_ages_h": Jsonb(max_ages_h)})
    lanes.wake(entered, LaneKind.DELIVER)
