"""Set up a portal in HubSpot: our properties, and its details (F8.1). Webhooks: `watch_webhooks.py`.

Each run creates only missing properties, so it may run any number of times: after an install, after linking, and when
HubSpot reports that a property is gone.
"""

from collections.abc import Sequence
from contextlib import suppress

import structlog

from connector.crm.access import NotConnected
from connector.crm.properties import by_label
from connector.domain import objects
from connector.domain.properties import GROUP_LABEL, GROUP_NAME, PROPERTIES, Property
from connector.domain.vocabulary import ProblemCode
from connector.hubspot.client import PortalClient
from connector.hubspot.errors import Conflict, HubSpotError, MissingScopes, NoBudget, Rejected
from connector.hubspot.payloads import PropertyDefinition, PropertyOption
from connector.store.crm import property_cache
from connector.store.lanes import Turn
from connector.store.portals import portals, problems
from connector.store.portals.portals import Portal
from connector.wiring import Wiring
from connector.worker.crm.repairs import note_unusable
from connector.worker.runner import BackOff

log = structlog.get_logger()


def setup(wiring: Wiring, turn: Turn) -> bool:
    """Make one pass; a request during the pass gets another pass."""
    with wiring.pool.connection() as conn:
        portal = portals.find_installed(conn, turn.portal_id)
        wanted = portals.setup_wanted(conn, turn.portal_id)
    if portal is None:
        return False
    try:
        wiring.hubspot.call_portal(
            turn.portal_id,
            lambda client: _create_properties(wiring, client, portal),
            patient=True,  # a pass has more calls than a lane is granted at once, and begins anew without them
        )
        details = wiring.hubspot.call_portal(turn.portal_id, lambda client: client.account_details())
    except NotConnected:
        log.info("setup_waits_for_install")  # a new install requests another setup
    except NoBudget:
        raise
    except MissingScopes as refusal:
        raise BackOff(ProblemCode.HUBSPOT_SCOPE_MISSING, 3600.0) from refusal
    except HubSpotError as fault:
        raise BackOff(f"properties: {type(fault).__name__}") from fault
    with wiring.pool.connection() as conn:
        portals.save_details(
            conn, turn.portal_id, time_zone=details.time_zone, ui_domain=details.ui_domain or None
        )
        portals.mark_set_up(conn, turn.portal_id, wanted)
        problems.close_problem(conn, turn.portal_id, ProblemCode.HUBSPOT_SCOPE_MISSING)
    return False


def _create_properties(wiring: Wiring, client: PortalClient, portal: Portal) -> None:
    """Create the missing properties, and note the types of all: version 3.0 may have left others."""
    for object_type in objects.ALL:
        # Properties left by version 3.0 are used unchanged, with any type (see domain/property_forms.py).
        listed = client.list_properties(object_type.plural)
        missing = _missing(listed)
        if missing:
            _create(client, object_type.plural, [_definition(p, portal.language) for p in missing])
            listed = client.list_properties(object_type.plural)
        left = [prop.name for prop in _missing(listed)]
        with wiring.pool.connection() as conn:
            property_cache.save(conn, portal.portal_id, object_type.plural, by_label(listed))
            if left:
                note_unusable(conn, portal.portal_id, object_type.id, left)
        if missing:
            log.info("properties_created", object_type=object_type.plural, count=len(missing) - len(left))
        if left:
            log.warning("properties_not_created", object_type=object_type.plural, names=left)


def _missing(listed: Sequence[PropertyDefinition]) -> list[Property]:
    existing = {found.name for found in listed}
    return [prop for prop in PROPERTIES if prop.name not in existing]


def _create(client: PortalClient, object_type: str, definitions: Sequence[PropertyDefinition]) -> None:
    """Create what HubSpot accepts of these; the caller lists the properties again to see the result.

    A property that exists, or whose name HubSpot reserves for a deleted one, may refuse the whole call (unconfirmed):
    each is then created alone.
    """
    with suppress(Conflict):  # it exists
        client.create_group(object_type, name=GROUP_NAME, label=GROUP_LABEL)
    try:
        client.create_properties(object_type, definitions)
    except (Conflict, Rejected) as refusal:
        log.info("properties_refused_together", object_type=object_type, status=refusal.status)
        for definition in definitions:
            with suppress(Conflict, Rejected):
                client.create_properties(object_type, [definition])


def _definition(prop: Property, language: str) -> PropertyDefinition:
    return PropertyDefinition(
        name=prop.name,
        label=prop.labels[language],
        group_name=GROUP_NAME,
        type=prop.type,
        field_type=prop.field_type,
        options=[PropertyOption(option.labels[language], option.value) for option in prop.options],
    )
