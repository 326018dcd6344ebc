"""The composer: preview one SMS in its final form, send or schedule it, cancel an SMS that has not left."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from flask import Response, current_app
from marshmallow import Schema, fields, validate

from connector.crm.merge_values import MergePlan, plan_fields, reader_of, shown_values
from connector.crm.properties import reads_of
from connector.crm.reads import Reads
from connector.crm.record_cache import read_for_preview
from connector.crm.records import (
    TextableRecord,
    WantedProperties,
    object_type_of,
    read_record,
    reading_deadline,
)
from connector.domain.legal_calendar import zone_of
from connector.domain.refusals import Code, Refusal
from connector.domain.rights import Right
from connector.domain.text import merge_fields
from connector.domain.text.characters import Fitted
from connector.domain.text.segments import not_gsm7
from connector.domain.time_zones import zone_named
from connector.domain.vocabulary import Encoding, PushType, Source, WarningCode
from connector.inbound.card.card import RecordSchema
from connector.inbound.card.numbers import chosen_number, obey_opt_outs
from connector.inbound.card.verdicts import ask_verdict
from connector.inbound.http.answers import answer, read_body
from connector.inbound.http.callers import Caller, continued, current_record_cache, current_wiring, needs
from connector.inbound.http.portal_batches import PortalBatches
from connector.inbound.http.rendering import render_instant, render_message
from connector.store.database import Conn
from connector.store.portals import hubspot_tokens
from connector.store.portals.portals import Portal
from connector.use_cases.messages.cancel_message import cancel_message
from connector.use_cases.messages.compose_message import Composed, MessageRequest, compose_message
from connector.use_cases.messages.explain_queue import explained, why_held
from connector.use_cases.messages.queue_message import (
    Queued,
    QueueMessage,
    SendRequest,
    check_consent,
    queue_messages,
    read_queued,
    select_queued,
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
_NAMED_AT_MOST = 20  # characters in one warning


class MessageSchema(RecordSchema):
    """One SMS in the composer. Fields with a default were added later: views are released separately."""

    property = fields.Str(required=True, validate=validate.Length(max=100))
    number_object_type_id = fields.Str(load_default=None)  # None: the record's own number
    number_object_id = fields.Str(load_default=None)
    recipient = fields.Str(required=True, validate=validate.Length(max=20))
    push_type = fields.Enum(PushType, required=True, by_value=True)
    sender = fields.Str(required=True, allow_none=True, validate=validate.Length(max=50))
    unicode = fields.Bool(required=True, truthy={True}, falsy={False})
    # The user agreed that special characters without an equivalent are removed where they would cost more.
    removes_special = fields.Bool(load_default=False, truthy={True}, falsy={False})
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
    # False: the same text to the same number a moment ago is asked about. Older views cannot ask.
    may_repeat = fields.Bool(load_default=True, truthy={True}, falsy={False})


_SEND: Final = SendSchema()  # made once: it costs as much as a statement


class CancelSchema(Schema):
    id = fields.UUID(required=True)


@needs(Right.SEND)
def preview(caller: Caller) -> Response:
    body = read_body(MessageSchema())
    wiring = current_wiring()
    request, composed = _previewed(wiring, caller.portal, body)
    verdict = ask_verdict(wiring, caller.portal, request, composed)
    with wiring.pool.connection() as conn:
        held_by = why_held(conn, caller.portal.portal_id)
    return answer(
        {
            "text": composed.text,
            "encoding": composed.segments.encoding,
            "units": composed.segments.units,
            "parts": composed.segments.parts,
            "cost_credits": verdict.cost_credits,
            "asked_at": render_instant(composed.asked_at),
            "effective_at": render_instant(composed.slot.at),
            "recipient_time_zone": _other_clocks(caller.portal, request, composed),
            "values": dict(request.values),
            "changed_at": composed.fitted.places if composed.fitted else (),
            "is_delayed": composed.is_delayed,
            "held_by": held_by,
            "warnings": verdict.warnings + _warnings(caller.portal, request, composed),
        }
    )


@continued
@needs(Right.SEND)
def send(caller: Caller) -> Response:
    body = read_body(_SEND)
    wiring, portal = current_wiring(), caller.portal
    template_id = body["template_id"]
    may_repeat = body.pop("may_repeat")
    key, content = body.pop("idempotency_key"), _content(body)
    send_request = SendRequest(Source.CARD, key, caller.user_id, content)
    with caller.first_transaction() as conn:
        with conn.pipeline():
            keys = select_queued(conn, portal.portal_id, send_request)
            tokens = hubspot_tokens.select(conn, portal.portal_id)
        queued = read_queued(conn, portal.portal_id, send_request, keys)
        prepared = None if queued else wiring.hubspot.prepare(conn, portal.portal_id, tokens)
        held_by = why_held(conn, portal.portal_id)
    if queued is None:
        fields_read = _fields(wiring, portal, body)
        record = read_record(
            wiring.hubspot,
            portal,
            body["object_type_id"],
            body["object_id"],
            fields_read.wanted.own,
            people_properties=fields_read.wanted.people,
            deadline=fields_read.deadline,
            prepared=prepared,
        )
        request = _request(portal, body, record, fields_read)
        obey_opt_outs(wiring, portal, record)
        command = QueueMessage(
            send_request,
            replace(request, template_id=str(template_id) if template_id else None),
            may_repeat=may_repeat,
        )
        queued = queueing().submit(portal.portal_id, (portal, command))
    message = explained(queued.message, held_by)
    return answer({"message": render_message(message, wiring.settings), "repeated": queued.repeated})


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


def _content(body: dict[str, Any]) -> dict[str, Any]:
    """The inputs that two equal commands share; a later field counts only where it says something."""
    return {name: value for name, value in body.items() if name != "removes_special" or value}


@dataclass(frozen=True, slots=True)
class _Fields:
    """The merge fields of a text: what must be read for them, and what was."""

    plan: MergePlan
    reads: Reads
    deadline: float
    wanted: WantedProperties


def _fields(wiring: Wiring, portal: Portal, body: dict[str, Any]) -> _Fields:
    """Raises Refusal text_tokens_invalid or property_unknown."""
    object_type, deadline = object_type_of(body["object_type_id"]), reading_deadline()
    reads = reads_of(wiring.hubspot, portal, deadline=deadline)
    plan = plan_fields(merge_fields.names(body["text"]), object_type.id, reads)
    people = {type_id: plan.properties(type_id) for type_id in object_type.people}
    return _Fields(plan, reads, deadline, WantedProperties(plan.properties(object_type.id), people))


def _previewed(wiring: Wiring, portal: Portal, body: dict[str, Any]) -> tuple[MessageRequest, Composed]:
    """The message with cached values of the record; it is refused only with current ones. Raises Refusal."""
    fields_read = _fields(wiring, portal, body)
    read = partial(
        read_for_preview,
        current_record_cache(),
        wiring.hubspot,
        portal,
        body["object_type_id"],
        body["object_id"],
        fields_read.wanted,
        deadline=fields_read.deadline,
    )
    reading = read()
    try:
        return _composed(wiring, portal, body, reading.record, fields_read)
    except Refusal as refusal:
        if reading.is_fresh or refusal.code not in _MAY_BE_OLD:
            raise
    return _composed(wiring, portal, body, read(is_fresh=True).record, fields_read)


def _composed(
    wiring: Wiring, portal: Portal, body: dict[str, Any], record: TextableRecord, fields_read: _Fields
) -> tuple[MessageRequest, Composed]:
    request = _request(portal, body, record, fields_read)
    obey_opt_outs(wiring, portal, record)
    with wiring.pool.connection() as conn:
        check_consent(conn, portal, request)
    call_s = wiring.settings.gateway_timeout_s
    return request, compose_message(portal, request, datetime.now(UTC), call_s=call_s)


def _request(
    portal: Portal, body: dict[str, Any], record: TextableRecord, fields_read: _Fields
) -> MessageRequest:
    """The requested SMS, with the record's number and values of merge fields. Raises Refusal."""
    number, recipient = chosen_number(record.numbers, body)
    is_own = (number.object_type_id, number.object_id) == (record.object_type_id, record.object_id)
    person = {} if is_own else {number.object_type_id: number.owner_values}
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
        removes_special=body["removes_special"],
        text=body["text"],
        links=body["links"],
        send_at=body["send_at"],
        values=shown_values(
            fields_read.plan,
            {record.object_type_id: record.values, **person},
            fields_read.reads,
            reader_of(portal),
        ),
        labels=fields_read.plan.labels,
        is_stop_empty=number.is_stop_empty,
    )


def _other_clocks(portal: Portal, request: MessageRequest, composed: Composed) -> str | None:
    """The recipient's time zone, where its clocks show another time than the portal's when the SMS leaves."""
    try:
        zone = zone_of(request.recipient.country)
    except KeyError:  # a country of several zones, or of none that we know
        return None
    at = composed.slot.at
    here = at.astimezone(zone_named(portal.time_zone)).utcoffset()
    return None if at.astimezone(zone).utcoffset() == here else zone.key


def _warnings(portal: Portal, request: MessageRequest, composed: Composed) -> list[dict[str, Any]]:
    warnings: list[dict[str, Any]] = []
    if request.recipient.country != portal.default_country:
        warnings.append(
            {"code": WarningCode.FOREIGN_NUMBER, "params": {"country": request.recipient.country}}
        )
    if composed.fitted:
        warnings.append(_replaced(composed.fitted))
    if composed.segments.encoding == Encoding.UCS2 and request.unicode:
        characters = not_gsm7(composed.text)[:_NAMED_AT_MOST]
        warnings.append({"code": WarningCode.UNICODE_PARTS, "params": {"characters": characters}})
    if composed.sender:
        warnings.append({"code": WarningCode.SENDER_NO_REPLY, "params": {}})
    if composed.segments.parts > 1:
        warnings.append({"code": WarningCode.MULTI_PART, "params": {"parts": composed.segments.parts}})
    return warnings


def _replaced(fitted: Fitted) -> dict[str, Any]:
    """The special characters that an SMS leaves without, and its price with them."""
    replaced = [each.before for each in fitted.replacements if each.after]
    removed = [each.before for each in fitted.replacements if not each.after]
    params = {
        "replaced": replaced[:_NAMED_AT_MOST],
        "removed": removed[:_NAMED_AT_MOST],
        "parts_with": fitted.unchanged_parts,
    }
    return {"code": WarningCode.CHARACTERS_REPLACED, "params": params}
