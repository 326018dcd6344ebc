"""Clicks on the short links of messages: number, first and last time."""

import uuid
from datetime import datetime

from connector.store.database import Conn


def note(conn: Conn, portal_id: int, message_id: uuid.UUID, url: str, *, clicks: int, at: datetime) -> None:
    """Store the gateway's running number of clicks; events may come late, so it only grows."""
    conn.execute(
        """
        INSERT INTO link_clicks AS l (portal_id, message_id, url, clicks, first_at, last_at)
        VALUES (%(portal_id)s, %(message_id)s, %(url)s, %(clicks)s, %(at)s, %(at)s)
        ON CONFLICT (portal_id, message_id, url) DO UPDATE SET clicks = GREATEST(l.clicks, excluded.clicks),
            first_at = LEAST(l.first_at, excluded.first_at), last_at = GREATEST(l.last_at, excluded.last_at)
        """,
        {"portal_id": portal_id, "message_id": message_id, "url": url, "clicks": clicks, "at": at},
    )
