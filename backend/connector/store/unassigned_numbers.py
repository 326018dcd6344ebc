"""Numbers known to be unassigned (NPAI), by portal: from the gateway's list, or from a receipt."""

from connector.store.database import Conn


def add(conn: Conn, portal_id: int, recipients: list[str], *, source: str) -> None:
    conn.execute(
        "INSERT INTO unassigned_numbers (portal_id, recipient, source)"
        " SELECT %s, recipient, %s FROM unnest(%s::text[]) AS recipient ON CONFLICT DO NOTHING",
        (portal_id, source, recipients),
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
