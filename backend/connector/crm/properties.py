"""The portal's property definitions: kept for ten minutes, so that not every search, preview or batch asks HubSpot."""

from collections.abc import Sequence

from connector.crm.access import asking
from connector.crm.reads import Ask
from connector.domain.text.property_values import PropertyShape
from connector.hubspot.payloads import PropertyDefinition
from connector.store.crm import property_cache
from connector.store.portals.portals import Portal
from connector.wiring import Wiring


def definitions_of(
    wiring: Wiring,
    portal: Portal,
    object_type: str,
    *,
    kept_s: float = property_cache.KEPT_S,
    deadline: float | None = None,
) -> list[PropertyShape]:
    """All properties of an object ("contacts"), by label, for a person. `kept_s`: as they were at most so many seconds
    ago. `deadline`: as of `call_portal`. Raises NotConnected or another HubSpotError.
    """
    ask = asking(wiring, portal.portal_id, urgent=True, deadline=deadline)
    return read_definitions(wiring, portal.portal_id, object_type, ask, kept_s=kept_s)


def read_definitions(
    wiring: Wiring,
    portal_id: int,
    object_type: str,
    ask: Ask,
    *,
    kept_s: float = property_cache.KEPT_S,
) -> list[PropertyShape]:
    """The same, by a call of the caller's. Raises whatever `ask` raises."""
    with wiring.pool.connection() as conn:
        kept = property_cache.find(conn, portal_id, object_type, kept_s)
    if kept is not None:
        return kept
    listed = _by_label(ask(lambda client: client.list_properties(object_type)))
    with wiring.pool.connection() as conn:
        property_cache.save(conn, portal_id, object_type, listed)
    return listed


def _by_label(found: Sequence[PropertyDefinition]) -> list[PropertyShape]:
    shapes = [
        PropertyShape(
            name=one.name,
            label=one.label or one.name,
            type=one.type,
            options={option.value: option.label for option in one.options if option.label},
        )
        for one in found
    ]
    return sorted(shapes, key=lambda shape: (shape.label.casefold(), shape.name))
