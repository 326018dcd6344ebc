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
from connector.store.crm.record_marks import CLEARED_MARKS, MARKS, STOP_AT, WITH_NUMBERS
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
    stop_empty_at: datetime | None = None  # when the record's opt-out property was read, and was empty


@dataclass(frozen=True, slots=True)
class RecordWrite:
    portal_id: int
    object_type_id: str
    object_id: str
    properties: dict[str, str]
    version: int
    needs_stop: bool = False  # the record was texted, and its opt-out property was never written
    is_stop_empty: bool = False  # that property was read a moment ago, and is empty


# Incoming values win unless they belong to an older message, or to an earlier state of the same one.
_IS_NEWER = sql.SQL("""(excluded.last_message_at, excluded.last_message_id, excluded.last_message_rank)
    > (r.last_message_at, r.last_message_id, r.last_message_rank)""")

_PUT = load_sql(
    __file__,
    "put",
    marks=MARKS,
    cleared_marks=CLEARED_MARKS,
    is_newer=_IS_NEWER,
    stop_at=STOP_AT.format(cleared_marks=CLEARED_MARKS, new_flags=sql.SQL("excluded.flags")),
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
        "stops_empty_at": [fact.stop_empty_at for fact in facts],
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


_HOLD = compose(
    """
    SELECT 1 FROM record_writes r
    JOIN (SELECT * FROM unnest(%(types)s::text[], %(ids)s::text[]) AS fact (object_type_id, object_id)
          UNION {with_numbers}) AS record USING (object_type_id, object_id)
    WHERE r.portal_id = %(portal_id)s ORDER BY r.object_type_id, r.object_id FOR UPDATE OF r
    """,
    with_numbers=WITH_NUMBERS,
)


def hold(entered: Entered, facts: Sequence[RecordFacts], recipients: Sequence[str]) -> None:
    """Lock the rows that `put` and `record_marks.refresh` will change, in the order of both (protocol P26)."""
    entered.conn.execute(
        _HOLD,
        {
            "portal_id": entered.portal_id,
            "types": [fact.object_type_id for fact in facts],
            "ids": [fact.object_id for fact in facts],
            "recipients": list(recipients),
        },
    )


def first_stream(conn: Conn, portal_id: int) -> Stream | None:
    """The object type that is due first."""
    return write_streams.first(conn, portal_id, table="record_writes", column="object_type_id")


# For this long an empty opt-out property counts as empty without another read: a user may set « Oui » meanwhile.
_PASSED_ON_S = 30.0


def open_of(conn: Conn, portal_id: int, object_type_id: str, limit: int) -> list[RecordWrite]:
    """Records of one type whose properties HubSpot lacks, also before their time, because the call has room.

    A « Non » that was written once is left out: a user may have set « Oui » since.
    """
    rows = conn.execute(
        """
        SELECT object_id, last_message, version,
            CASE WHEN stop_at IS NOT NULL AND flags @> '{"smsfactor_is_stop": "false"}'
                THEN flags - %(mark)s ELSE flags END AS flags,
            stop_at IS NULL AND last_message <> '{}' AND NOT flags ? %(mark)s AS needs_stop,
            COALESCE(stop_empty_at > now() - make_interval(secs => %(passed_on_s)s), false) AS is_stop_empty
        FROM record_writes
        WHERE portal_id = %(portal_id)s AND object_type_id = %(object_type_id)s AND due_at IS NOT NULL
        ORDER BY due_at, object_id LIMIT %(limit)s
        """,
        {
            "portal_id": portal_id,
            "object_type_id": object_type_id,
            "limit": limit,
            "mark": STOP_PROPERTY,
            "passed_on_s": _PASSED_ON_S,
        },
    ).fetchall()
    return [
        RecordWrite(
            portal_id,
            object_type_id,
            row["object_id"],
            {**row["last_message"], **row["flags"]},
            row["version"],
            row["needs_stop"],
            row["is_stop_empty"],
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


def follow_merge(
    conn: Conn, write: RecordWrite, survivor_id: str, *, stop_empty_at: datetime | None = None
) -> None:
    """The record was merged: merge its values into the survivor's row, which becomes due.

    `stop_empty_at`: when the survivor's opt-out property was read, and was empty.
    """
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
        stop_empty_at=stop_empty_at,
    )
    put(lanes.enter(conn, write.portal_id, LaneKind.SYNC_CRM), [fact])
