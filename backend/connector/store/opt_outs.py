"""Opt-outs: numbers that must not be texted any more, by portal (B3 grows from here)."""

from datetime import datetime

from connector.store.database import Conn


def add(conn: Conn, portal_id: int, recipient: str, *, source: str, text: str, at: datetime) -> None:
    """Record the opt-out; a second one changes nothing."""
    conn.execute(
        "INSERT INTO opt_outs (portal_id, recipient, source, text, opted_out_at) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (portal_id, recipient, source, text, at),
    )


def is_opted_out(conn: Conn, portal_id: int, recipient: str) -> bool:
    row = conn.execute(
        "SELECT 1 FROM opt_outs WHERE portal_id = %s AND recipient = %s", (portal_id, recipient)
    ).fetchone()
    return row is not None


def of(conn: Conn, portal_id: int, recipients: list[str]) -> set[str]:
    """Those of the numbers that have opted out."""
    rows = conn.execute(
        "SELECT recipient FROM opt_outs WHERE portal_id = %s AND recipient = ANY(%s)", (portal_id, recipients)
    )
    return {row["recipient"] for row in rows}
