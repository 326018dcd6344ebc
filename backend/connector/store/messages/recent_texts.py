"""Texts that went to a number a moment ago, so that the same one twice is asked about."""

from collections.abc import Sequence
from datetime import datetime

from psycopg import Cursor
from psycopg.rows import DictRow

from connector.domain.vocabulary import MessageState
from connector.store.database import Conn

# These never reach a phone: the same text again is no double.
_NEVER_LEFT = [
    MessageState.CANCELLED,
    MessageState.BLOCKED,
    MessageState.REFUSED,
    MessageState.TOO_LATE,
]


def select(conn: Conn, numbers: Sequence[tuple[int, str]], since: datetime) -> Cursor[DictRow]:
    """`portal_id`, `recipient`, `text`, `created_at` of what persons sent since then; read after the pipeline ends."""
    return conn.execute(
        """
        SELECT m.portal_id, m.recipient, m.text, m.created_at
        FROM unnest(%(portal_ids)s::bigint[], %(recipients)s::text[]) AS asked (portal_id, recipient)
        JOIN messages m ON m.portal_id = asked.portal_id AND m.recipient = asked.recipient
            AND m.created_at > %(since)s
        WHERE m.direction = 'outbound' AND m.source IN ('card', 'reply') AND m.state <> ALL(%(never_left)s)
        ORDER BY m.created_at
        """,
        {
            "portal_ids": [portal_id for portal_id, _ in numbers],
            "recipients": [recipient for _, recipient in numbers],
            "since": since,
            "never_left": _NEVER_LEFT,
        },
    )
