"""Timeline events that HubSpot does not have yet. Their ids are deterministic: a repeat is refused there (P20)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from connector.domain.vocabulary import LaneKind
from connector.store.crm import write_streams
from connector.store.crm.write_streams import Stream
from connector.store.database import Conn
from connector.store.lanes import Entered


@dataclass(frozen=True, slots=True)
class EventWrite:
    portal_id: int
    event_type: str
    event_id: str
    object_id: str
    occurred_at: datetime
    properties: dict[str, str]
    batch_id: uuid.UUID | None = None  # the call that sent it, until the outcome is known


def put(entered: Entered, events: Sequence[EventWrite]) -> datetime | None:
    """Plan the events; returns the due time of the first. A repeated event changes nothing."""
    entered.require(LaneKind.SYNC_CRM)
    if not events:
        return None
    row = entered.conn.execute(
        """
        WITH put AS (
            INSERT INTO event_writes (portal_id, event_type, event_id, object_id, occurred_at, properties, due_at)
            SELECT %(portal_id)s, e.event_type, e.event_id, e.object_id, e.occurred_at, e.properties,
                GREATEST(now() + make_interval(secs => %(coalesce_s)s), s.quiet_until)
            FROM unnest(%(types)s::text[], %(ids)s::text[], %(object_ids)s::text[], %(ats)s::timestamptz[],
                %(properties)s::jsonb[]) AS e (event_type, event_id, object_id, occurred_at, properties)
            LEFT JOIN write_streams s ON s.portal_id = %(portal_id)s AND s.stream = e.event_type
            ORDER BY e.event_type, e.event_id
            ON CONFLICT DO NOTHING RETURNING due_at
        ) SELECT min(due_at) AS due_at FROM put
        """,
        {
            "portal_id": entered.portal_id,
            "types": [event.event_type for event in events],
            "ids": [event.event_id for event in events],
            "object_ids": [event.object_id for event in events],
            "ats": [event.occurred_at for event in events],
            "properties": [Jsonb(event.properties) for event in events],
            "coalesce_s": write_streams.coalesce_s(len(events)),
        },
    ).fetchone()
    return row["due_at"] if row else None


def first_stream(conn: Conn, portal_id: int) -> Stream | None:
    """The event type that is due first."""
    return write_streams.first(conn, portal_id, table="event_writes", column="event_type")


def open_of(conn: Conn, portal_id: int, event_type: str, limit: int) -> list[EventWrite]:
    """Events of one type, also before their time, because the call has room.

    Events of a call of unknown outcome come first, and alone: it is repeated unchanged (protocol P20).
    """
    rows = conn.execute(
        """
        WITH doubt AS (
            SELECT batch_id FROM event_writes WHERE portal_id = %(portal_id)s AND event_type = %(event_type)s
            AND due_at IS NOT NULL AND batch_id IS NOT NULL ORDER BY batch_id LIMIT 1)
        SELECT portal_id, event_type, event_id, object_id, occurred_at, properties, batch_id FROM event_writes e
        WHERE portal_id = %(portal_id)s AND event_type = %(event_type)s AND due_at IS NOT NULL
          AND batch_id IS NOT DISTINCT FROM (SELECT batch_id FROM doubt)
        ORDER BY due_at, event_id LIMIT %(limit)s
        """,
        {"portal_id": portal_id, "event_type": event_type, "limit": limit},
    )
    return [EventWrite(**row) for row in rows]


def keep_together(conn: Conn, events: Sequence[EventWrite]) -> None:
    """Note that these share one call: if its outcome stays unknown, even after a crash, it is repeated unchanged."""
    conn.execute(
        """
        UPDATE event_writes e SET batch_id = %(batch_id)s
        FROM unnest(%(types)s::text[], %(ids)s::text[]) AS sent (event_type, event_id)
        WHERE e.portal_id = %(portal_id)s AND e.event_type = sent.event_type AND e.event_id = sent.event_id
        """,
        {
            "batch_id": uuid.uuid4(),
            "types": [event.event_type for event in events],
            "ids": [event.event_id for event in events],
            "portal_id": events[0].portal_id,
        },
    )


def close(conn: Conn, events: Sequence[EventWrite], reason: str | None = None) -> None:
    """Close events: HubSpot has them (reason None), or they are set aside for `reason`."""
    if not events:
        return
    conn.execute(
        """
        UPDATE event_writes e SET batch_id = NULL, due_at = NULL, closed_reason = %(reason)s
        FROM unnest(%(types)s::text[], %(ids)s::text[]) AS sent (event_type, event_id)
        WHERE e.portal_id = %(portal_id)s AND e.event_type = sent.event_type AND e.event_id = sent.event_id
        """,
        {
            "reason": reason,
            "types": [event.event_type for event in events],
            "ids": [event.event_id for event in events],
            "portal_id": events[0].portal_id,
        },
    )


def close_all(conn: Conn, portal_id: int, reason: str) -> None:
    """Set aside everything that is open."""
    conn.execute(
        """
        UPDATE event_writes SET due_at = NULL, batch_id = NULL, closed_reason = %s
        WHERE portal_id = %s AND due_at IS NOT NULL
        """,
        (reason, portal_id),
    )


def follow_merge(conn: Conn, event: EventWrite, survivor_id: str) -> None:
    """The record was merged: move all events that wait for its timeline to the survivor's."""
    conn.execute(
        """
        UPDATE event_writes SET object_id = %(survivor_id)s
        WHERE portal_id = %(portal_id)s AND event_type = %(event_type)s AND object_id = %(object_id)s
          AND due_at IS NOT NULL
        """,
        {
            "survivor_id": survivor_id,
            "portal_id": event.portal_id,
            "event_type": event.event_type,
            "object_id": event.object_id,
        },
    )
