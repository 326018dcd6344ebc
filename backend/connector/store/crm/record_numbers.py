"""The records that a number was, or was to be, texted from: its opt-out or NPAI state marks them.

Records that have the number but were never addressed by us are unknown; finding them needs a search in HubSpot.
"""

from collections.abc import Sequence

from connector.store.database import Conn

#: Number in E.164, object type id, object id.
Entry = tuple[str, str, str]


def add(conn: Conn, portal_id: int, entries: Sequence[Entry]) -> list[str]:
    """Note records and their numbers; returns the numbers of new entries."""
    if not entries:
        return []
    recipients, types, ids = zip(*entries, strict=True)
    rows = conn.execute(
        """
        INSERT INTO record_numbers (portal_id, recipient, object_type_id, object_id)
        SELECT DISTINCT %(portal_id)s::bigint, recipient, object_type_id, object_id
        FROM unnest(%(recipients)s::text[], %(types)s::text[], %(ids)s::text[])
            AS entry (recipient, object_type_id, object_id)
        ORDER BY recipient, object_type_id, object_id
        ON CONFLICT DO NOTHING RETURNING recipient
        """,
        {"portal_id": portal_id, "recipients": list(recipients), "types": list(types), "ids": list(ids)},
    )
    return [row["recipient"] for row in rows]


def of_records(conn: Conn, portal_id: int, object_type_id: str, object_ids: Sequence[str]) -> list[Entry]:
    """The known numbers of these records."""
    rows = conn.execute(
        """
        SELECT recipient, object_type_id, object_id FROM record_numbers
        WHERE portal_id = %(portal_id)s AND object_type_id = %(object_type_id)s AND object_id = ANY(%(ids)s)
        """,
        {"portal_id": portal_id, "object_type_id": object_type_id, "ids": list(object_ids)},
    )
    return [(row["recipient"], row["object_type_id"], row["object_id"]) for row in rows]


def follow_merge(conn: Conn, portal_id: int, object_type_id: str, object_id: str, survivor_id: str) -> None:
    """The record was merged: move its numbers to the survivor."""
    conn.execute(
        """
        INSERT INTO record_numbers
        SELECT portal_id, recipient, object_type_id, %(survivor_id)s FROM record_numbers
        WHERE portal_id = %(portal_id)s AND object_type_id = %(object_type_id)s AND object_id = %(object_id)s
        ON CONFLICT DO NOTHING
        """,
        {
            "survivor_id": survivor_id,
            "portal_id": portal_id,
            "object_type_id": object_type_id,
            "object_id": object_id,
        },
    )
    conn.execute(
        """
        DELETE FROM record_numbers
        WHERE portal_id = %(portal_id)s AND object_type_id = %(object_type_id)s AND object_id = %(object_id)s
        """,
        {"portal_id": portal_id, "object_type_id": object_type_id, "object_id": object_id},
    )
