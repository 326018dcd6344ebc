"""The settings page: which SMSFactor account is linked, and linking one by token (F7.1)."""

from typing import Any

import structlog
from flask import Blueprint, Response
from marshmallow import Schema, fields, validate

from connector.domain.refusals import Code, Refusal
from connector.domain.senders import check_sender
from connector.inbound.answers import answer, read_body, refusals_answered
from connector.inbound.callers import Caller, from_view, wiring
from connector.inbound.rendering import render_balance
from connector.smsfactor.errors import GatewayError, Refused
from connector.smsfactor.payloads import Balance
from connector.store import accounts, portals
from connector.store.portals import Portal
from connector.use_cases.link_account import LinkAccount, link_account
from connector.wiring import Wiring

log = structlog.get_logger()
# The widest hours of the French charter (AF2M): a portal may be stricter, never looser.
OUTER_START_HOUR, OUTER_END_HOUR = 8, 22
blueprint = Blueprint("settings_page", __name__, url_prefix="/settings")


class LinkSchema(Schema):
    token = fields.Str(required=True, validate=validate.Length(min=1, max=4000))


_COUNTRY = validate.Regexp(r"^[A-Z]{2}$")
_PROPERTY_NAMES = fields.List(
    fields.Str(validate=validate.Regexp(r"^[a-z][a-z0-9_]{0,99}$")),
    required=True,
    validate=validate.Length(min=1, max=10),
)


class CalendarSchema(Schema):
    start_hour = fields.Int(required=True, strict=True)
    end_hour = fields.Int(required=True, strict=True)
    alsace_moselle = fields.Bool(required=True, truthy={True}, falsy={False})


class PhonePropertiesSchema(Schema):
    contacts = _PROPERTY_NAMES
    companies = _PROPERTY_NAMES


class PreferencesSchema(Schema):
    default_country = fields.Str(required=True, validate=_COUNTRY)
    default_push_type = fields.Str(required=True, validate=validate.OneOf(["alert", "marketing"]))
    default_sender = fields.Str(required=True, allow_none=True)
    phone_properties = fields.Nested(PhonePropertiesSchema, required=True)
    alert_rule = fields.Str(required=True, validate=validate.OneOf(["block", "allow"]))
    calendar = fields.Nested(CalendarSchema, required=True)
    allowed_countries = fields.List(
        fields.Str(validate=_COUNTRY), required=True, allow_none=True, validate=validate.Length(min=1)
    )


@blueprint.post("/open")
@from_view
@refusals_answered
def open_(caller: Caller) -> Response:
    return answer(_render(wiring(), caller.portal.portal_id))


@blueprint.post("/link-account")
@from_view
@refusals_answered
def link(caller: Caller) -> Response:
    """Prove the token with the gateway first; a refused one leaves the old link as it is."""
    token = read_body(LinkSchema())["token"].strip()
    wired = wiring()
    try:
        account = wired.smsfactor.account(token)
    except ValueError as fault:  # a token with characters that no header can carry
        raise Refusal(Code.TOKEN_REFUSED) from fault
    except Refused as refusal:
        is_token = refusal.kind in ("auth", "forbidden")
        raise Refusal(Code.TOKEN_REFUSED if is_token else Code.GATEWAY_UNAVAILABLE) from refusal
    except GatewayError as fault:
        raise Refusal(Code.GATEWAY_UNAVAILABLE) from fault
    balance = _balance(wired, token)
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
        token=token,
    )
    with wired.pool.connection() as conn:
        link_account(conn, wired.vault, command)
    return answer(_render(wired, caller.portal.portal_id))


def _balance(wired: Wiring, token: str) -> Balance | None:
    try:
        return wired.smsfactor.credits(token)
    except GatewayError as fault:
        log.warning("balance_unread", error=type(fault).__name__)
        return None


def _render(wired: Wiring, portal_id: int) -> dict[str, Any]:
    with wired.pool.connection() as conn:
        portal = portals.find(conn, portal_id)
        linked = accounts.current_link(conn, wired.vault, portal_id)
    assert portal is not None, "a verified portal exists"
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
        "sent_count": portal.sent_count,
        "may_edit": True,
    }


@blueprint.post("/preferences")
@from_view
@refusals_answered
def preferences(caller: Caller) -> Response:
    return answer({"preferences": _render_preferences(caller.portal)})


@blueprint.post("/save-preferences")
@from_view
@refusals_answered
def save_preferences(caller: Caller) -> Response:
    """Set all preferences at once. Hours are refused beyond what the law allows."""
    body = read_body(PreferencesSchema())
    start, end = body["calendar"]["start_hour"], body["calendar"]["end_hour"]
    if not OUTER_START_HOUR <= start < end <= OUTER_END_HOUR:
        raise Refusal(Code.BAD_REQUEST, field="calendar")
    values = {
        "default_country": body["default_country"],
        "default_push_type": body["default_push_type"],
        "default_sender": check_sender(body["default_sender"]),
        "phone_properties": body["phone_properties"]["contacts"],
        "company_phone_properties": body["phone_properties"]["companies"],
        "alert_rule": body["alert_rule"],
        "calendar_start_hour": start,
        "calendar_end_hour": end,
        "alsace_moselle": body["calendar"]["alsace_moselle"],
        "allowed_countries": body["allowed_countries"],
    }
    with wiring().pool.connection() as conn:
        portals.save_preferences(conn, caller.portal.portal_id, values)
        portal = portals.find(conn, caller.portal.portal_id)
    assert portal is not None, "a verified portal exists"
    return answer({"preferences": _render_preferences(portal)})


def _render_preferences(portal: Portal) -> dict[str, Any]:
    return {
        "default_country": portal.default_country,
        "default_push_type": portal.default_push_type,
        "default_sender": portal.default_sender,
        "phone_properties": {
            "contacts": portal.phone_properties,
            "companies": portal.company_phone_properties,
        },
        "alert_rule": portal.alert_rule,
        "calendar": {
            "start_hour": portal.calendar_start_hour,
            "end_hour": portal.calendar_end_hour,
            "alsace_moselle": portal.alsace_moselle,
        },
        "allowed_countries": portal.allowed_countries,
    }
