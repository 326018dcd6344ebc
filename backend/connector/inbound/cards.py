"""The card on a record: open it, send from it. Called by `hubspot.fetch`."""

from typing import Any

from flask import Blueprint, Response
from marshmallow import Schema, fields, validate

from connector.domain.message import is_final
from connector.domain.phone_numbers import NumberRefused, PhoneNumber
from connector.domain.refusals import Code, Refusal
from connector.inbound.answers import answer, read_body, refusals_answered
from connector.inbound.callers import Caller, from_view, wiring
from connector.inbound.records import RecordNumber, read_numbers
from connector.settings import HUBSPOT_APP_URL, Settings
from connector.store import messages
from connector.store.accounts import Link
from connector.store.messages import Message
from connector.store.portals import Portal
from connector.use_cases.open_card import Card, open_card
from connector.use_cases.queue_message import QueueMessage, queue_message

blueprint = Blueprint("cards", __name__, url_prefix="/card")

_OBJECT_ID = fields.Str(required=True, validate=validate.Regexp(r"^[0-9]{1,20}$"))


class OpenSchema(Schema):
    object_type_id = fields.Str(required=True)
    object_id = _OBJECT_ID


class MessagesSchema(Schema):
    ids = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1, max=20))


class SendSchema(Schema):
    idempotency_key = fields.Str(required=True, validate=validate.Length(min=8, max=100))
    object_type_id = fields.Str(required=True)
    object_id = _OBJECT_ID
    property = fields.Str(required=True, validate=validate.Length(max=100))
    recipient = fields.Str(required=True, validate=validate.Length(max=20))
    push_type = fields.Str(required=True, validate=validate.OneOf(["alert", "marketing"]))
    sender = fields.Str(required=True, allow_none=True, validate=validate.Length(max=50))
    unicode = fields.Bool(required=True, truthy={True}, falsy={False})
    # Longer than any text of ten parts; the use case says precisely what is too long.
    text = fields.Str(required=True, validate=validate.Length(max=5000))


@blueprint.post("/open")
@from_view
@refusals_answered
def open_(caller: Caller) -> Response:
    body = read_body(OpenSchema())
    wired = wiring()
    numbers = read_numbers(wired, caller.portal, body["object_type_id"], body["object_id"])
    with wired.pool.connection() as conn:
        card = open_card(
            conn,
            wired.vault,
            caller.portal,
            object_type_id=body["object_type_id"],
            object_id=body["object_id"],
            recipients=[n.parsed.e164 for n in numbers if isinstance(n.parsed, PhoneNumber)],
        )
    return answer(_render_card(card, numbers, wired.settings))


@blueprint.post("/messages")
@from_view
@refusals_answered
def messages_(caller: Caller) -> Response:
    """Where some of the portal's messages stand; costs no call to HubSpot, so a view may ask often."""
    ids = read_body(MessagesSchema())["ids"]
    wired = wiring()
    with wired.pool.connection() as conn:
        found = messages.find(conn, caller.portal.portal_id, ids)
    return answer({"messages": [render_message(message, wired.settings) for message in found]})


@blueprint.post("/send")
@from_view
@refusals_answered
def send(caller: Caller) -> Response:
    body = read_body(SendSchema())
    wired = wiring()
    numbers = read_numbers(wired, caller.portal, body["object_type_id"], body["object_id"])
    number, recipient = _chosen(numbers, body["property"], body["recipient"])
    command = QueueMessage(
        source="card",
        idempotency_key=body["idempotency_key"],
        user_id=caller.user_id,
        object_type_id=body["object_type_id"],
        object_id=body["object_id"],
        recipient=recipient,
        recipient_raw=number.raw,
        recipient_property=number.property,
        push_type=body["push_type"],
        sender=body["sender"],
        unicode=body["unicode"],
        text=body["text"],
    )
    with wired.pool.connection() as conn:
        queued = queue_message(
            conn, wired.vault, caller.portal, command, deployment_prefix=wired.settings.deployment_prefix
        )
    return answer({"message": render_message(queued.message, wired.settings), "repeated": queued.repeated})


def _chosen(numbers: list[RecordNumber], name: str, seen: str) -> tuple[RecordNumber, PhoneNumber]:
    """The number the user chose, if the record still holds it. Raises Refusal."""
    number = next((n for n in numbers if n.property == name), None)
    if number is None:
        raise Refusal(Code.NUMBER_MISSING)
    if isinstance(number.parsed, NumberRefused):
        raise number.parsed.refusal()
    if number.parsed.e164 != seen:
        # Somebody edited the record meanwhile: texting another number than the one shown would be a surprise.
        raise Refusal(Code.NUMBER_CHANGED)
    return number, number.parsed


def _render_card(card: Card, numbers: list[RecordNumber], settings: Settings) -> dict[str, Any]:
    return {
        "account": {
            "state": "linked" if card.link else "not_linked",
            "balance": render_balance(card.link),
            "problem": card.problem,
        },
        "numbers": [_render_number(number) for number in numbers],
        "sent_count": card.sent_count,
        "messages": [render_message(message, settings) for message in card.messages],
        "defaults": {"push_type": card.portal.default_push_type, "sender": card.portal.default_sender},
        "time_zone": card.portal.time_zone,
        "settings_url": settings_url(card.portal, settings),
    }


def _render_number(number: RecordNumber) -> dict[str, Any]:
    parsed = number.parsed
    is_usable = isinstance(parsed, PhoneNumber)
    return {
        "property": number.property,
        "raw": number.raw,
        "recipient": parsed.e164 if isinstance(parsed, PhoneNumber) else None,
        "country": parsed.country if isinstance(parsed, PhoneNumber) else None,
        "error": None if is_usable else parsed.refusal().as_json(),  # type: ignore[union-attr]
    }


def render_message(message: Message, settings: Settings) -> dict[str, Any]:
    """A message as the views know it; instants are ISO 8601 in UTC."""
    return {
        "id": str(message.message_id),
        "direction": message.direction,
        "text": message.text,
        "status": message.state,
        "reason": message.reason,
        "at": message.created_at.isoformat(timespec="seconds"),
        "recipient": message.recipient,
        "sender": message.sender,
        "parts": message.parts,
        "cost_credits": message.cost_credits,
        "report_url": settings.report_url_template.replace("{ticket}", message.ticket)
        if message.ticket
        else None,
        "final": is_final(message.state),
    }


def render_balance(link: Link | None) -> dict[str, Any] | None:
    """None: not known right now."""
    if link is None or link.balance is None:
        return None
    balance = link.balance
    return {
        "mode": balance.mode,
        "value": balance.credits,
        "at": balance.at.isoformat(timespec="seconds"),
    }


def settings_url(portal: Portal, settings: Settings) -> str:
    """The app's settings in this portal; HubSpot's UI host depends on the portal's data centre."""
    is_real = settings.hubspot_app_url == HUBSPOT_APP_URL  # elsewhere one host plays all of them
    host = f"https://{portal.ui_domain}" if is_real and portal.ui_domain else settings.hubspot_app_url
    return f"{host}/connected-apps/{portal.portal_id}/installed/{settings.hubspot_app_id}"
