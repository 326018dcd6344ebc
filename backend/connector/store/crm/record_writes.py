"""What the app's properties should say on each CRM record, and whether HubSpot knows it yet (protocol P21)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from connector.domain.vocabulary import LaneKind, ProblemCode
from connector.store import lanes
from connector.store.crm import record_numbers, write_streams
from connector.store.crm.write_streams import Stream
from connector.store.database import Conn
from connector.store.lanes import Entered

#: closed_reason of a row that was written without a property that HubSpot does not take.
UNUSABLE = ProblemCode.PROPERTY_UNUSABLE


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What one message says about one record."""

    object_type_id: str
    object_id: str
    last_message: dict[str, str]  # property values
    accepted_at: datetime
    message_id: uuid.UUID
    rank: int  # of the message's state
    is_delivered: bool  # so its number is in use


@dataclass(frozen=True, slots=True)
class RecordWrite:
    portal_id: int
    object_type_id: str
    object_id: str
    properties: dict[str, str]
    version: int


# The marks of records from all their known numbers: one number that opted out marks the record, likewise one that is
# unassigned. What is not in the result is not known to be so.
_MARKS = """
SELECT n.object_type_id, n.object_id,
    CASE WHEN count(o.recipient) > 0 THEN '{"smsfactor_is_stop": "true"}'::jsonb ELSE '{}' END
    || CASE WHEN count(u.recipient) > 0 THEN '{"smsfactor_is_npai": "true"}'::jsonb ELSE '{}' END AS flags
FROM asked a
JOIN record_numbers n ON n.portal_id = %(portal_id)s AND n.object_type_id = a.object_type_id
    AND n.object_id = a.object_id
LEFT JOIN opt_outs o ON o.portal_id = n.portal_id AND o.recipient = n.recipient
LEFT JOIN unassigned_numbers u ON u.portal_id = n.portal_id AND u.recipient = n.recipient
GROUP BY n.object_type_id, n.object_id
"""

# Only what we once wrote is taken back: a mark that somebody set by hand is not ours to remove.
_MERGED_FLAGS = """
((SELECT COALESCE(jsonb_object_agg(mark, 'false'), '{{}}') FROM jsonb_object_keys(r.flags) AS mark) || {marks})
"""

_LOCK = """
SELECT 1 FROM record_writes r JOIN unnest(%(types)s::text[], %(ids)s::text[]) AS asked (object_type_id, object_id)
    ON r.object_type_id = asked.object_type_id AND r.object_id = asked.object_id
WHERE r.portal_id = %(portal_id)s ORDER BY r.object_type_id, r.object_id FOR UPDATE OF r
"""

# Incoming values win unless they belong to an older message, or to an earlier state of the same one.
_NEWER = """
(excluded.last_message_at, excluded.last_message_id, excluded.last_message_rank)
    > (r.last_message_at, r.last_message_id, r.last_message_rank)
"""

_PUT = f"""
WITH told AS (
    SELECT * FROM unnest(%(types)s::text[], %(ids)s::text[], %(last_messages)s::jsonb[], %(ats)s::timestamptz[],
        %(message_ids)s::uuid[], %(ranks)s::smallint[], %(delivered)s::boolean[])
        AS t (object_type_id, object_id, last_message, accepted_at, message_id, rank, is_delivered)
), asked AS (
    SELECT DISTINCT ON (object_type_id, object_id) *,
        bool_or(is_delivered) OVER (PARTITION BY object_type_id, object_id) AS is_in_use
    FROM told ORDER BY object_type_id, object_id, accepted_at DESC, message_id DESC, rank DESC
), marks AS ({_MARKS}), put AS (
    INSERT INTO record_writes AS r (portal_id, object_type_id, object_id, last_message, last_message_at,
        last_message_id, last_message_rank, flags, due_at)
    SELECT %(portal_id)s, a.object_type_id, a.object_id, a.last_message, a.accepted_at, a.message_id, a.rank,
        CASE WHEN a.is_in_use THEN '{{"smsfactor_is_npai": "false"}}'::jsonb ELSE '{{}}' END
            || COALESCE(m.flags, '{{}}'),
        GREATEST(now() + make_interval(secs => %(coalesce_s)s), s.quiet_until)
    FROM asked a LEFT JOIN marks m USING (object_type_id, object_id)
    LEFT JOIN write_streams s ON s.portal_id = %(portal_id)s AND s.stream = a.object_type_id
    ORDER BY a.object_type_id, a.object_id
    ON CONFLICT (portal_id, object_type_id, object_id) DO UPDATE SET
        last_message = CASE WHEN {_NEWER} THEN excluded.last_message ELSE r.last_message END,
        last_message_at = CASE WHEN {_NEWER} THEN excluded.last_message_at ELSE r.last_message_at END,
        last_message_rank = CASE WHEN {_NEWER} THEN excluded.last_message_rank ELSE r.last_message_rank END,
        last_message_id = CASE WHEN {_NEWER} THEN excluded.last_message_id ELSE r.last_message_id END,
        flags = {_MERGED_FLAGS.format(marks="excluded.flags")}, version = r.version + 1,
        due_at = LEAST(r.due_at, excluded.due_at), closed_reason = NULL
    WHERE {_NEWER} OR r.flags <> {_MERGED_FLAGS.format(marks="excluded.flags")}
    RETURNING due_at
) SELECT min(due_at) AS due_at FROM put
"""  # noqa: S608 - constants of this file


def put(entered: Entered, facts: Sequence[RecordFacts]) -> datetime | None:
    """Merge what messages say into the records' rows; returns when the first of them is to be written.

    An older message never overwrites a newer one's values. None: nothing changed.
    """
    entered.require(LaneKind.SYNC_CRM)
    if not facts:
        return None
    values = {
        "portal_id": entered.portal_id,
        "types": [fact.object_type_id for fact in facts],
        "ids": [fact.object_id for fact in facts],
        "last_messages": [Jsonb(fact.last_message) for fact in facts],
        "ats": [fact.accepted_at for fact in facts],
        "message_ids": [fact.message_id for fact in facts],
        "ranks": [fact.rank for fact in facts],
        "delivered": [fact.is_delivered for fact in facts],
        "coalesce_s": write_streams.coalesce_s(len(facts)),
    }
    # Locked first, so that the marks are those after whoever changes them at the same time.
    entered.conn.execute(_LOCK, values)
    row = entered.conn.execute(_PUT, values).fetchone()
    return row["due_at"] if row else None


_WITH_NUMBERS = """
SELECT DISTINCT object_type_id, object_id FROM record_numbers
WHERE portal_id = %(portal_id)s AND recipient = ANY(%(recipients)s)
"""

# A record that no message was accepted for has a mark all the same: its row knows of no message, so any is newer.
_MAKE_MARKED = f"""
WITH asked AS ({_WITH_NUMBERS}), marks AS ({_MARKS})
INSERT INTO record_writes (portal_id, object_type_id, object_id, last_message_at, last_message_id, last_message_rank)
SELECT %(portal_id)s, object_type_id, object_id, to_timestamp(0), '00000000-0000-0000-0000-000000000000', 0
FROM marks WHERE flags <> '{{}}' ORDER BY object_type_id, object_id ON CONFLICT DO NOTHING
"""  # noqa: S608 - constants of this file

_LOCK_REFRESHED = f"""
SELECT 1 FROM record_writes r JOIN ({_WITH_NUMBERS}) AS asked USING (object_type_id, object_id)
WHERE r.portal_id = %(portal_id)s ORDER BY r.object_type_id, r.object_id FOR UPDATE OF r
"""  # noqa: S608 - constants of this file

_REFRESH = f"""
WITH asked AS ({_WITH_NUMBERS}), marks AS ({_MARKS}), refreshed AS (
    UPDATE record_writes r SET flags = {_MERGED_FLAGS.format(marks="m.flags")}, version = r.version + 1,
        closed_reason = NULL,
        due_at = LEAST(r.due_at, GREATEST(now() + make_interval(secs => %(coalesce_s)s), s.quiet_until))
    FROM marks m LEFT JOIN write_streams s ON s.portal_id = %(portal_id)s AND s.stream = m.object_type_id
    WHERE r.portal_id = %(portal_id)s AND r.object_type_id = m.object_type_id AND r.object_id = m.object_id
      AND r.flags <> {_MERGED_FLAGS.format(marks="m.flags")}
    RETURNING r.due_at
) SELECT min(due_at) AS due_at FROM refreshed
"""  # noqa: S608 - constants of this file


def refresh_marks(entered: Entered, recipients: Sequence[str]) -> datetime | None:
    """Let the marks of all records with these numbers follow the ledger, in whose transaction this is called.

    Returns when the first of them is to be written; None: nothing changed.
    """
    entered.require(LaneKind.SYNC_CRM)
    conn = entered.conn
    values = {
        "portal_id": entered.portal_id,
        "recipients": list(recipients),
        "coalesce_s": write_streams.coalesce_s(len(recipients)),
    }
    conn.execute(_MAKE_MARKED, values)
    conn.execute(_LOCK_REFRESHED, values)  # as in `put`
    row = conn.execute(_REFRESH, values).fetchone()
    return row["due_at"] if row else None


def first_stream(conn: Conn, portal_id: int) -> Stream | None:
    """The object type that is to be written first."""
    return write_streams.first(conn, portal_id, table="record_writes", column="object_type_id")


def open_of(conn: Conn, portal_id: int, object_type_id: str, limit: int) -> list[RecordWrite]:
    """Records of one type whose properties HubSpot does not have yet, also before their time: a call has room."""
    rows = conn.execute(
        "SELECT object_id, last_message, flags, version FROM record_writes"
        " WHERE portal_id = %s AND object_type_id = %s AND due_at IS NOT NULL ORDER BY due_at, object_id LIMIT %s",
        (portal_id, object_type_id, limit),
    ).fetchall()
    return [
        RecordWrite(
            portal_id,
            object_type_id,
            row["object_id"],
            {**row["last_message"], **row["flags"]},
            row["version"],
        )
        for row in rows
    ]


def close(conn: Conn, writes: Sequence[RecordWrite], reason: str | None = None) -> None:
    """HubSpot has these versions (reason None), or they are set aside for `reason`.

    A row that changed meanwhile stays due; one that was set aside is tried again with its next message.
    """
    if not writes:
        return
    conn.execute(
        "UPDATE record_writes r SET due_at = NULL, closed_reason = %s"
        " FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS sent (object_type_id, object_id, version)"
        " WHERE r.portal_id = %s AND r.object_type_id = sent.object_type_id AND r.object_id = sent.object_id"
        " AND r.version = sent.version",
        (
            reason,
            [write.object_type_id for write in writes],
            [write.object_id for write in writes],
            [write.version for write in writes],
            writes[0].portal_id,
        ),
    )


def reopen_unusable(conn: Conn, portal_id: int, object_type_id: str) -> None:
    """HubSpot takes the properties now that rows were written without: write them."""
    conn.execute(
        "UPDATE record_writes SET due_at = now(), closed_reason = NULL"
        " WHERE portal_id = %s AND object_type_id = %s AND closed_reason = %s",
        (portal_id, object_type_id, UNUSABLE),
    )


def follow_merge(conn: Conn, write: RecordWrite, survivor_id: str) -> None:
    """The record was merged into another one: what it was to say is merged into that one's row, and is due there."""
    row = conn.execute(
        "DELETE FROM record_writes WHERE portal_id = %s AND object_type_id = %s AND object_id = %s"
        " RETURNING last_message, last_message_at, last_message_id, last_message_rank",
        (write.portal_id, write.object_type_id, write.object_id),
    ).fetchone()
    record_numbers.follow_merge(conn, write.portal_id, write.object_type_id, write.object_id, survivor_id)
    if row is None:
        return
    fact = RecordFacts(
        object_type_id=write.object_type_id,
        object_id=survivor_id,
        last_message=row["last_message"],
        accepted_at=row["last_message_at"],
        message_id=row["last_message_id"],
        rank=row["last_message_rank"],
        is_delivered=False,
    )
    put(lanes.enter(conn, write.portal_id, LaneKind.SYNC_CRM), [fact])
