"""The intended values of the app's properties on each CRM record, and whether HubSpot has them (protocol P21)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql
from psycopg.types.json import Jsonb

from connector.domain.objects import STOP_PROPERTY
from connector.domain.vocabulary import LaneKind, ProblemCode
from connector.store import lanes
from connector.store.crm import record_numbers, write_streams
from connector.store.crm.write_streams import Stream
from connector.store.database import Conn
from connector.store.lanes import Entered
from connector.store.statements import compose, load_sql

#: closed_reason of a row that was written without a property that HubSpot refuses.
UNUSABLE = ProblemCode.PROPERTY_UNUSABLE


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """Property values of one record that follow from one message."""

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
    is_stop_unknown: bool = (
        False  # the record was texted, and HubSpot's value of the opt-out property is not known
    )


# The marks of records from all their known numbers: one opted-out number marks the record, as does one unassigned
# number. Records without a mark are absent.
_MARKS = sql.SQL("""
SELECT n.object_type_id, n.object_id,
    CASE WHEN count(o.recipient) > 0 THEN '{"smsfactor_is_stop": "true"}'::jsonb ELSE '{}' END
    || CASE WHEN count(u.recipient) > 0 THEN '{"smsfactor_is_npai": "true"}'::jsonb ELSE '{}' END AS flags
FROM record
JOIN record_numbers n ON n.portal_id = %(portal_id)s AND n.object_type_id = record.object_type_id
    AND n.object_id = record.object_id
LEFT JOIN opt_outs o ON o.portal_id = n.portal_id AND o.recipient = n.recipient
LEFT JOIN unassigned_numbers u ON u.portal_id = n.portal_id AND u.recipient = n.recipient
GROUP BY n.object_type_id, n.object_id
""")

# Only marks that we wrote are removed: a mark set by hand is not ours to remove.
_CLEARED_MARKS = sql.SQL(
    "(SELECT COALESCE(jsonb_object_agg(mark, 'false'), '{}') FROM jsonb_object_keys(r.flags) AS mark)"
)

# Incoming values win unless they belong to an older message, or to an earlier state of the same one.
# A consent's « Non » is to be written.
_STOP_AT = sql.SQL("""CASE WHEN r.flags @> '{{"smsfactor_is_stop": "true"}}'
    AND ({cleared_marks} || {new_flags}) @> '{{"smsfactor_is_stop": "false"}}' THEN NULL ELSE r.stop_at END""")

_IS_NEWER = sql.SQL("""(excluded.last_message_at, excluded.last_message_id, excluded.last_message_rank)
    > (r.last_message_at, r.last_message_id, r.last_message_rank)""")

_PUT = load_sql(
    __file__,
    "put",
    marks=_MARKS,
    cleared_marks=_CLEARED_MARKS,
    is_newer=_IS_NEWER,
    stop_at=_STOP_AT.format(cleared_marks=_CLEARED_MARKS, new_flags=sql.SQL("excluded.flags")),
)


def put(entered: Entered, facts: Sequence[RecordFacts]) -> datetime | None:
    """Merge the facts of messages into the records' rows; returns the due time of the first row.

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
    # Locked first, so that the marks include simultaneous changes.
    entered.conn.execute(
        """
        SELECT 1 FROM record_writes r
        JOIN unnest(%(types)s::text[], %(ids)s::text[]) AS record (object_type_id, object_id)
            ON r.object_type_id = record.object_type_id AND r.object_id = record.object_id
        WHERE r.portal_id = %(portal_id)s ORDER BY r.object_type_id, r.object_id FOR UPDATE OF r
        """,
        values,
    )
    row = entered.conn.execute(_PUT, values).fetchone()
    return row["due_at"] if row else None


# Records that have these numbers.
_WITH_NUMBERS = sql.SQL("""
SELECT DISTINCT object_type_id, object_id FROM record_numbers
WHERE portal_id = %(portal_id)s AND recipient = ANY(%(recipients)s)
""")

# A record without an accepted message can have a mark too: its row has no message, so any message is newer.
_INSERT_MARKED = compose(
    """
    WITH record AS ({with_numbers}), marks AS ({marks})
    INSERT INTO record_writes (portal_id, object_type_id, object_id, last_message_at, last_message_id,
        last_message_rank)
    SELECT %(portal_id)s, object_type_id, object_id, to_timestamp(0), '00000000-0000-0000-0000-000000000000', 0
    FROM marks WHERE flags <> '{}' ORDER BY object_type_id, object_id ON CONFLICT DO NOTHING
    """,
    with_numbers=_WITH_NUMBERS,
    marks=_MARKS,
)

_LOCK_MARKED = compose(
    """
    SELECT 1 FROM record_writes r JOIN ({with_numbers}) AS record USING (object_type_id, object_id)
    WHERE r.portal_id = %(portal_id)s ORDER BY r.object_type_id, r.object_id FOR UPDATE OF r
    """,
    with_numbers=_WITH_NUMBERS,
)

_HOLD = compose(
    """
    SELECT 1 FROM record_writes r
    JOIN (SELECT * FROM unnest(%(types)s::text[], %(ids)s::text[]) AS fact (object_type_id, object_id)
          UNION {with_numbers}) AS record USING (object_type_id, object_id)
    WHERE r.portal_id = %(portal_id)s ORDER BY r.object_type_id, r.object_id FOR UPDATE OF r
    """,
    with_numbers=_WITH_NUMBERS,
)


def hold(entered: Entered, facts: Sequence[RecordFacts], recipients: Sequence[str]) -> None:
    """Lock the rows that `put` and `refresh_marks` will change, in the order of both (protocol P26)."""
    entered.conn.execute(
        _HOLD,
        {
            "portal_id": entered.portal_id,
            "types": [fact.object_type_id for fact in facts],
            "ids": [fact.object_id for fact in facts],
            "recipients": list(recipients),
        },
    )


_REFRESH_MARKS = load_sql(
    __file__,
    "refresh_marks",
    with_numbers=_WITH_NUMBERS,
    marks=_MARKS,
    cleared_marks=_CLEARED_MARKS,
    stop_at=_STOP_AT.format(cleared_marks=_CLEARED_MARKS, new_flags=sql.SQL("m.flags")),
)


def refresh_marks(entered: Entered, recipients: Sequence[str]) -> datetime | None:
    """Update the marks of all records with these numbers from the ledger, in the ledger's transaction.

    Returns the due time of the first; None: nothing changed.
    """
    entered.require(LaneKind.SYNC_CRM)
    conn = entered.conn
    values = {
        "portal_id": entered.portal_id,
        "recipients": list(recipients),
        "coalesce_s": write_streams.coalesce_s(len(recipients)),
    }
    conn.execute(_INSERT_MARKED, values)
    conn.execute(_LOCK_MARKED, values)  # as in `put`
    row = conn.execute(_REFRESH_MARKS, values).fetchone()
    return row["due_at"] if row else None


# A read that began before HubSpot took our value may show the former one for this long.
_READ_LAG_S = 60.0


def with_our_stop(conn: Conn, portal_id: int, records: Sequence[Sequence[str]]) -> set[tuple[str, str]]:
    """Those of the records (object type id, object id) whose opt-out in HubSpot is explained by what the app wrote.

    The app wrote it, or is about to take it back, or did so a moment ago.
    """
    types, ids = zip(*records, strict=True)
    rows = conn.execute(
        """
        SELECT r.object_type_id, r.object_id FROM record_writes r
        JOIN unnest(%(types)s::text[], %(ids)s::text[]) AS record (object_type_id, object_id)
            ON r.object_type_id = record.object_type_id AND r.object_id = record.object_id
        WHERE r.portal_id = %(portal_id)s AND (r.flags @> '{"smsfactor_is_stop": "true"}'
            OR r.flags @> '{"smsfactor_is_stop": "false"}'
               AND (r.stop_at IS NULL OR r.stop_at > now() - make_interval(secs => %(lag_s)s)))
        """,
        {"portal_id": portal_id, "types": list(types), "ids": list(ids), "lag_s": _READ_LAG_S},
    )
    return {(row["object_type_id"], row["object_id"]) for row in rows}


def first_stream(conn: Conn, portal_id: int) -> Stream | None:
    """The object type that is due first."""
    return write_streams.first(conn, portal_id, table="record_writes", column="object_type_id")


def open_of(conn: Conn, portal_id: int, object_type_id: str, limit: int) -> list[RecordWrite]:
    """Records of one type whose properties HubSpot lacks, also before their time, because the call has room.

    A « Non » that was written once is left out: a user may have set « Oui » since.
    """
    rows = conn.execute(
        """
        SELECT object_id, last_message, version,
            CASE WHEN stop_at IS NOT NULL AND flags @> '{"smsfactor_is_stop": "false"}'
                THEN flags - %(mark)s ELSE flags END AS flags,
            stop_at IS NULL AND last_message <> '{}' AND NOT flags ? %(mark)s AS is_stop_unknown
        FROM record_writes
        WHERE portal_id = %(portal_id)s AND object_type_id = %(object_type_id)s AND due_at IS NOT NULL
        ORDER BY due_at, object_id LIMIT %(limit)s
        """,
        {"portal_id": portal_id, "object_type_id": object_type_id, "limit": limit, "mark": STOP_PROPERTY},
    ).fetchall()
    return [
        RecordWrite(
            portal_id,
            object_type_id,
            row["object_id"],
            {**row["last_message"], **row["flags"]},
            row["version"],
            row["is_stop_unknown"],
        )
        for row in rows
    ]


def close(conn: Conn, writes: Sequence[RecordWrite], reason: str | None = None) -> None:
    """Close rows: HubSpot has these versions (reason None), or they are set aside for `reason`.

    A row that changed meanwhile stays due; a row that was set aside is tried again with its next message.
    """
    if not writes:
        return
    conn.execute(
        """
        WITH held AS (
            SELECT r.object_type_id, r.object_id FROM record_writes r
            JOIN unnest(%(types)s::text[], %(ids)s::text[], %(versions)s::bigint[])
                AS sent (object_type_id, object_id, version)
                ON r.object_type_id = sent.object_type_id AND r.object_id = sent.object_id
                AND r.version = sent.version
            WHERE r.portal_id = %(portal_id)s ORDER BY r.object_type_id, r.object_id FOR NO KEY UPDATE OF r)
        UPDATE record_writes r SET due_at = NULL, closed_reason = %(reason)s,
            written_at = CASE WHEN %(is_written)s THEN now() ELSE r.written_at END,
            stop_at = CASE WHEN %(is_whole)s THEN now() ELSE r.stop_at END
        FROM held WHERE r.portal_id = %(portal_id)s AND r.object_type_id = held.object_type_id
          AND r.object_id = held.object_id
        """,
        {
            "reason": reason,
            "is_written": reason in (None, UNUSABLE),
            "is_whole": reason is None,
            "types": [write.object_type_id for write in writes],
            "ids": [write.object_id for write in writes],
            "versions": [write.version for write in writes],
            "portal_id": writes[0].portal_id,
        },
    )


def reopen_unusable(conn: Conn, portal_id: int, object_type_id: str) -> None:
    """Reopen rows that were written without properties, because HubSpot accepts those now."""
    conn.execute(
        """
        UPDATE record_writes r SET due_at = now(), closed_reason = NULL
        FROM (SELECT object_id FROM record_writes
              WHERE portal_id = %(portal_id)s AND object_type_id = %(object_type_id)s AND closed_reason = %(unusable)s
              ORDER BY object_id FOR NO KEY UPDATE) AS held
        WHERE r.portal_id = %(portal_id)s AND r.object_type_id = %(object_type_id)s AND r.object_id = held.object_id
        """,
        {"portal_id": portal_id, "object_type_id": object_type_id, "unusable": UNUSABLE},
    )


def follow_merge(conn: Conn, write: RecordWrite, survivor_id: str) -> None:
    """The record was merged: merge its values into the survivor's row, which becomes due."""
    record_numbers.follow_merge(conn, write.portal_id, write.object_type_id, write.object_id, survivor_id)
    row = conn.execute(
        """
        DELETE FROM record_writes
        WHERE portal_id = %(portal_id)s AND object_type_id = %(object_type_id)s AND object_id = %(object_id)s
        RETURNING last_message, last_message_at, last_message_id, last_message_rank
        """,
        {"portal_id": write.portal_id, "object_type_id": write.object_type_id, "object_id": write.object_id},
    ).fetchone()
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
