"""A portal's property definitions, owners and currency, cached: most searches, previews and batches need no call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from psycopg_pool import ConnectionPool

from connector.crm.access import HubSpotAccess
from connector.crm.reads import Ask, Reads
from connector.domain.refusals import Code, Refusal
from connector.domain.text.property_values import PropertyShape
from connector.domain.vocabulary import PropertyFormat
from connector.hubspot.errors import MissingScopes
from connector.hubspot.payloads import PropertyDefinition
from connector.hubspot.scopes import OWNERS_SCOPE
from connector.store.crm import property_cache
from connector.store.database import Conn
from connector.store.portals import portals
from connector.store.portals.portals import Portal

#: Cached under this name beside the objects' properties: one entry whose options are the owners' names.
_OWNERS: Final = "owners"


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
    return PortalDefinitions(hubspot.pool, portal, ask).properties(object_type, max_age_s)


def reads_of(hubspot: HubSpotAccess, portal: Portal, *, deadline: float) -> Reads:
    """The reads of one request of a user who waits."""
    ask = hubspot.asking(portal.portal_id, urgent=True, deadline=deadline)
    return Reads(ask, PortalDefinitions(hubspot.pool, portal, ask))


@dataclass(frozen=True, slots=True)
class PortalDefinitions:
    """The definitions of one portal, read with `ask` when the cached ones are too old. Raises what `ask` raises."""

    pool: ConnectionPool[Conn]
    portal: Portal
    ask: Ask

    def properties(
        self, object_type: str, max_age_s: float = property_cache.MAX_AGE_S
    ) -> list[PropertyShape]:
        """All properties of an object ("contacts") by label."""
        cached = self._cached(object_type, max_age_s)
        if cached is not None:
            return cached
        return self._save(object_type, by_label(self.ask(lambda client: client.list_properties(object_type))))

    def owners(self, max_age_s: float = property_cache.MAX_AGE_S) -> Mapping[str, str]:
        """The owners' names by id, former owners included. Raises Refusal property_unreadable."""
        cached = self._cached(_OWNERS, max_age_s)
        if cached is not None:
            return cached[0].options
        if OWNERS_SCOPE not in self.portal.scopes:
            raise Refusal(Code.PROPERTY_UNREADABLE)
        try:
            former = self.ask(lambda client: client.list_owners(archived=True))
            names = {**former, **self.ask(lambda client: client.list_owners())}
        except MissingScopes as refusal:
            raise Refusal(Code.PROPERTY_UNREADABLE) from refusal
        [entry] = self._save(_OWNERS, [PropertyShape(_OWNERS, _OWNERS, "enumeration", names)])
        return entry.options

    def currency(self) -> str | None:
        """The code of the portal's currency; None if HubSpot names none."""
        if self.portal.currency is None:
            currency = self.ask(lambda client: client.account_details()).currency
            with self.pool.connection() as conn:
                portals.save_currency(conn, self.portal.portal_id, currency)
            return currency or None
        return self.portal.currency or None

    def _cached(self, object_type: str, max_age_s: float) -> list[PropertyShape] | None:
        with self.pool.connection() as conn:
            return property_cache.find(conn, self.portal.portal_id, object_type, max_age_s)

    def _save(self, object_type: str, shapes: list[PropertyShape]) -> list[PropertyShape]:
        with self.pool.connection() as conn:
            property_cache.save(conn, self.portal.portal_id, object_type, shapes)
        return shapes


def by_label(definitions: Sequence[PropertyDefinition]) -> list[PropertyShape]:
    """Definitions as they are cached."""
    shapes = [
        PropertyShape(
            name=definition.name,
            label=definition.label or definition.name,
            type=definition.type,
            options={option.value: option.label for option in definition.options if option.label},
            format=_format_of(definition),
        )
        for definition in definitions
    ]
    return sorted(shapes, key=lambda shape: (shape.label.casefold(), shape.name))


def _format_of(definition: PropertyDefinition) -> PropertyFormat | None:
    if definition.holds_owner:
        return PropertyFormat.OWNER
    if definition.field_type == "html":
        return PropertyFormat.RICH_TEXT
    return PropertyFormat.AMOUNT if definition.is_amount and definition.type == "number" else None
