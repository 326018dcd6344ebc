"""The property definitions of a portal's objects, cached."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from psycopg.types.json import Jsonb

from connector.domain.text.property_values import PropertyShape
from connector.domain.vocabulary import PropertyFormat
from connector.store.database import Conn
from connector.store.rows import member

MAX_AGE_S = 600.0


def find(
    conn: Conn, portal_id: int, object_type: str, max_age_s: float = MAX_AGE_S
) -> list[PropertyShape] | None:
    """The definitions by label; None if they are not cached, or older than `max_age_s` seconds."""
    row = conn.execute(
        """
        SELECT properties, formats FROM property_lists
        WHERE portal_id = %(portal_id)s AND object_type = %(object_type)s
          AND read_at > now() - make_interval(secs => %(max_age_s)s)
        """,
        {"portal_id": portal_id, "object_type": object_type, "max_age_s": max_age_s},
    ).fetchone()
    if row is None:
        return None
    formats = {name: member(PropertyFormat, word) for name, word in row["formats"].items()}
    return [PropertyShape(**entry, format=formats.get(entry["name"])) for entry in row["properties"]]


def known(conn: Conn, portal_id: int, object_type: str, names: Sequence[str]) -> dict[str, PropertyShape]:
    """The latest definitions of these properties, of any age; those never seen are left out."""
    rows = conn.execute(
        """
        SELECT entry FROM property_lists, jsonb_array_elements(properties) AS entry
        WHERE portal_id = %(portal_id)s AND object_type = %(object_type)s AND entry @> ANY(%(wanted)s)
        """,
        {
            "portal_id": portal_id,
            "object_type": object_type,
            "wanted": [Jsonb({"name": name}) for name in names],
        },
    )
    return {row["entry"]["name"]: PropertyShape(**row["entry"]) for row in rows}


def save(conn: Conn, portal_id: int, object_type: str, properties: Sequence[PropertyShape]) -> None:
    conn.execute(
        """
        INSERT INTO property_lists (portal_id, object_type, properties, formats, read_at)
        VALUES (%(portal_id)s, %(object_type)s, %(properties)s, %(formats)s, now())
        ON CONFLICT (portal_id, object_type) DO UPDATE
        SET properties = excluded.properties, formats = excluded.formats, read_at = now()
        """,
        {
            "portal_id": portal_id,
            "object_type": object_type,
            "properties": Jsonb([_entry(shape) for shape in properties]),
            "formats": Jsonb({shape.name: shape.format for shape in properties if shape.format}),
        },
    )


def _entry(shape: PropertyShape) -> dict[str, Any]:
    """The definition without its format, whose column a former version does not know."""
    entry = asdict(shape)
    del entry["format"]
    return entry
