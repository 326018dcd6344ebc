"""Counters of accepted messages, so that no view counts a history; a transaction's last rows (protocol P26)."""

from dataclasses import dataclass

from connector.store.database import Conn
from connector.store.session import Last


def sent_count(conn: Conn, portal_id: int, recipients: list[str]) -> int:
    """The number of messages that the gateway has accepted for these numbers, from any source (F1.1)."""
    row = conn.execute(
        """
        SELECT COALESCE(sum(sent_count), 0)::bigint AS total FROM recipient_counts
        WHERE portal_id = %s AND recipient = ANY(%s)
        """,
        (portal_id, recipients),
    ).fetchone()
    assert row is not None
    return int(row["total"])


@dataclass(frozen=True, slots=True)
class _Counted:
    """Accepted messages of one transaction, by recipient (repeats count): they are added when it commits."""

    portal_id: int
    recipients: tuple[str, ...]

    def __call__(self, conn: Conn) -> None:
        conn.execute(
            """
            INSERT INTO recipient_counts (portal_id, recipient, sent_count)
            SELECT %(portal_id)s, recipient, count(*) FROM unnest(%(recipients)s::text[]) AS recipient
            GROUP BY recipient ORDER BY recipient
            ON CONFLICT (portal_id, recipient) DO UPDATE
                SET sent_count = recipient_counts.sent_count + excluded.sent_count
            """,
            {"portal_id": self.portal_id, "recipients": list(self.recipients)},
        )
        conn.execute(
            "UPDATE portals SET sent_count = sent_count + %s WHERE portal_id = %s",
            (len(self.recipients), self.portal_id),
        )


def count_sent(conn: Conn, portal_id: int, recipients: list[str]) -> None:
    """Add one accepted message to each listed recipient (repeats count) and to the portal, at the commit."""
    key = (Last.COUNTERS, portal_id, "messages")
    before = conn.put_off_step(key)
    known = before.recipients if isinstance(before, _Counted) else ()
    conn.put_off(key, _Counted(portal_id, (*known, *recipients)))
