"""Clicks on the short links of messages: number, first and last time, without those of preview robots."""

import uuid
from datetime import datetime

from connector.store.database import Conn

# An index entry of PostgreSQL is limited to about 2,700 bytes.
LONGEST_URL_BYTES = 2000


def note(
    conn: Conn,
    portal_id: int,
    message_id: uuid.UUID,
    url: str,
    *,
    clicks: int | None,
    is_robot: bool,
    at: datetime,
) -> None:
    """Store the gateway's running number of clicks (None: not given); events may come late, so it only grows.

    The gateway counts robots too, so their clicks are counted beside it: those of persons are `clicks - robots`, and
    none until an event names a device (`has_person`).
    """
    conn.execute(
        """
        INSERT INTO link_clicks AS l (portal_id, message_id, url, clicks, robots, has_person, first_at, last_at)
        VALUES (%(portal_id)s, %(message_id)s, %(url)s, GREATEST(%(clicks)s::int, 1), %(robots)s, %(robots)s = 0,
            %(at)s, %(at)s)
        ON CONFLICT (portal_id, message_id, url) DO UPDATE SET robots = l.robots + excluded.robots,
            has_person = l.has_person OR excluded.has_person,
            clicks = GREATEST(l.clicks, COALESCE(%(clicks)s::int, l.clicks + 1)),
            first_at = LEAST(l.first_at, excluded.first_at), last_at = GREATEST(l.last_at, excluded.last_at)
        """,
        {
            "portal_id": portal_id,
            "message_id": message_id,
            "url": url.encode()[:LONGEST_URL_BYTES].decode(errors="ignore"),
            "clicks": clicks,
            "robots": int(is_robot),
            "at": at,
        },
    )
