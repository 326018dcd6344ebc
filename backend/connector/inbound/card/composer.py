"""The composer: preview one SMS in its final form, send or schedule it, cancel an SMS that has not left."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, current_app
from marshmallow import Schema, fields, validate

from connector.crm.properties import definitions_of
from connector.crm.record_cache import read_for_preview
from connector.crm.records import (
    RecordNumber,
    TextableRecord,
    object_type_of,
    read_record,
    reading_deadline,
)
from connector.domain.phone_numbers import NumberRefused, PhoneNumber
from connector.domain.refusals import Code, Refusal
from connector.domain.rights import Right
from connector.domain.text import merge_fields
from connector.domain.text.property_values import PropertyShape, shown_values
from connector.domain.text.segments import not_gsm7
from connector.domain.vocabulary import Encoding, PushType, Source, WarningCode
from connector.inbound.card.card import RecordSchema
from connector.inbound.card.numbers import obey_opt_outs
from connector.inbound.card.verdicts import ask_verdict
from connector.inbound.http.answers import answer, read_body
from connector.inbound.http.callers import Caller, continued, current_record_cache, current_wiring, needs
from connector.inbound.http.portal_batches import PortalBatches
from connector.inbound.http.rendering import render_instant, render_message
from connector.store.database import Conn
from connector.store.portals.portals import Portal
from connector.use_cases.messages.cancel_message import cancel_message
from connector.use_cases.messages.compose_message import Composed, MessageRequest, compose_message
from connector.use_cases.messages.queue_message import (
    Queued,
    QueueMessage,
    SendRequest,
    check_consent,
    find_queued,
    queue_messages,
)
from connector.wiring import Wiring

# Refusals that depend on the record's values: a user may just have fixed the value.
_MAY_BE_OLD = frozenset(
    {
        Code.NUMBER_MISSING,
        Code.NUMBER_INVALID,
        Code.NUMBER_NOT_MOBILE,
        Code.NUMBER_SPECIAL_RATE,
        Code.NUMBER_EXTENSION,
        Code.NUMBER_CHANGED,
        Code.PROPERTY_MISSING,
        Code.TEXT_EMPTY,
        Code.TEXT_TOO_LONG,
        Code.TEXT_NOT_GSM7,
    }
)


class MessageSchema(RecordSchema):
    """One SMS in the composer. Fields with a default were added later: views are released separately."""

    property = fields.Str(required=True, validate=validate.Length(max=100))
    number_object_type_id = fields.Str(load_default=None)  # None: the record's own number
    number_object_id = fields.Str(load_default=None)
    recipient = fields.Str(required=True, validate=validate.Length(max=20))
    push_type = fields.Enum(PushType, required=True, by_value=True)
    sender = fields.Str(required=True, allow_none=True, validate=validate.Length(max=50))
    unicode = fields.Bool(required=True, truthy={True}, falsy={False})
    # Longer than any text of ten parts; the use case applies the exact limit.
    text = fields.Str(required=True, validate=validate.Length(max=5000))
    links = fields.List(fields.Str(), load_default=list, validate=validate.Length(max=10))
    send_at = fields.Str(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$"),
    )


class SendSchema(MessageSchema):
    idempotency_key = fields.Str(required=True, validate=validate.Length(min=8, max=100))
    template_id = fields.UUID(load_default=None, allow_none=True)


class CancelSchema(Schema):
    id = fields.UUID(required=True)


@needs(Right.SEND)
def preview(caller: Caller) -> Response:
    body = read_body(MessageSchema())
    wiring = current_wiring()
    request, composed = _previewed(wiring, caller.portal, body)
    verdict = ask_verdict(wiring, caller.portal, request, composed)
    return answer(
        {
            "text": composed.text,
            "encoding": composed.segments.encoding,
            "units": composed.segments.units,
            "parts": composed.segments.parts,
            "cost_credits": verdict.cost_credits,
            "asked_at": render_instant(composed.asked_at),
            "effective_at": render_instant(composed.slot.at),
            "is_delayed": composed.is_delayed,
            "warnings": verdict.warnings + _warnings(caller.portal, request, composed),
        }
    )


@continued
@needs(Right.SEND)
def send(caller: Caller) -> Response:
    body = read_body(SendSchema())
    wiring, portal = current_wiring(), caller.portal
    template_id = body["template_id"]
    send_request = SendRequest(Source.CARD, body.pop("idempotency_key"), caller.user_id, body)
    with caller.first_transaction() as conn:
        queued = find_queued(conn, portal.portal_id, send_request)
        prepared = None if queued else wiring.hubspot.prepare(conn, portal.portal_id)
    if queued is None:
        deadline, names = reading_deadline(), merge_fields.names(body["text"])
        record = read_record(
            wiring.hubspot,
            portal,
            body["object_type_id"],
            body["object_id"],
            names,
            deadline=deadline,
            prepared=prepared,
        )
        request = _request(wiring, portal, body, record, deadline)
        obey_opt_outs(wiring, portal, record)
        command = QueueMessage(
            send_request, replace(request, template_id=str(template_id) if template_id else None)
        )
        queued = queueing().submit(portal.portal_id, (portal, command))
    return answer({"message": render_message(queued.message, wiring.settings), "repeated": queued.repeated})


Queueing = PortalBatches[tuple[Portal, QueueMessage], Queued]


def open_queueing(wiring: Wiring) -> Queueing:
    """The sends of a process: simultaneous ones are stored together."""

    def store(
        conn: Conn, sends: Sequence[tuple[int, tuple[Portal, QueueMessage]]]
    ) -> list[Queued | Exception]:
        return queue_messages(
            conn,
            [command for _, command in sends],
            deployment_prefix=wiring.settings.deployment_prefix,
            call_s=wiring.settings.gateway_timeout_s,
        )

    return PortalBatches(wiring.pool, store)


def queueing() -> Queueing:
    """The sends of this process, made by create_app."""
    made: Queueing = current_app.extensions["queueing"]
    return made


@needs(Right.SEND)
def cancel(caller: Caller) -> Response:
    """Cancel a message that is not claimed yet; afterwards it is too late (protocol P11)."""
    body = read_body(CancelSchema())
    wiring = current_wiring()
    with wiring.pool.connection() as conn:
        message = cancel_message(conn, caller.portal.portal_id, body["id"], user_id=caller.user_id)
    return answer({"message": render_message(message, wiring.settings)})


def _previewed(wiring: Wiring, portal: Portal, body: dict[str, Any]) -> tuple[MessageRequest, Composed]:
    """The message with cached values of the record; it is refused only with current ones. Raises Refusal."""
    deadline, names = reading_deadline(), merge_fields.names(body["text"])
    record = (portal, body["object_type_id"], body["object_id"], names)
    cache = current_record_cache()
    reading = read_for_preview(cache, wiring.hubspot, *record, deadline=deadline)
    try:
        return _composed(wiring, portal, body, reading.record, deadline)
    except Refusal as refusal:
        if reading.is_fresh or refusal.code not in _MAY_BE_OLD:
            raise
    reading = read_for_preview(cache, wiring.hubspot, *record, deadline=deadline, is_fresh=True)
    return _composed(wiring, portal, body, reading.record, deadline)


def _composed(
    wiring: Wiring, portal: Portal, body: dict[str, Any], record: TextableRecord, deadline: float
) -> tuple[MessageRequest, Composed]:
    request = _request(wiring, portal, body, record, deadline)
    obey_opt_outs(wiring, portal, record)
    with wiring.pool.connection() as conn:
        check_consent(conn, portal, request)
    call_s = wiring.settings.gateway_timeout_s
    return request, compose_message(portal, request, datetime.now(UTC), call_s=call_s)


def _request(
    wiring: Wiring,
    portal: Portal,
    body: dict[str, Any],
    record: TextableRecord,
    deadline: float,
) -> MessageRequest:
    """The requested SMS, with the record's number and values of merge fields. Raises Refusal."""
    names = merge_fields.names(body["text"])
    number, recipient = _chosen(record.numbers, body)
    is_own = (number.object_type_id, number.object_id) == (record.object_type_id, record.object_id)
    shapes = _shapes(wiring, portal, record, names, deadline)
    return MessageRequest(
        object_type_id=record.object_type_id,
        object_id=record.object_id,
        person=None if is_own else (number.object_type_id, number.object_id),
        recipient=recipient,
        recipient_raw=number.raw,
        recipient_property=number.property,
        push_type=body["push_type"],
        sender=body["sender"],
        unicode=body["unicode"],
        text=body["text"],
        links=body["links"],
        send_at=body["send_at"],
        values=shown_values(
            record.values, names, shapes, language=portal.language, zone=ZoneInfo(portal.time_zone)
        ),
        labels={name: shape.label for name, shape in shapes.items()},
    )


def _shapes(
    wiring: Wiring, portal: Portal, record: TextableRecord, names: list[str], deadline: float
) -> dict[str, PropertyShape]:
    """The definitions of these properties, by name; no call without names."""
    if not names:
        return {}
    object_type = object_type_of(record.object_type_id)
    definitions = definitions_of(wiring.hubspot, portal, object_type.plural, deadline=deadline)
    return {shape.name: shape for shape in definitions if shape.name in names}


def _chosen(numbers: list[RecordNumber], body: dict[str, Any]) -> tuple[RecordNumber, PhoneNumber]:
    """The number that the user chose, if the record still has it. Raises Refusal."""
    owner = (
        body["number_object_type_id"] or body["object_type_id"],
        body["number_object_id"] or body["object_id"],
    )
    chosen = (*owner, body["property"])
    of_property = [n for n in numbers if (n.object_type_id, n.object_id, n.property) == chosen]
    # A number that may be a handset in two countries is there twice.
    same = [
        n for n in of_property if isinstance(n.parsed, PhoneNumber) and n.parsed.e164 == body["recipient"]
    ]
    number = next(iter(same or of_property), None)
    if number is None:
        raise Refusal(Code.NUMBER_MISSING)
    if isinstance(number.parsed, NumberRefused):
        raise number.parsed.refusal()
    if number.parsed.e164 != body["recipient"]:
        # The record was edited meanwhile: the user did not choose its new number.
        raise Refusal(Code.NUMBER_CHANGED)
    return number, number.parsed


def _warnings(portal: Portal, request: MessageRequest, composed: Composed) -> list[dict[str, Any]]:
    warnings: list[dict[str, Any]] = []
    if request.recipient.country != portal.default_country:
        warnings.append(
            {"code": WarningCode.FOREIGN_NUMBER, "params": {"country": request.recipient.country}}
        )
    if composed.segments.encoding == Encoding.UCS2:
        characters = not_gsm7(composed.text)[:20]
        warnings.append({"code": WarningCode.UNICODE_PARTS, "params": {"characters": characters}})
    if composed.sender:
        warnings.append({"code": WarningCode.SENDER_NO_REPLY, "params": {}})
    if composed.segments.parts > 1:
        warnings.append({"code": WarningCode.MULTI_PART, "params": {"parts": composed.segments.parts}})
    return warnings
