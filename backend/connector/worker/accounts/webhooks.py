"""Check an account's webhooks at SMSFactor: at linking, and hourly while messages are out (protocol P24).

Missing webhooks are made again. A paused one is set live once. The rest is a problem, which a person must fix.
"""

from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from connector.domain.vocabulary import GatewayEvent, GatewayRefusal, ProblemCode
from connector.smsfactor.errors import GatewayError, Refused
from connector.smsfactor.payloads import Webhook
from connector.store.portals import account_webhooks, accounts, problems
from connector.store.portals.account_webhooks import WebhookSecrets
from connector.store.portals.accounts import AccountLink
from connector.wiring import Wiring

log = structlog.get_logger()

# Events that the app uses so far.
WEBHOOK_TYPES: tuple[GatewayEvent, ...] = (
    GatewayEvent.DLR,
    GatewayEvent.STOP,
    GatewayEvent.MO,
    GatewayEvent.CLICKER,
)

# Our answer to an event without our secret: the webhook gets it again.
UNPROVED = 401


@dataclass(slots=True)
class Found:
    """The result of a check, over all types of event."""

    made: int = 0  # missing webhooks that were registered
    revived: int = 0  # paused webhooks that were set live
    paused: bool = False  # one is paused again, or cannot be set live
    failing: int | None = None  # our answer to SMSFactor's last call, which was no success
    refusals: list[GatewayError] = field(
        default_factory=list
    )  # missing, and SMSFactor does not register them

    @property
    def is_fine(self) -> bool:
        """Whether every event since the check before has been brought."""
        return not (self.made or self.revived or self.paused or self.failing is not None or self.refusals)

    @property
    def is_repairable(self) -> bool:
        """Whether a check without an event in between may find it repaired."""
        return self.paused or bool(self.refusals)


def check_webhooks(wiring: Wiring, link: AccountLink) -> Found:
    """Compare the account's webhooks with those that the app needs, and repair them. Webhooks of others stay.

    Raises Refused or Unavailable if SMSFactor does not list them.
    """
    assert link.api_token is not None
    with wiring.pool.connection() as conn:
        secrets = account_webhooks.webhook_secrets(conn, wiring.vault, link.client_id)
        revived = account_webhooks.revived(conn, link.client_id)
    present = wiring.smsfactor.list_webhooks(link.api_token)
    found = Found()
    for kind in WEBHOOK_TYPES:
        url = webhook_url(wiring, secrets, kind)
        ours = [webhook for webhook in present if (webhook.type, webhook.url) == (kind, url)]
        live = next((webhook for webhook in ours if not webhook.is_paused), None)
        if live:
            _note_live(wiring, link, kind, live, url, secrets, found)
        elif ours:
            _revive(wiring, link, kind, ours[0], url, found, was_revived=kind in revived)
        else:
            _make(wiring, link, kind, url, secrets, found)
    return found


def _note_live(
    wiring: Wiring,
    link: AccountLink,
    kind: GatewayEvent,
    webhook: Webhook,
    url: str,
    secrets: WebhookSecrets,
    found: Found,
) -> None:
    _save(wiring, link, kind, webhook, url)
    code = webhook.last_http_code
    if code is None or 200 <= code < 300:
        return
    found.failing = code
    if code == UNPROVED:
        with suppress(GatewayError):
            wiring.smsfactor.update_webhook(
                link.api_token or "", webhook.webhook_id, kind, url, secrets.signature
            )


def _revive(
    wiring: Wiring,
    link: AccountLink,
    kind: GatewayEvent,
    webhook: Webhook,
    url: str,
    found: Found,
    *,
    was_revived: bool,
) -> None:
    """Set a paused webhook live, once: paused again, somebody or something else pauses it."""
    _save(wiring, link, kind, webhook, url)
    if was_revived:
        found.paused = True
        return
    with wiring.pool.connection() as conn:
        account_webhooks.mark_revived(conn, link.client_id, kind)
    try:
        wiring.smsfactor.set_webhook_live(link.api_token or "", webhook.webhook_id)
    except GatewayError as fault:
        log.warning("webhook_stays_paused", kind=kind, error=str(fault))
        found.paused = True
    else:
        log.warning("webhook_set_live", client_id=link.client_id, kind=kind)
        found.revived += 1


def _make(
    wiring: Wiring, link: AccountLink, kind: GatewayEvent, url: str, secrets: WebhookSecrets, found: Found
) -> None:
    try:
        webhook = wiring.smsfactor.create_webhook(link.api_token or "", kind, url, secrets.signature)
    except GatewayError as fault:
        log.warning("webhook_not_registered", client_id=link.client_id, kind=kind, error=str(fault))
        found.refusals.append(fault)
        return
    _save(wiring, link, kind, webhook, url)
    log.info("webhook_registered", client_id=link.client_id, kind=kind)
    found.made += 1


def _save(wiring: Wiring, link: AccountLink, kind: GatewayEvent, webhook: Webhook, url: str) -> None:
    with wiring.pool.connection() as conn:
        account_webhooks.save_webhook(
            conn, link.client_id, type_=kind, webhook_id=webhook.webhook_id, url=url
        )


def report(wiring: Wiring, link: AccountLink, found: Found, *, is_lasting: bool) -> None:
    """Open the problems of the account's portals, and close those that are gone.

    A registration without an answer is a problem only when it `is_lasting`; a refusal is one at once.
    """
    is_refused = any(isinstance(fault, Refused) for fault in found.refusals)
    missing = is_refused or (is_lasting and bool(found.refusals))
    states: dict[ProblemCode, dict[str, int] | None] = {
        ProblemCode.WEBHOOKS_MISSING: {} if missing else None,
        ProblemCode.WEBHOOKS_PAUSED: {} if found.paused else None,
        ProblemCode.WEBHOOKS_FAILING: None if found.failing is None else {"status": found.failing},
    }
    with wiring.pool.connection() as conn:
        for portal_id in accounts.linked_portals(conn, link.client_id):
            for code, params in states.items():
                if params is None:
                    problems.close_problem(conn, portal_id, code)
                else:
                    problems.open_problem(conn, portal_id, code, params)


def report_unlisted(wiring: Wiring, link: AccountLink, fault: GatewayError, *, is_lasting: bool) -> None:
    """SMSFactor does not list the webhooks, so nobody knows whether events arrive.

    A refused token has a problem of its own.
    """
    is_token = isinstance(fault, Refused) and fault.kind == GatewayRefusal.AUTH
    if is_token or not (is_lasting or isinstance(fault, Refused)):
        return
    with wiring.pool.connection() as conn:
        for portal_id in accounts.linked_portals(conn, link.client_id):
            problems.open_problem(conn, portal_id, ProblemCode.WEBHOOKS_MISSING)


def webhook_url(wiring: Wiring, secrets: WebhookSecrets, kind: GatewayEvent) -> str:
    return f"{wiring.settings.public_base_url}/smsfactor/events/{secrets.path}/{kind.lower()}"
