"""The custom senders that a portal has used, found without reading all its messages."""

from connector.store.database import Conn

MAX_USED = 500


def used_senders(conn: Conn, portal_id: int) -> list[str]:
    """The senders in alphabetical order; one index look-up for each."""
    rows = conn.execute(
        """
        WITH RECURSIVE used (sender) AS (
            (SELECT min(sender) FROM messages
             WHERE portal_id = %(portal_id)s AND direction = 'outbound' AND sender IS NOT NULL)
            UNION ALL
            SELECT (SELECT min(m.sender) FROM messages m
                    WHERE m.portal_id = %(portal_id)s AND m.direction = 'outbound' AND m.sender > used.sender)
            FROM used WHERE used.sender IS NOT NULL
        )
        SELECT sender FROM used WHERE sender IS NOT NULL LIMIT %(limit)s
        """,
        {"portal_id": portal_id, "limit": MAX_USED},
    )
    return [row["sender"] for row in rows]
