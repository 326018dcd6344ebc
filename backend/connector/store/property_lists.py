"""The property definitions of a portal's objects, kept for a while so that a search does not ask HubSpot each time."""

from typing import Any

from psycopg.types.json import Jsonb

from connector.store.database import Conn

KEPT_S = 600


def find(conn: Conn, portal_id: int, object_type: str) -> list[dict[str, Any]] | None:
    """`[{"name", "label"}]` by label, or None when they are not here or too old."""
    row = conn.execute(
        "SELECT properties FROM property_lists WHERE portal_id = %s AND object_type = %s"
        " AND read_at > now() - make_interval(secs => %s)",
        (portal_id, object_type, KEPT_S),
    ).fetchone()
    return row["properties"] if row else None


def save(conn: Conn, portal_id: int, object_type: str, properties: list[dict[str, Any]]) -> None:
    conn.execute(
        "INSERT INTO property_lists (portal_id, object_type, properties, read_at) VALUES (%s, %s, %s, now())"
        " ON CONFLICT (portal_id, object_type) DO UPDATE SET properties = excluded.properties, read_at = now()",
        (portal_id, object_type, Jsonb(properties)),
    )
