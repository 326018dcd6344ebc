"""A portal's property definitions, cached for ten minutes: most searches, previews and batches need no call."""

from collections.abc import Sequence

from psycopg_pool import ConnectionPool

from connector.crm.access import HubSpotAccess
from connector.crm.reads import Ask
from connector.domain.text.property_values import PropertyShape
from connector.hubspot.payloads import PropertyDefinition
from connector.store.crm import property_cache
from connector.store.database import Conn
from connector.store.portals.portals import Portal


def definitions_of(
    hubspot: HubSpotAccess,
    portal: Portal,
    object_type: str,
    *,
    max_age_s: float = property_cache.MAX_AGE_S,
    deadline: float | None = None,
) -> list[PropertyShape]:
    """All properties of an object ("contacts") by label, for a user who waits.

    `max_age_s`: older cached definitions are read again. `deadline`: see `HubSpotAccess.call_portal`. Raises
    NotConnected or another HubSpotError.
    """
    ask = hubspot.asking(portal.portal_id, urgent=True, deadline=deadline)
    return read_definitions(hubspot.pool, portal.portal_id, object_type, ask, max_age_s=max_age_s)


def read_definitions(
    pool: ConnectionPool[Conn],
    portal_id: int,
    object_type: str,
    ask: Ask,
    *,
    max_age_s: float = property_cache.MAX_AGE_S,
) -> list[PropertyShape]:
    """The same, with the caller's `ask`. Raises whatever `ask` raises."""
    with pool.connection() as conn:
        cached = property_cache.find(conn, portal_id, object_type, max_age_s)
    if cached is not None:
        return cached
    listed = by_label(ask(lambda client: client.list_properties(object_type)))
    with pool.connection() as conn:
        property_cache.save(conn, portal_id, object_type, listed)
    return listed


def by_label(definitions: Sequence[PropertyDefinition]) -> list[PropertyShape]:
    """Definitions as they are cached."""
    shapes = [
        PropertyShape(
            name=definition.name,
            label=definition.label or definition.name,
            type=definition.type,
            options={option.value: option.label for option in definition.options if option.label},
        )
        for definition in definitions
    ]
    return sorted(shapes, key=lambda shape: (shape.label.casefold(), shape.name))
