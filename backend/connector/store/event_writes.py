"""Timeline events that HubSpot does not have yet. Their ids are deterministic: a repeat is refused there (P20)."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from connector.store.database import Conn


@dataclass(frozen=True, slots=True)
class EventWrite:
    portal_id: int
    event_type: str
    event_id: str
    object_id: str
    occurred_at: datetime
    properties: dict[str, str]


def put(conn: Conn, event: EventWrite) -> None:
    """Plan the event; the same event again changes nothing."""
    conn.execute(
        "INSERT INTO event_writes (portal_id, event_type, event_id, object_id, occurred_at, properties, due_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, now()) ON CONFLICT DO NOTHING",
        (
            event.portal_id,
            event.event_type,
            event.event_id,
            event.object_id,
            event.occurred_at,
            Jsonb(event.properties),
        ),
    )


def due(conn: Conn, portal_id: int, limit: int) -> list[EventWrite]:
    """The events due longest. The order is fixed, so a batch whose outcome is unknown is retried unchanged."""
    rows = conn.execute(
        "SELECT portal_id, event_type, event_id, object_id, occurred_at, properties FROM event_writes"
        " WHERE portal_id = %s AND due_at <= now() ORDER BY due_at, event_id LIMIT %s",
        (portal_id, limit),
    )
    return [EventWrite(**row) for row in rows]


def close(conn: Conn, events: list[EventWrite], reason: str | None = None) -> None:
    """HubSpot has them (reason None), or they are set aside for `reason`."""
    with conn.cursor() as cursor:
        cursor.executemany(
            "UPDATE event_writes SET due_at = NULL, closed_reason = %s"
            " WHERE portal_id = %s AND event_type = %s AND event_id = %s",
            [(reason, e.portal_id, e.event_type, e.event_id) for e in events],
        )


def next_due_at(conn: Conn, portal_id: int) -> datetime | None:
    row = conn.execute(
        "SELECT min(due_at) AS at FROM event_writes WHERE portal_id = %s AND due_at IS NOT NULL", (portal_id,)
    ).fetchone()
    return row["at"] if row else None
