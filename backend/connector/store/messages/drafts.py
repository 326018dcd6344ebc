"""The text that a user is writing to a record, for the next time that the composer opens (F2.12)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from connector.store.database import Conn

KEPT_H = 24  # hours after the last save
REMOVED_AT_ONCE = 100  # expired drafts that one save removes


@dataclass(frozen=True, slots=True)
class DraftKey:
    """The user and the record; a draft is shown to no other user."""

    portal_id: int
    user_id: int
    object_type_id: str
    object_id: str

    def as_params(self) -> dict[str, Any]:
        return {
            "portal_id": self.portal_id,
            "user_id": self.user_id,
            "object_type_id": self.object_type_id,
            "object_id": self.object_id,
        }


@dataclass(frozen=True, slots=True)
class Draft:
    content: dict[str, Any]  # as the view gave it
    written_at: datetime


def find(conn: Conn, key: DraftKey) -> Draft | None:
    """The draft, unless it has expired."""
    row = conn.execute(
        """
        SELECT content, written_at FROM drafts
        WHERE portal_id = %(portal_id)s AND user_id = %(user_id)s AND object_type_id = %(object_type_id)s
          AND object_id = %(object_id)s AND content IS NOT NULL
          AND saved_at > now() - make_interval(hours => %(kept_h)s)
        """,
        {**key.as_params(), "kept_h": KEPT_H},
    ).fetchone()
    return Draft(row["content"], row["written_at"]) if row else None


def exists(conn: Conn, key: DraftKey) -> bool:
    """Whether there is a draft that has not expired."""
    return find(conn, key) is not None


def put(
    conn: Conn, key: DraftKey, content: dict[str, Any] | None, *, recipient: str | None, written_at: datetime
) -> bool:
    """Store the draft, or its end (None). False: a newer one is stored, and stays.

    `recipient`: E.164. A `written_at` of a clock that is ahead counts as now: no draft is out of reach of the next.
    """
    row = conn.execute(
        """
        INSERT INTO drafts (portal_id, user_id, object_type_id, object_id, content, recipient, written_at)
        VALUES (%(portal_id)s, %(user_id)s, %(object_type_id)s, %(object_id)s, %(content)s, %(recipient)s,
            LEAST(%(written_at)s, now()))
        ON CONFLICT (portal_id, user_id, object_type_id, object_id) DO UPDATE
        SET content = EXCLUDED.content, recipient = EXCLUDED.recipient, written_at = EXCLUDED.written_at,
            saved_at = now()
        WHERE drafts.written_at <= EXCLUDED.written_at
        RETURNING 1
        """,
        {
            **key.as_params(),
            "content": None if content is None else Jsonb(content),
            "recipient": None if content is None else recipient,
            "written_at": written_at,
        },
    ).fetchone()
    return row is not None


def remove_expired(conn: Conn) -> None:
    """Remove some expired drafts, of whichever portal; rows that another save holds are left to it."""
    conn.execute(
        """
        DELETE FROM drafts d USING (
            SELECT portal_id, user_id, object_type_id, object_id FROM drafts
            WHERE saved_at <= now() - make_interval(hours => %(kept_h)s)
            ORDER BY saved_at LIMIT %(most)s FOR UPDATE SKIP LOCKED) AS expired
        WHERE d.portal_id = expired.portal_id AND d.user_id = expired.user_id
          AND d.object_type_id = expired.object_type_id AND d.object_id = expired.object_id
        """,
        {"kept_h": KEPT_H, "most": REMOVED_AT_ONCE},
    )
