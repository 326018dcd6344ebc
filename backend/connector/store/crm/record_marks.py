"""The marks of records in the CRM (opted out, unassigned number), as the ledgers have their known numbers (P21)."""

from collections.abc import Sequence
from datetime import datetime

from psycopg import sql

from connector.domain.vocabulary import LaneKind
from connector.store.crm import write_streams
from connector.store.database import Conn
from connector.store.lanes import Entered
from connector.store.statements import compose, load_sql

# The marks of records from all their known numbers: one opted-out number marks the record, as does one unassigned
# number. Records without a mark are absent.
MARKS = sql.SQL("""
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
CLEARED_MARKS = sql.SQL(
    "(SELECT COALESCE(jsonb_object_agg(mark, 'false'), '{}') FROM jsonb_object_keys(r.flags) AS mark)"
)

# A consent's « Non » is to be written.
STOP_AT = sql.SQL("""CASE WHEN r.flags @> '{{"smsfactor_is_stop": "true"}}'
    AND ({cleared_marks} || {new_flags}) @> '{{"smsfactor_is_stop": "false"}}' THEN NULL ELSE r.stop_at END""")

# Records that have these numbers.
WITH_NUMBERS = sql.SQL("""
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
    with_numbers=WITH_NUMBERS,
    marks=MARKS,
)

_LOCK_MARKED = compose(
    """
    SELECT 1 FROM record_writes r JOIN ({with_numbers}) AS record USING (object_type_id, object_id)
    WHERE r.portal_id = %(portal_id)s ORDER BY r.object_type_id, r.object_id FOR UPDATE OF r
    """,
    with_numbers=WITH_NUMBERS,
)

_REFRESH = load_sql(
    __file__,
    "refresh",
    with_numbers=WITH_NUMBERS,
    marks=MARKS,
    cleared_marks=CLEARED_MARKS,
    stop_at=STOP_AT.format(cleared_marks=CLEARED_MARKS, new_flags=sql.SQL("m.flags")),
)


def refresh(entered: Entered, recipients: Sequence[str]) -> datetime | None:
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
    conn.execute(_LOCK_MARKED, values)  # as in `record_writes.put`
    row = conn.execute(_REFRESH, values).fetchone()
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
