"""The consent ledger: which numbers must not be texted, and every change of it with its author (B3).

`opt_outs` holds what is in force and is read by the statement that claims; `consent_events` is the history.
"""

from datetime import datetime

from connector.store.database import Conn


def add(
    conn: Conn,
    portal_id: int,
    recipient: str,
    *,
    source: str,
    text: str,
    at: datetime,
    user_id: int | None = None,
) -> bool:
    """Record the opt-out. False: it was in force already, nothing changed."""
    added = conn.execute(
        "INSERT INTO opt_outs (portal_id, recipient, source, text, opted_out_at) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING RETURNING 1",
        (portal_id, recipient, source, text, at),
    ).fetchone()
    if added:
        _note(conn, portal_id, recipient, "opted_out", source=source, user_id=user_id, text=text, at=at)
    return added is not None


def end(
    conn: Conn, portal_id: int, recipient: str, *, source: str, reason: str, user_id: int | None, at: datetime
) -> bool:
    """Record that the person consents again. False: there was no opt-out."""
    ended = conn.execute(
        "DELETE FROM opt_outs WHERE portal_id = %s AND recipient = %s RETURNING 1", (portal_id, recipient)
    ).fetchone()
    if ended:
        _note(conn, portal_id, recipient, "consented", source=source, user_id=user_id, text=reason, at=at)
    return ended is not None


def _note(
    conn: Conn,
    portal_id: int,
    recipient: str,
    event: str,
    *,
    source: str,
    user_id: int | None,
    text: str,
    at: datetime,
) -> None:
    conn.execute(
        "INSERT INTO consent_events (portal_id, recipient, event, source, user_id, text, at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (portal_id, recipient, event, source, user_id, text, at),
    )


def add_imported(conn: Conn, portal_id: int, entries: list[tuple[str, datetime]]) -> int:
    """Add the numbers of the gateway's STOP list that the ledger lacks; returns how many. Numbers are E.164."""
    rows = conn.execute(
        """
        WITH added AS (
            INSERT INTO opt_outs (portal_id, recipient, source, opted_out_at)
            SELECT %(portal_id)s, recipient, 'import', at
            FROM unnest(%(recipients)s::text[], %(ats)s::timestamptz[]) AS entry (recipient, at)
            ON CONFLICT DO NOTHING RETURNING recipient, opted_out_at
        )
        INSERT INTO consent_events (portal_id, recipient, event, source, at)
        SELECT %(portal_id)s, recipient, 'opted_out', 'import', opted_out_at FROM added RETURNING 1
        """,
        {
            "portal_id": portal_id,
            "recipients": [recipient for recipient, _ in entries],
            "ats": [at for _, at in entries],
        },
    ).fetchall()
    return len(rows)


def of(conn: Conn, portal_id: int, recipients: list[str]) -> set[str]:
    """Those of the numbers that have opted out."""
    rows = conn.execute(
        "SELECT recipient FROM opt_outs WHERE portal_id = %s AND recipient = ANY(%s)", (portal_id, recipients)
    )
    return {row["recipient"] for row in rows}
