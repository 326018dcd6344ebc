"""Messages that wait to leave: those whose time has come, those that may not leave any more, cancelling one."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.store.database import Conn

BATCH = 500


@dataclass(frozen=True, slots=True)
class Stale:
    """Due messages that must not be claimed as they are."""

    too_late: list[uuid.UUID]  # older than their maximum age
    opted_out: list[uuid.UUID]
    out_of_hours: list[dict[str, Any]]  # message_id, recipient_country: their legal window has closed


def come_due(conn: Conn, portal_id: int) -> list[uuid.UUID]:
    """Scheduled messages whose time has come."""
    rows = conn.execute(
        "SELECT message_id FROM messages WHERE portal_id = %s AND state = 'scheduled' AND due_at <= now()"
        " ORDER BY due_at, message_id LIMIT %s",
        (portal_id, BATCH),
    )
    return [row["message_id"] for row in rows]


def stale(conn: Conn, portal_id: int, *, call_s: float) -> Stale:
    """Queued, due messages that may not leave now; `call_s` as in `attempts.claim`."""
    rows = conn.execute(
        """
        SELECT m.message_id, m.recipient_country, m.expires_at <= now() AS is_too_late,
            COALESCE(m.slot_ends_at <= now() + make_interval(secs => %(call_s)s), false) AS is_out_of_hours
        FROM messages m JOIN portals p USING (portal_id)
        WHERE m.portal_id = %(portal_id)s AND m.state = 'queued' AND m.due_at <= now() AND (m.expires_at <= now()
            OR m.slot_ends_at <= now() + make_interval(secs => %(call_s)s)
            OR (EXISTS (SELECT 1 FROM opt_outs o WHERE o.portal_id = m.portal_id AND o.recipient = m.recipient)
                AND NOT (m.push_type = 'alert' AND p.alert_rule = 'allow')))
        ORDER BY m.message_id LIMIT %(limit)s
        """,
        {"portal_id": portal_id, "call_s": call_s, "limit": BATCH},
    ).fetchall()
    found = Stale([], [], [])
    for row in rows:
        if row["is_too_late"]:
            found.too_late.append(row["message_id"])
        elif row["is_out_of_hours"]:
            found.out_of_hours.append(row)
        else:
            found.opted_out.append(row["message_id"])
    return found


def move_slot(
    conn: Conn, portal_id: int, message_id: uuid.UUID, *, due_at: datetime, slot_ends_at: datetime | None
) -> None:
    """Let a queued message wait for the next legal window; its maximum age counts from there."""
    conn.execute(
        "UPDATE messages SET due_at = %(due_at)s, slot_ends_at = %(slot_ends_at)s, reason = 'legal_hours',"
        " expires_at = expires_at + (%(due_at)s - due_at)"
        " WHERE portal_id = %(portal_id)s AND message_id = %(message_id)s AND state = 'queued'",
        {"portal_id": portal_id, "message_id": message_id, "due_at": due_at, "slot_ends_at": slot_ends_at},
    )


def to_numbers(
    conn: Conn, portal_id: int, recipients: list[str], *, push_types: list[str]
) -> list[uuid.UUID]:
    """Messages to these numbers, of these push types, that have not been claimed."""
    rows = conn.execute(
        "SELECT message_id FROM messages WHERE portal_id = %s AND recipient = ANY(%s) AND push_type = ANY(%s)"
        " AND state IN ('resolving', 'scheduled', 'queued') ORDER BY message_id",
        (portal_id, recipients, push_types),
    )
    return [row["message_id"] for row in rows]
