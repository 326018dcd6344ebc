"""The inbox: events from the gateway, raw and once each, that wait to be applied."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from connector.domain.vocabulary import GatewayEvent, LaneKind
from connector.store.database import Conn
from connector.store.lanes import Entered
from connector.store.rows import reader


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    portal_id: int
    event_key: str
    type: GatewayEvent
    payload: dict[str, Any]
    received_at: datetime


_read_event = reader(ReceivedEvent)


def add(
    entered: Entered,
    *,
    event_key: str,
    client_id: str,
    type_: GatewayEvent,
    payload: dict[str, Any],
    is_applied: bool = False,
    former_key: str = "",
) -> bool:
    """Store an event, unapplied: `entered` for `events`. False: it is already stored, applied or waiting.

    `former_key`: under which the version before this one may have stored it.
    """
    if not is_applied:
        entered.require(LaneKind.EVENTS)
    row = entered.conn.execute(
        """
        INSERT INTO inbox (portal_id, event_key, client_id, type, payload, applied_at)
        SELECT %(portal_id)s, %(event_key)s, %(client_id)s, %(type)s, %(payload)s,
            CASE WHEN %(is_applied)s THEN now() END
        WHERE NOT EXISTS (SELECT 1 FROM inbox WHERE portal_id = %(portal_id)s AND event_key = %(former_key)s)
        ON CONFLICT DO NOTHING
        RETURNING 1
        """,
        {
            "portal_id": entered.portal_id,
            "event_key": event_key,
            "former_key": former_key,
            "client_id": client_id,
            "type": type_,
            "payload": Jsonb(payload),
            "is_applied": is_applied,
        },
    ).fetchone()
    return row is not None


def to_apply(conn: Conn, portal_id: int, limit: int) -> list[ReceivedEvent]:
    """The oldest events not yet applied, locked for this transaction."""
    rows = conn.execute(
        """
        SELECT portal_id, event_key, type, payload, received_at FROM inbox
        WHERE portal_id = %s AND applied_at IS NULL
        ORDER BY inbox_id LIMIT %s FOR UPDATE SKIP LOCKED
        """,
        (portal_id, limit),
    )
    return [_read_event(row) for row in rows]


def hold(conn: Conn, portal_id: int, event_keys: Sequence[str]) -> set[str]:
    """Those of the events that are not applied yet, locked for this transaction."""
    rows = conn.execute(
        """
        SELECT event_key FROM inbox WHERE portal_id = %s AND event_key = ANY(%s) AND applied_at IS NULL
        ORDER BY inbox_id FOR UPDATE SKIP LOCKED
        """,
        (portal_id, list(event_keys)),
    )
    return {row["event_key"] for row in rows}


def mark_applied(conn: Conn, events: list[ReceivedEvent], *, set_aside_reason: str | None = None) -> None:
    """Mark events of one portal as applied, or as set aside with a reason."""
    if events:
        conn.execute(
            """
            UPDATE inbox SET applied_at = now(), set_aside_reason = %(set_aside_reason)s
            WHERE portal_id = %(portal_id)s AND event_key = ANY(%(event_keys)s)
            """,
            {
                "set_aside_reason": set_aside_reason,
                "portal_id": events[0].portal_id,
                "event_keys": [event.event_key for event in events],
            },
        )


def next_due_at(conn: Conn, portal_id: int) -> datetime | None:
    row = conn.execute(
        "SELECT min(received_at) AS at FROM inbox WHERE portal_id = %s AND applied_at IS NULL", (portal_id,)
    ).fetchone()
    return row["at"] if row else None


def keep_unassigned(
    conn: Conn,
    client_id: str,
    *,
    event_key: str,
    former_key: str,
    type_: GatewayEvent,
    payload: dict[str, Any],
) -> bool:
    """Store an event without a known portal. False: it is already stored. `former_key`: as in `add`."""
    row = conn.execute(
        """
        INSERT INTO unassigned_events (client_id, event_key, type, payload)
        SELECT %(client_id)s, %(event_key)s, %(type)s, %(payload)s
        WHERE NOT EXISTS (
            SELECT 1 FROM unassigned_events WHERE client_id = %(client_id)s AND event_key = %(former_key)s)
        ON CONFLICT DO NOTHING
        RETURNING 1
        """,
        {
            "client_id": client_id,
            "event_key": event_key,
            "former_key": former_key,
            "type": type_,
            "payload": Jsonb(payload),
        },
    ).fetchone()
    return row is not None


def unapplied_replies(
    conn: Conn, client_id: str, portal_ids: list[int], *, since: datetime
) -> list[dict[str, Any]]:
    """Payloads of replies that are stored and not on a card: not applied yet, or since then without a portal."""
    rows = conn.execute(
        """
        SELECT payload FROM inbox WHERE portal_id = ANY(%(portal_ids)s) AND applied_at IS NULL AND type = %(type)s
        UNION ALL
        SELECT payload FROM unassigned_events
        WHERE client_id = %(client_id)s AND received_at >= %(since)s AND type = %(type)s
        """,
        {"portal_ids": portal_ids, "client_id": client_id, "since": since, "type": GatewayEvent.MO},
    )
    return [row["payload"] for row in rows]
