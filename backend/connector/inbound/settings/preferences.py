"""A portal's choices: defaults, phone properties, rule for alerts, legal hours, countries, rights."""

from datetime import UTC, datetime
from typing import Any, Final

from flask import Response
from marshmallow import Schema, fields, validate

from connector.crm.properties import definitions_of
from connector.crm.records import phone_properties_of, reading_deadline
from connector.domain import objects
from connector.domain.legal_calendar import outer_hours
from connector.domain.phone_numbers import COUNTRIES
from connector.domain.refusals import Code, Refusal
from connector.domain.rights import Right, Rights
from connector.domain.senders import check_sender
from connector.domain.vocabulary import AlertRule, PushType
from connector.inbound.http.answers import answer, read_body
from connector.inbound.http.callers import Caller, current_wiring, needs
from connector.store.crm.property_cache import MAX_AGE_S
from connector.store.portals import portals
from connector.store.portals.portals import Portal
from connector.wiring import Wiring

_MOST_PROPERTIES: Final = 10
_COUNTRY = fields.Str(validate=validate.OneOf(sorted(COUNTRIES)))
_MOST_TOKENS: Final = 50
_PROPERTY_NAME = fields.Str(validate=validate.Regexp(r"^[a-z][a-z0-9_]{0,99}$"))
_PROPERTY_NAMES = fields.List(
    _PROPERTY_NAME,
    required=True,
    validate=validate.Length(min=1, max=_MOST_PROPERTIES),
)
_USERS = fields.List(
    fields.Int(strict=True, validate=validate.Range(min=1, max=2**63 - 1)),
    required=True,
    allow_none=True,
    validate=validate.Length(max=500),
)


class CalendarSchema(Schema):
    start_hour = fields.Int(required=True, strict=True)
    end_hour = fields.Int(required=True, strict=True)
    alsace_moselle = fields.Bool(required=True, truthy={True}, falsy={False})


PhonePropertiesSchema = Schema.from_dict(
    {one.plural: _PROPERTY_NAMES for one in objects.WITH_NUMBERS}, name="PhonePropertiesSchema"
)


class PreferencesSchema(Schema):
    default_country = fields.Str(required=True, validate=validate.OneOf(sorted(COUNTRIES)))
    default_push_type = fields.Enum(PushType, required=True, by_value=True)
    default_sender = fields.Str(required=True, allow_none=True, validate=validate.Length(max=50))
    phone_properties = fields.Nested(PhonePropertiesSchema, required=True)
    alert_rule = fields.Enum(AlertRule, required=True, by_value=True)
    calendar = fields.Nested(CalendarSchema, required=True)
    allowed_countries = fields.List(
        _COUNTRY, required=True, allow_none=True, validate=validate.Length(min=1, max=len(COUNTRIES))
    )
    # Added later; None: unchanged.
    message_tokens = fields.List(
        _PROPERTY_NAME, load_default=None, validate=validate.Length(max=_MOST_TOKENS)
    )
    hide_batch_reports = fields.Bool(load_default=None, truthy={True}, falsy={False})


RightsSchema = Schema.from_dict({right.value: _USERS for right in Right}, name="RightsSchema")


def preferences(caller: Caller) -> Response:
    return answer({"preferences": _render(caller.portal)})


@needs(Right.SETTINGS)
def save_preferences(caller: Caller) -> Response:
    """Set all preferences at once. Refused: hours beyond the law's, properties that the portal does not have."""
    body = read_body(PreferencesSchema())
    _check_hours(body["calendar"])
    wiring = current_wiring()
    deadline = reading_deadline()
    for object_type, names in body["phone_properties"].items():
        _check_properties(wiring, caller.portal, object_type, names, deadline)
    values = {
        "default_country": body["default_country"],
        "default_push_type": body["default_push_type"],
        "default_sender": check_sender(body["default_sender"]),
        **{
            str(one.phone_setting): _distinct(body["phone_properties"][one.plural])
            for one in objects.WITH_NUMBERS
        },
        "alert_rule": body["alert_rule"],
        "calendar_start_hour": body["calendar"]["start_hour"],
        "calendar_end_hour": body["calendar"]["end_hour"],
        "alsace_moselle": body["calendar"]["alsace_moselle"],
        "allowed_countries": body["allowed_countries"],
    }
    if body["hide_batch_reports"] is not None:
        values["hide_batch_reports"] = body["hide_batch_reports"]
    if body["message_tokens"] is not None:
        values["message_tokens"] = _distinct(body["message_tokens"])
    return answer({"preferences": _render(_saved(wiring, caller.portal, values))})


def rights(caller: Caller) -> Response:
    return answer({"rights": _render_rights(caller.portal.rights)})


@needs(Right.SETTINGS)
def save_rights(caller: Caller) -> Response:
    """Set who has each right. Refused: a list for the settings without the caller, who could not fix it."""
    body = read_body(RightsSchema())
    holders = body[Right.SETTINGS.value]
    is_installer = caller.user_id == caller.portal.installed_by_user_id
    if holders is not None and caller.user_id not in holders and not is_installer:
        raise Refusal(Code.BAD_REQUEST, field=Right.SETTINGS.value)
    named = {right: sorted(set(users)) for right, users in body.items() if users is not None}
    with current_wiring().pool.connection() as conn:
        portals.save_rights(conn, caller.portal.portal_id, named)
    return answer({"rights": _render_rights(named)})


def _check_hours(calendar: dict[str, Any]) -> None:
    """Raises Refusal bad_request outside the widest hours that France permits today; no other country has a rule."""
    outer = outer_hours("FR", datetime.now(UTC).date())
    assert outer is not None, "France has a rule"
    if not outer.start <= calendar["start_hour"] < calendar["end_hour"] <= outer.end:
        raise Refusal(Code.BAD_REQUEST, field="calendar")


def _check_properties(
    wiring: Wiring, portal: Portal, object_type: str, names: list[str], deadline: float
) -> None:
    """Raises Refusal bad_request for a property that HubSpot does not have: it would never contain a number."""
    for max_age_s in (MAX_AGE_S, 0.0):  # a property created a minute ago is not in the cache
        definitions = definitions_of(
            wiring.hubspot, portal, object_type, max_age_s=max_age_s, deadline=deadline
        )
        known = {definition.name for definition in definitions}
        if known.issuperset(names):
            return
    raise Refusal(Code.BAD_REQUEST, field="phone_properties")


def _distinct(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _saved(wiring: Wiring, portal: Portal, values: dict[str, Any]) -> Portal:
    with wiring.pool.connection() as conn:
        portals.save_preferences(conn, portal.portal_id, values)
        saved = portals.find(conn, portal.portal_id)
    assert saved is not None, "a verified portal exists"
    return saved


def _render(portal: Portal) -> dict[str, Any]:
    return {
        "default_country": portal.default_country,
        "default_push_type": portal.default_push_type,
        "default_sender": portal.default_sender,
        "phone_properties": {one.plural: phone_properties_of(portal, one.id) for one in objects.WITH_NUMBERS},
        "alert_rule": portal.alert_rule,
        "calendar": {
            "start_hour": portal.calendar_start_hour,
            "end_hour": portal.calendar_end_hour,
            "alsace_moselle": portal.alsace_moselle,
        },
        "allowed_countries": portal.allowed_countries,
        "message_tokens": portal.message_tokens,
        "hide_batch_reports": portal.hide_batch_reports,
    }


def _render_rights(named: Rights) -> dict[str, list[int] | None]:
    """The lists of users for the view; None: everyone has the right."""
    return {right.value: named.get(right.value) for right in Right}
