"""What the app's properties should say on each CRM record, and whether HubSpot knows it yet (protocol P21)."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from connector.store.database import Conn

# Writes wait this long, so that the acceptance and the receipt of one SMS often share one call.
COALESCE_S = 1.0


@dataclass(frozen=True, slots=True)
class RecordWrite:
    portal_id: int
    object_type_id: str
    object_id: str
    properties: dict[str, str]
    version: int


# Incoming values win unless they belong to an older message, or to an earlier state of the same one.
_PUT = """
INSERT INTO record_writes AS r (portal_id, object_type_id, object_id, last_message, last_message_at,
    last_message_id, last_message_rank, flags, due_at)
VALUES (%(portal_id)s, %(object_type_id)s, %(object_id)s, %(last_message)s, %(accepted_at)s, %(message_id)s,
    %(rank)s, %(flags)s, now() + make_interval(secs => %(coalesce_s)s))
ON CONFLICT (portal_id, object_type_id, object_id) DO UPDATE SET
    (last_message, last_message_at, last_message_id, last_message_rank) = (
        SELECT v.last_message, v.last_message_at, v.last_message_id, v.last_message_rank FROM (VALUES
            (excluded.last_message, excluded.last_message_at, excluded.last_message_id, excluded.last_message_rank),
            (r.last_message, r.last_message_at, r.last_message_id, r.last_message_rank)
        ) AS v (last_message, last_message_at, last_message_id, last_message_rank)
        ORDER BY v.last_message_at DESC, v.last_message_id DESC, v.last_message_rank DESC LIMIT 1),
    flags = r.flags || excluded.flags, version = r.version + 1,
    due_at = LEAST(r.due_at, excluded.due_at), closed_reason = NULL
"""


def put(  # noqa: PLR0913 - the row, column by column
    conn: Conn,
    portal_id: int,
    *,
    object_type_id: str,
    object_id: str,
    last_message: dict[str, str],
    accepted_at: datetime,
    message_id: uuid.UUID,
    rank: int,
    flags: dict[str, str],
) -> None:
    """Merge a message's facts into the record's row; an older message never overwrites a newer one's values."""
    conn.execute(
        _PUT,
        {
            "portal_id": portal_id,
            "object_type_id": object_type_id,
            "object_id": object_id,
            "last_message": Jsonb(last_message),
            "accepted_at": accepted_at,
            "message_id": message_id,
            "rank": rank,
            "flags": Jsonb(flags),
            "coalesce_s": COALESCE_S,
        },
    )


def set_flags(
    conn: Conn, portal_id: int, *, object_type_id: str, object_id: str, flags: dict[str, str]
) -> None:
    """Set marks of a record that has been texted or marked before; another one has nothing to correct."""
    conn.execute(
        "UPDATE record_writes SET flags = flags || %s, version = version + 1, closed_reason = NULL,"
        " due_at = LEAST(due_at, now() + make_interval(secs => %s))"
        " WHERE portal_id = %s AND object_type_id = %s AND object_id = %s",
        (Jsonb(flags), COALESCE_S, portal_id, object_type_id, object_id),
    )


def due(conn: Conn, portal_id: int, limit: int) -> list[RecordWrite]:
    """Records of one object type (the one due longest) whose properties HubSpot does not have yet."""
    rows = conn.execute(
        """
        SELECT portal_id, object_type_id, object_id, last_message, flags, version FROM record_writes
        WHERE portal_id = %(portal_id)s AND due_at <= now() AND object_type_id = (
            SELECT object_type_id FROM record_writes WHERE portal_id = %(portal_id)s AND due_at <= now()
            ORDER BY due_at LIMIT 1)
        ORDER BY due_at, object_id LIMIT %(limit)s
        """,
        {"portal_id": portal_id, "limit": limit},
    ).fetchall()
    return [
        RecordWrite(
            row["portal_id"],
            row["object_type_id"],
            row["object_id"],
            {**row["last_message"], **row["flags"]},
            row["version"],
        )
        for row in rows
    ]


def close(conn: Conn, writes: list[RecordWrite], reason: str | None = None) -> None:
    """HubSpot has these versions (reason None), or they are set aside for `reason`.

    A row that changed meanwhile stays due; one that was set aside is tried again with its next message.
    """
    with conn.cursor() as cursor:
        cursor.executemany(
            "UPDATE record_writes SET due_at = NULL, closed_reason = %s"
            " WHERE portal_id = %s AND object_type_id = %s AND object_id = %s AND version = %s",
            [(reason, w.portal_id, w.object_type_id, w.object_id, w.version) for w in writes],
        )


def next_due_at(conn: Conn, portal_id: int) -> datetime | None:
    row = conn.execute(
        "SELECT min(due_at) AS at FROM record_writes WHERE portal_id = %s AND due_at IS NOT NULL",
        (portal_id,),
    ).fetchone()
    return row["at"] if row else None
