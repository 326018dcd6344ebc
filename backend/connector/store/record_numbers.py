"""Which records a number was texted from: their marks follow when it opts out or turns out to be unassigned.

Records that have the number but were never texted from here are not known; finding them is a search in HubSpot.
"""

from connector.store.database import Conn


def add(conn: Conn, portal_id: int, entries: list[tuple[str, str, str]]) -> None:
    """Note (number in E.164, object type id, object id); what is known changes nothing."""
    if not entries:
        return
    recipients, types, ids = zip(*entries, strict=True)
    conn.execute(
        "INSERT INTO record_numbers (portal_id, recipient, object_type_id, object_id)"
        " SELECT DISTINCT %s::bigint, recipient, object_type_id, object_id"
        " FROM unnest(%s::text[], %s::text[], %s::text[]) AS t (recipient, object_type_id, object_id)"
        " ORDER BY recipient, object_type_id, object_id ON CONFLICT DO NOTHING",
        (portal_id, list(recipients), list(types), list(ids)),
    )


def follow_merge(conn: Conn, portal_id: int, object_type_id: str, object_id: str, survivor_id: str) -> None:
    """The record was merged into another: its numbers are that one's."""
    conn.execute(
        "INSERT INTO record_numbers SELECT portal_id, recipient, object_type_id, %s FROM record_numbers"
        " WHERE portal_id = %s AND object_type_id = %s AND object_id = %s ON CONFLICT DO NOTHING",
        (survivor_id, portal_id, object_type_id, object_id),
    )
    conn.execute(
        "DELETE FROM record_numbers WHERE portal_id = %s AND object_type_id = %s AND object_id = %s",
        (portal_id, object_type_id, object_id),
    )
