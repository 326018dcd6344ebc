"""Numbers known to be unassigned (NPAI), by portal: from the gateway's list, or from a receipt."""

from datetime import datetime

from connector.store.database import Conn


def add(conn: Conn, portal_id: int, recipients: list[str], *, source: str) -> None:
    """Note the numbers, or that they are still unassigned; what first told us of one stays its source."""
    conn.execute(
        "INSERT INTO unassigned_numbers (portal_id, recipient, source)"
        " SELECT DISTINCT %s::bigint, recipient, %s FROM unnest(%s::text[]) AS recipient"
        " ON CONFLICT (portal_id, recipient) DO UPDATE SET found_at = excluded.found_at",
        (portal_id, source, recipients),
    )


def forget_imported(conn: Conn, portal_id: int, *, seen_before: datetime) -> None:
    """The gateway's list, read since then, no longer has these."""
    conn.execute(
        "DELETE FROM unassigned_numbers WHERE portal_id = %s AND source = 'import' AND found_at < %s",
        (portal_id, seen_before),
    )


def remove(conn: Conn, portal_id: int, recipient: str) -> None:
    """A delivery proves that the number is in use again."""
    conn.execute(
        "DELETE FROM unassigned_numbers WHERE portal_id = %s AND recipient = %s", (portal_id, recipient)
    )


def of(conn: Conn, portal_id: int, recipients: list[str]) -> set[str]:
    """Those of the numbers that are unassigned."""
    rows = conn.execute(
        "SELECT recipient FROM unassigned_numbers WHERE portal_id = %s AND recipient = ANY(%s)",
        (portal_id, recipients),
    )
    return {row["recipient"] for row in rows}
