"""The settings page: the linked SMSFactor account, and linking by token (F7.1)."""

from typing import Any

import structlog
from flask import Response
from marshmallow import Schema, fields, validate

from connector.domain.refusals import Code, Refusal
from connector.domain.rights import Right
from connector.domain.vocabulary import GatewayRefusal
from connector.inbound.http.answers import answer, read_body
from connector.inbound.http.callers import Caller, current_wiring, needs
from connector.inbound.http.rendering import render_balance
from connector.smsfactor.client import SmsFactorClient
from connector.smsfactor.errors import GatewayError, Refused
from connector.smsfactor.payloads import Balance
from connector.store.faults import repeated
from connector.store.portals import accounts, portals
from connector.use_cases.portals.link_account import LinkAccount, link_account
from connector.use_cases.portals.list_problems import list_problems
from connector.use_cases.portals.want_balance import want_balance
from connector.wiring import Wiring

log = structlog.get_logger()


# Time for both calls to the gateway while a user waits: HubSpot ends the view's call after 15 s.
GATEWAY_S = 10.0


class LinkSchema(Schema):
    token = fields.Str(required=True, validate=validate.Length(min=1, max=4000))


def open_(caller: Caller) -> Response:
    return answer(_render(current_wiring(), caller))


@needs(Right.SETTINGS)
def link(caller: Caller) -> Response:
    """Link an account after the gateway has accepted the token; a refused token leaves the old link unchanged."""
    api_token = read_body(LinkSchema())["token"].strip()
    wiring = current_wiring()
    gateway = wiring.smsfactor.until(caller.began_at + GATEWAY_S)
    try:
        account = gateway.account(api_token)
    except ValueError as fault:  # a token with characters that no header can carry
        raise Refusal(Code.TOKEN_REFUSED) from fault
    except Refused as refusal:
        is_token = refusal.kind == GatewayRefusal.AUTH
        raise Refusal(Code.TOKEN_REFUSED if is_token else Code.GATEWAY_UNAVAILABLE) from refusal
    except GatewayError as fault:
        raise Refusal(Code.GATEWAY_UNAVAILABLE) from fault
    balance = _balance(gateway, api_token)
    command = LinkAccount(
        portal_id=caller.portal.portal_id,
        user_id=caller.user_id,
        client_id=account.client_id,
        email=account.email,
        first_name=account.first_name,
        last_name=account.last_name,
        company=account.company,
        balance_mode=balance.mode if balance else None,
        balance_credits=balance.value if balance else None,
        api_token=api_token,
    )
    # Each alone: the gateway is not asked again.
    repeated(lambda: _store(wiring, command))
    return answer(repeated(lambda: _render(wiring, caller)))


def _store(wiring: Wiring, command: LinkAccount) -> None:
    with wiring.pool.connection() as conn:
        link_account(conn, wiring.vault, command)


def _balance(gateway: SmsFactorClient, api_token: str) -> Balance | None:
    try:
        return gateway.credits(api_token)
    except GatewayError as fault:
        log.warning("balance_unread", error=type(fault).__name__)
        return None


def _render(wiring: Wiring, caller: Caller) -> dict[str, Any]:
    portal_id = caller.portal.portal_id
    with wiring.pool.connection() as conn:
        portal = portals.find(conn, portal_id)
        linked = accounts.current_link(conn, wiring.vault, portal_id)
        want_balance(conn, linked)
        assert portal is not None, "a verified portal exists"
        problems = list_problems(conn, portal)
    return {
        "account": None
        if linked is None
        else {
            "client_id": linked.client_id,
            "email": linked.email,
            "first_name": linked.first_name,
            "last_name": linked.last_name,
            "company": linked.company,
            "balance": render_balance(linked),
            "linked_at": linked.linked_at.isoformat(timespec="seconds"),
        },
        "problems": problems,
        "sent_count": portal.sent_count,
        "may_edit": caller.may(Right.SETTINGS),
    }
