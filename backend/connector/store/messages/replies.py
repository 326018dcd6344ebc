"""Replies: those that are stored, to be compared with the gateway's list, and the messages that they answer."""

from dataclasses import dataclass
from datetime import datetime

from connector.store.database import Conn
from connector.store.rows import reader


@dataclass(frozen=True, slots=True)
class StoredReply:
    number: str  # of the writer, E.164
    text: str
    at: datetime


_read_reply = reader(StoredReply)


def stored(
    conn: Conn, portal_ids: list[int], numbers: list[str], *, first: datetime, last: datetime
) -> list[StoredReply]:
    """Replies of these numbers to the portals in this time."""
    rows = conn.execute(
        """
        SELECT recipient AS number, text, created_at AS at FROM messages
        WHERE portal_id = ANY(%(portal_ids)s) AND recipient = ANY(%(numbers)s) AND direction = 'inbound'
          AND created_at BETWEEN %(first)s AND %(last)s
        """,
        {"portal_ids": portal_ids, "numbers": numbers, "first": first, "last": last},
    )
    return [_read_reply(row) for row in rows]


def answered_id(conn: Conn, portal_ids: list[int], number: str, ticket: str) -> str | None:
    """Our id of the message of this campaign to this number; None: none of these portals sent it."""
    row = conn.execute(
        """
        SELECT gateway_id FROM messages
        WHERE portal_id = ANY(%(portal_ids)s) AND recipient = %(number)s AND direction = 'outbound'
          AND ticket = %(ticket)s
        ORDER BY created_at DESC LIMIT 1
        """,
        {"portal_ids": portal_ids, "number": number, "ticket": ticket},
    ).fetchone()
    return row["gateway_id"] if row else None
