"""Numbers known to be unassigned (NPAI), by portal: from the gateway's list, or from a receipt."""

from datetime import datetime

from connector.domain.vocabulary import UnassignedSource
from connector.store.database import Conn


def add(conn: Conn, portal_id: int, recipients: list[str], *, source: UnassignedSource) -> list[str]:
    """Note the numbers, or that they are still unassigned; the first source of each is not changed.

    Returns the new ones.
    """
    rows = conn.execute(
        """
        INSERT INTO unassigned_numbers (portal_id, recipient, source)
        SELECT DISTINCT %(portal_id)s::bigint, recipient, %(source)s
        FROM unnest(%(recipients)s::text[]) AS recipient ORDER BY recipient
        ON CONFLICT (portal_id, recipient) DO UPDATE SET found_at = excluded.found_at
        RETURNING recipient, xmax = 0 AS is_new -- xmax: 0 for a row that was inserted
        """,
        {"portal_id": portal_id, "source": source, "recipients": recipients},
    )
    return [row["recipient"] for row in rows if row["is_new"]]


def forget_imported(conn: Conn, portal_id: int, *, seen_before: datetime) -> list[str]:
    """Remove and return the numbers that the gateway's list, read since then, no longer has."""
    rows = conn.execute(
        """
        DELETE FROM unassigned_numbers u
        USING (SELECT recipient FROM unassigned_numbers
               WHERE portal_id = %(portal_id)s AND source = 'import' AND found_at < %(seen_before)s
               ORDER BY recipient FOR UPDATE) AS held
        WHERE u.portal_id = %(portal_id)s AND u.recipient = held.recipient RETURNING u.recipient
        """,
        {"portal_id": portal_id, "seen_before": seen_before},
    )
    return [row["recipient"] for row in rows]


def remove(conn: Conn, portal_id: int, recipients: list[str]) -> list[str]:
    """Remove numbers that deliveries prove to be in use; returns those that were noted as unassigned."""
    rows = conn.execute(
        """
        DELETE FROM unassigned_numbers u
        USING (SELECT recipient FROM unassigned_numbers
               WHERE portal_id = %(portal_id)s AND recipient = ANY(%(recipients)s)
               ORDER BY recipient FOR UPDATE) AS held
        WHERE u.portal_id = %(portal_id)s AND u.recipient = held.recipient RETURNING u.recipient
        """,
        {"portal_id": portal_id, "recipients": recipients},
    )
    return [row["recipient"] for row in rows]


def unassigned(conn: Conn, portal_id: int, recipients: list[str]) -> set[str]:
    """The given numbers that are unassigned."""
    rows = conn.execute(
        "SELECT recipient FROM unassigned_numbers WHERE portal_id = %s AND recipient = ANY(%s)",
        (portal_id, recipients),
    )
    return {row["recipient"] for row in rows}
