"""Scheduled messages whose record is read again shortly before their time, and held ones (protocol P11)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from connector.domain.message import CHECK_AHEAD
from connector.domain.phone_numbers import PhoneNumber
from connector.store.database import Conn
from connector.store.messages.messages import COLUMNS, Message, read_message
from connector.store.statements import compose

BATCH: Final = 500

_DUE = compose(
    """
    SELECT {columns} FROM messages
    WHERE portal_id = %(portal_id)s AND state = 'scheduled' AND checked_at IS NULL AND due_at <= now() + %(ahead)s
      AND expires_at > now()
    ORDER BY due_at, message_id LIMIT %(batch)s
    """,
    columns=COLUMNS,
)


def due(conn: Conn, portal_id: int) -> list[Message]:
    """The scheduled messages whose record must be read now, soonest first."""
    rows = conn.execute(_DUE, {"portal_id": portal_id, "ahead": CHECK_AHEAD, "batch": BATCH})
    return [read_message(row) for row in rows]


def next_due_at(conn: Conn, portal_id: int) -> datetime | None:
    row = conn.execute(
        """
        SELECT min(due_at) - %(ahead)s AS at FROM messages
        WHERE portal_id = %(portal_id)s AND state = 'scheduled' AND checked_at IS NULL AND expires_at > now()
        """,
        {"portal_id": portal_id, "ahead": CHECK_AHEAD},
    ).fetchone()
    return row["at"] if row else None


def mark_checked(conn: Conn, portal_id: int, message_ids: list[uuid.UUID]) -> None:
    """The records of these scheduled messages still have their numbers."""
    conn.execute(
        """
        UPDATE messages SET checked_at = now()
        WHERE portal_id = %s AND message_id = ANY(%s) AND state = 'scheduled'
        """,
        (portal_id, message_ids),
    )


@dataclass(frozen=True, slots=True)
class Merge:
    """A record that was merged into another of its type."""

    object_type_id: str
    object_id: str
    survivor_id: str


def follow_merges(conn: Conn, portal_id: int, message_ids: list[uuid.UUID], merges: Sequence[Merge]) -> None:
    """Give the messages to the survivors of their merged records."""
    conn.execute(
        """
        WITH merge AS (SELECT * FROM unnest(%(types)s::text[], %(ids)s::text[], %(survivor_ids)s::text[])
            AS t (object_type_id, object_id, survivor_id))
        UPDATE messages m SET
            object_id = COALESCE((SELECT survivor_id FROM merge
                WHERE (merge.object_type_id, merge.object_id) = (m.object_type_id, m.object_id)), m.object_id),
            person_object_id = COALESCE((SELECT survivor_id FROM merge
                WHERE (merge.object_type_id, merge.object_id) = (m.person_object_type_id, m.person_object_id)),
                m.person_object_id)
        WHERE m.portal_id = %(portal_id)s AND m.message_id = ANY(%(message_ids)s)
        """,
        {
            "portal_id": portal_id,
            "message_ids": message_ids,
            "types": [merge.object_type_id for merge in merges],
            "ids": [merge.object_id for merge in merges],
            "survivor_ids": [merge.survivor_id for merge in merges],
        },
    )


_HELD = compose(
    """
    SELECT {columns} FROM messages
    WHERE portal_id = %(portal_id)s AND object_type_id = %(object_type_id)s AND object_id = %(object_id)s
      AND state = 'held' ORDER BY due_at LIMIT %(limit)s
    """,
    columns=COLUMNS,
)


def held(conn: Conn, portal_id: int, object_type_id: str, object_id: str, limit: int) -> list[Message]:
    """The messages of a record that wait for a user's decision, soonest first."""
    rows = conn.execute(
        _HELD,
        {
            "portal_id": portal_id,
            "object_type_id": object_type_id,
            "object_id": object_id,
            "limit": limit,
        },
    )
    return [read_message(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Redirection:
    """The number that a user has chosen for a held message, and when it may leave."""

    recipient: PhoneNumber
    recipient_raw: str
    recipient_property: str
    due_at: datetime
    slot_ends_at: datetime | None
    expires_at: datetime


def redirect(conn: Conn, portal_id: int, message_id: uuid.UUID, new: Redirection) -> bool:
    """Give a held message its new number. False: it is not held any more."""
    row = conn.execute(
        """
        UPDATE messages SET recipient = %(recipient)s, recipient_raw = %(raw)s, recipient_property = %(property)s,
            recipient_country = %(country)s, due_at = %(due_at)s, slot_ends_at = %(slot_ends_at)s,
            expires_at = %(expires_at)s, checked_at = now()
        WHERE portal_id = %(portal_id)s AND message_id = %(message_id)s AND state = 'held' RETURNING 1
        """,
        {
            "portal_id": portal_id,
            "message_id": message_id,
            "recipient": new.recipient.e164,
            "raw": new.recipient_raw,
            "property": new.recipient_property,
            "country": new.recipient.country,
            "due_at": new.due_at,
            "slot_ends_at": new.slot_ends_at,
            "expires_at": new.expires_at,
        },
    ).fetchone()
    return row is not None
