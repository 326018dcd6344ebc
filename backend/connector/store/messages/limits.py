"""The limits of a portal's outgoing messages: pause, hourly cap, pace (B1). The claim reads them.

Cap and pace are for messages of workflows and bulk sends; only a pause holds messages from a card.
"""

from dataclasses import dataclass
from datetime import datetime

from connector.store.database import Conn


@dataclass(frozen=True, slots=True)
class Outgoing:
    portal_id: int
    paused_at: datetime | None  # None: not paused
    paused_by_user_id: int | None
    paused_by_email: str | None  # as given by HubSpot; None: not given
    hourly_cap: int | None  # messages a clock hour; None: no cap
    pace_per_minute: int | None  # messages; None: the account's pace alone
    hour_count: int  # messages of this clock hour that count against the cap
    next_hour_at: datetime


def find(conn: Conn, portal_id: int) -> Outgoing:
    """The portal's limits; without settings there are none."""
    row = conn.execute(
        """
        SELECT p.portal_id, o.paused_at, o.paused_by_user_id, o.paused_by_email, o.hourly_cap,
            o.pace_per_minute,
            CASE WHEN o.hour_at = date_trunc('hour', now(), 'UTC') THEN o.hour_count ELSE 0 END AS hour_count,
            date_trunc('hour', now(), 'UTC') + interval '1 h' AS next_hour_at
        FROM portals p LEFT JOIN outgoing o USING (portal_id) WHERE p.portal_id = %s
        """,
        (portal_id,),
    ).fetchone()
    assert row is not None, "a verified portal exists"
    return Outgoing(**row)


def save_limits(conn: Conn, portal_id: int, *, hourly_cap: int | None, pace_per_minute: int | None) -> None:
    conn.execute(
        """
        INSERT INTO outgoing (portal_id, hourly_cap, pace_per_minute)
        VALUES (%(portal_id)s, %(hourly_cap)s, %(pace_per_minute)s)
        ON CONFLICT (portal_id) DO UPDATE SET hourly_cap = excluded.hourly_cap,
            pace_per_minute = excluded.pace_per_minute, next_campaign_at = '-infinity'
        """,
        {"portal_id": portal_id, "hourly_cap": hourly_cap, "pace_per_minute": pace_per_minute},
    )


def pause(conn: Conn, portal_id: int, *, user_id: int | None, user_email: str | None) -> None:
    """Pause the portal: none of its messages is claimed from now on. The first pause's user and time stay."""
    conn.execute(
        """
        INSERT INTO outgoing AS o (portal_id, paused_at, paused_by_user_id, paused_by_email)
        VALUES (%(portal_id)s, now(), %(user_id)s, %(user_email)s)
        ON CONFLICT (portal_id) DO UPDATE SET paused_at = excluded.paused_at,
            paused_by_user_id = excluded.paused_by_user_id, paused_by_email = excluded.paused_by_email
        WHERE o.paused_at IS NULL
        """,
        {"portal_id": portal_id, "user_id": user_id, "user_email": user_email},
    )


def resume(conn: Conn, portal_id: int) -> None:
    conn.execute(
        """
        UPDATE outgoing SET paused_at = NULL, paused_by_user_id = NULL, paused_by_email = NULL
        WHERE portal_id = %s
        """,
        (portal_id,),
    )


def give_back(conn: Conn, portal_id: int, messages: int) -> None:
    """Return claimed messages that did not leave, so that they do not count against the cap."""
    conn.execute(
        """
        UPDATE outgoing SET hour_count = GREATEST(hour_count - %s, 0)
        WHERE portal_id = %s AND hour_at = date_trunc('hour', now(), 'UTC')
        """,
        (messages, portal_id),
    )
