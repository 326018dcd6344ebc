"""Set up a portal's resources at the providers: our properties in HubSpot, our webhooks at SMSFactor (F8.1).

Each run creates only missing resources, so it may run any number of times: after an install, after linking, and when
HubSpot reports that a property is gone.
"""

from contextlib import suppress

import structlog

from connector.crm.access import NotConnected
from connector.domain import objects
from connector.domain.properties import GROUP_LABEL, GROUP_NAME, PROPERTIES, Property
from connector.domain.vocabulary import GatewayEvent, ProblemCode
from connector.hubspot.client import PortalClient
from connector.hubspot.errors import Conflict, HubSpotError, MissingScopes, NoBudget
from connector.hubspot.payloads import PropertyDefinition, PropertyOption
from connector.smsfactor.errors import GatewayError
from connector.smsfactor.payloads import Webhook
from connector.store.lanes import Turn
from connector.store.portals import account_webhooks, accounts, portals, problems
from connector.store.portals.account_webhooks import WebhookSecrets
from connector.store.portals.accounts import AccountLink
from connector.store.portals.portals import Portal
from connector.store.vault import digest
from connector.wiring import Wiring
from connector.worker.runner import BackOff

log = structlog.get_logger()

# Events that the app uses so far.
WEBHOOK_TYPES: tuple[GatewayEvent, ...] = (
    GatewayEvent.DLR,
    GatewayEvent.STOP,
    GatewayEvent.MO,
    GatewayEvent.CLICKER,
)


def setup(wiring: Wiring, turn: Turn) -> bool:
    """Make one pass over both providers; a request during the pass gets another pass."""
    with wiring.pool.connection() as conn:
        portal = portals.find_installed(conn, turn.portal_id)
        link = accounts.current_link(conn, wiring.vault, turn.portal_id)
        wanted = portals.setup_wanted(conn, turn.portal_id)
    if portal is None:
        return False
    # The gateway first: without webhooks receipts are lost; without properties they only wait.
    if link and link.api_token:
        try:
            _register_webhooks(wiring, link)
        except GatewayError as fault:
            raise BackOff(f"webhooks: {type(fault).__name__}") from fault
    try:
        wiring.hubspot.call_portal(turn.portal_id, lambda client: _create_properties(client, portal))
    except NotConnected:
        log.info("setup_waits_for_install")  # a new install requests another setup
    except NoBudget:
        raise
    except MissingScopes as refusal:
        raise BackOff(ProblemCode.HUBSPOT_SCOPE_MISSING, 3600.0) from refusal
    except HubSpotError as fault:
        raise BackOff(f"properties: {type(fault).__name__}") from fault
    with wiring.pool.connection() as conn:
        portals.mark_set_up(conn, turn.portal_id, wanted)
        problems.close_problem(conn, turn.portal_id, ProblemCode.HUBSPOT_SCOPE_MISSING)
    return False


def _create_properties(client: PortalClient, portal: Portal) -> None:
    for object_type in (one.plural for one in objects.ALL):
        # Properties left by version 3.0 are used unchanged, with any type.
        existing = {found.name for found in client.list_properties(object_type)}
        missing = [p for p in PROPERTIES if p.name not in existing]
        if not missing:
            continue
        with suppress(Conflict):  # it exists
            client.create_group(object_type, name=GROUP_NAME, label=GROUP_LABEL)
        client.create_properties(object_type, [_definition(p, portal.language) for p in missing])
        log.info("properties_created", object_type=object_type, count=len(missing))


def _definition(prop: Property, language: str) -> PropertyDefinition:
    return PropertyDefinition(
        name=prop.name,
        label=prop.labels[language],
        group_name=GROUP_NAME,
        type=prop.type,
        field_type=prop.field_type,
        options=[PropertyOption(option.labels[language], option.value) for option in prop.options],
    )


def _register_webhooks(wiring: Wiring, link: AccountLink) -> None:
    """Point the account's webhooks at our unguessable path; webhooks of other applications are unchanged."""
    assert link.api_token is not None
    with wiring.pool.connection() as conn:
        secrets = account_webhooks.webhook_secrets(conn, wiring.vault, link.client_id)
        registered = account_webhooks.registered_webhooks(conn, link.client_id)
    urls = {kind: webhook_url(wiring, secrets, kind) for kind in WEBHOOK_TYPES}
    if all(registered.get(kind) == digest(url) for kind, url in urls.items()):
        return
    present = {
        (webhook.type, webhook.url): webhook for webhook in wiring.smsfactor.list_webhooks(link.api_token)
    }
    for kind, url in urls.items():
        webhook: Webhook | None = present.get((kind, url))
        if webhook is None:
            webhook = wiring.smsfactor.create_webhook(link.api_token, kind, url, secrets.signature)
        with wiring.pool.connection() as conn:
            account_webhooks.save_webhook(
                conn, link.client_id, type_=kind, webhook_id=webhook.webhook_id, url=url
            )
    log.info("webhooks_registered", client_id=link.client_id)


def webhook_url(wiring: Wiring, secrets: WebhookSecrets, kind: GatewayEvent) -> str:
    return f"{wiring.settings.public_base_url}/smsfactor/events/{secrets.path}/{kind.lower()}"
