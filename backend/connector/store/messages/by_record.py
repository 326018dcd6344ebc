"""The messages of a record's card: the newest, the scheduled ones, and unread replies.

Every query reads a bounded number of index entries for any length of the history.
"""

from psycopg import sql

from connector.store.database import Conn
from connector.store.messages.messages import COLUMNS, Message, read_message
from connector.store.statements import compose

# As domain.message.waits_for_its_time. The indexes of migration 0010 contain almost only these messages.
_WAITS = sql.SQL("(state = 'scheduled' OR (state = 'queued' AND reason = 'legal_hours' AND due_at > now()))")

_LATEST = compose(
    """
    SELECT DISTINCT ON (created_at, message_id) {columns} FROM (
        (SELECT {columns} FROM messages WHERE portal_id = %(portal_id)s AND object_type_id = %(object_type_id)s
         AND object_id = %(object_id)s AND {waits} IS NOT TRUE ORDER BY created_at DESC LIMIT %(limit)s)
        UNION ALL
        SELECT by_number.* FROM unnest(%(recipients)s::text[]) AS r(recipient)
        CROSS JOIN LATERAL (SELECT {columns} FROM messages m WHERE m.portal_id = %(portal_id)s
            AND m.recipient = r.recipient AND {waits} IS NOT TRUE
            ORDER BY m.created_at DESC LIMIT %(limit)s) AS by_number
    ) AS latest ORDER BY created_at DESC, message_id DESC LIMIT %(limit)s
    """,
    columns=COLUMNS,
    waits=_WAITS,
)


def latest(
    conn: Conn, portal_id: int, *, object_type_id: str, object_id: str, recipients: list[str], limit: int
) -> list[Message]:
    """The newest messages from a record or to one of its numbers, newest first, without those of `scheduled`.

    For any length of the history it reads `limit` index entries for the record and for each number, plus those of
    waiting messages among them.
    """
    rows = conn.execute(
        _LATEST,
        {
            "portal_id": portal_id,
            "object_type_id": object_type_id,
            "object_id": object_id,
            "recipients": recipients,
            "limit": limit,
        },
    ).fetchall()
    return [read_message(row) for row in rows]


_SCHEDULED = compose(
    """
    SELECT DISTINCT ON (due_at, message_id) {columns} FROM (
        (SELECT {columns} FROM messages WHERE portal_id = %(portal_id)s AND {waits}
         AND object_type_id = %(object_type_id)s AND object_id = %(object_id)s ORDER BY due_at LIMIT %(limit)s)
        UNION ALL
        SELECT by_number.* FROM unnest(%(recipients)s::text[]) AS r(recipient)
        CROSS JOIN LATERAL (SELECT {columns} FROM messages m WHERE m.portal_id = %(portal_id)s
            AND {waits} AND m.recipient = r.recipient ORDER BY m.due_at LIMIT %(limit)s) AS by_number
    ) AS scheduled ORDER BY due_at, message_id LIMIT %(limit)s
    """,
    columns=COLUMNS,
    waits=_WAITS,
)


def scheduled(
    conn: Conn, portal_id: int, *, object_type_id: str, object_id: str, recipients: list[str], limit: int
) -> list[Message]:
    """Messages of a record or to one of its numbers that wait for their time, soonest first.

    These are scheduled messages, and marketing that waits for the next legal hours.
    """
    rows = conn.execute(
        _SCHEDULED,
        {
            "portal_id": portal_id,
            "object_type_id": object_type_id,
            "object_id": object_id,
            "recipients": recipients,
            "limit": limit,
        },
    ).fetchall()
    return [read_message(row) for row in rows]


_SCHEDULED_COUNT = compose(
    """
    SELECT count(*) AS n FROM (SELECT DISTINCT message_id FROM (
        (SELECT message_id FROM messages WHERE portal_id = %(portal_id)s AND {waits}
         AND object_type_id = %(object_type_id)s AND object_id = %(object_id)s LIMIT %(most)s)
        UNION ALL
        (SELECT message_id FROM messages WHERE portal_id = %(portal_id)s AND {waits}
         AND recipient = ANY(%(recipients)s) LIMIT %(most)s)
    ) AS either LIMIT %(most)s) AS counted
    """,
    waits=_WAITS,
)


def scheduled_count(
    conn: Conn, portal_id: int, *, object_type_id: str, object_id: str, recipients: list[str], most: int
) -> int:
    """The number of messages that `scheduled` could list, counted up to `most`."""
    row = conn.execute(
        _SCHEDULED_COUNT,
        {
            "portal_id": portal_id,
            "object_type_id": object_type_id,
            "object_id": object_id,
            "recipients": recipients,
            "most": most,
        },
    ).fetchone()
    assert row is not None
    return int(row["n"])


def unread_count(conn: Conn, portal_id: int, recipients: list[str]) -> int:
    """The number of unopened replies from these numbers."""
    row = conn.execute(
        """
        SELECT count(*) AS n FROM messages
        WHERE portal_id = %s AND recipient = ANY(%s) AND direction = 'inbound' AND read_at IS NULL
        """,
        (portal_id, recipients),
    ).fetchone()
    assert row is not None
    return int(row["n"])


def mark_read(conn: Conn, portal_id: int, recipients: list[str]) -> None:
    conn.execute(
        """
        UPDATE messages m SET read_at = now()
        FROM (SELECT message_id FROM messages
              WHERE portal_id = %(portal_id)s AND recipient = ANY(%(recipients)s) AND direction = 'inbound'
                AND read_at IS NULL ORDER BY message_id FOR NO KEY UPDATE) AS held
        WHERE m.portal_id = %(portal_id)s AND m.message_id = held.message_id
        """,
        {"portal_id": portal_id, "recipients": recipients},
    )
