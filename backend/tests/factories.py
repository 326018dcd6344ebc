"""Initial rows for tests: valid by default, stored by the product's own functions."""

import itertools
import uuid
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connector.domain.phone_numbers import PhoneNumber
from connector.domain.vocabulary import BalanceMode, NumberKind, PushType, Source
from connector.store.consent import opt_outs
from connector.store.database import Conn
from connector.store.portals import portals
from connector.store.portals.portals import Portal
from connector.store.vault import Vault
from connector.use_cases.consent.record_consent import RecordConsent
from connector.use_cases.messages.compose_message import MessageRequest
from connector.use_cases.messages.queue_message import Queued, QueueMessage, SendRequest, queue_message
from connector.use_cases.portals.install_portal import InstallPortal, install_portal
from connector.use_cases.portals.link_account import LinkAccount, link_account

_portal_ids = itertools.count(700_000)

RECIPIENT = PhoneNumber("+33612345601", "FR", NumberKind.MOBILE)


def a_portal(
    conn: Conn,
    vault: Vault,
    *,
    linked: bool = True,
    client_id: str | None = None,
    scopes: Sequence[str] = ("oauth",),
) -> Portal:
    """An installed portal; by default it is linked to its own new account."""
    portal_id = next(_portal_ids)
    install_portal(
        conn,
        vault,
        InstallPortal(
            portal_id=portal_id,
            scopes=list(scopes),
            time_zone="Europe/Paris",
            ui_domain=None,
            user_id=77,
            language="fr",
            access_token=f"access-{portal_id}",
            refresh_token=f"refresh-{portal_id}",
        ),
    )
    conn.commit()
    if linked:
        link(conn, vault, portal_id, client_id=client_id or str(portal_id))
    conn.commit()
    portal = portals.find_installed(conn, portal_id)
    assert portal is not None
    return portal


def link(conn: Conn, vault: Vault, portal_id: int, *, client_id: str, token: str | None = None) -> None:
    link_account(
        conn,
        vault,
        LinkAccount(
            portal_id=portal_id,
            user_id=77,
            client_id=client_id,
            email="ops@atelier-lumen.example",
            first_name="Inès",
            last_name="Moreau",
            company="Atelier Lumen",
            balance_mode=BalanceMode.PREPAID,
            balance_credits=1250,
            api_token=token or f"token-of-{client_id}",
        ),
    )


def a_request(**changes: Any) -> MessageRequest:
    """A short alert to a contact."""
    request = MessageRequest(
        object_type_id="0-1",
        object_id="501",
        person=None,
        recipient=RECIPIENT,
        recipient_raw="06 12 34 56 01",
        recipient_property="mobilephone",
        push_type=PushType.ALERT,
        sender=None,
        unicode=False,
        text="Votre colis est arrivé",
    )
    return replace(request, **changes)


def a_command(**changes: Any) -> QueueMessage:
    """A card send under a new key; `changes` apply to the command or to its request."""
    own = {name: changes.pop(name) for name in ("source", "idempotency_key", "user_id") if name in changes}
    request = a_request(**changes)
    send_request = SendRequest(Source.CARD, uuid.uuid4().hex, 77, asdict(request))
    return QueueMessage(replace(send_request, **own), request)


def queue(conn: Conn, vault: Vault, portal: Portal, **changes: Any) -> Queued:
    """Queue one message and commit."""
    queued = queue_message(conn, portal, a_command(**changes), deployment_prefix="tst")
    conn.commit()
    return queued


def a_consent(conn: Conn, portal_id: int, recipient: str = RECIPIENT.e164) -> RecordConsent:
    """Consent of the contact of `a_request` that ends the current opt-out."""
    return RecordConsent(
        portal_id=portal_id,
        user_id=77,
        user_email="ines.moreau@atelier-lumen.example",
        recipient=recipient,
        opt_out=opt_outs.find(conn, portal_id, recipient),
        reason="a rappelé",
        at=datetime.now(UTC),
        numbers=[(recipient, "0-1", "501")],
    )


def ago(**parts: float) -> datetime:
    return datetime.now(UTC) - timedelta(**parts)
