"""Held messages: a user sends one to the number that its record has now (cancelling is the composer's)."""

from datetime import UTC, datetime

from flask import Response
from marshmallow import fields, validate

from connector.crm.records import read_record
from connector.domain.rights import Right
from connector.inbound.card.card import RecordSchema
from connector.inbound.card.numbers import chosen_number, obey_opt_outs
from connector.inbound.http.answers import answer, read_body
from connector.inbound.http.callers import Caller, current_wiring, needs
from connector.inbound.http.rendering import render_message
from connector.use_cases.messages.send_held import SendHeld, send_held


class HeldSchema(RecordSchema):
    """A held message of the record, and the number that the user saw."""

    id = fields.UUID(required=True)
    property = fields.Str(required=True, validate=validate.Length(max=100))
    number_object_type_id = fields.Str(load_default=None)  # None: the record's own number
    number_object_id = fields.Str(load_default=None)
    recipient = fields.Str(required=True, validate=validate.Length(max=20))


@needs(Right.SEND)
def send(caller: Caller) -> Response:
    body = read_body(HeldSchema())
    wiring = current_wiring()
    record = read_record(wiring.hubspot, caller.portal, body["object_type_id"], body["object_id"])
    number, recipient = chosen_number(record.numbers, body)
    obey_opt_outs(wiring, caller.portal, record)
    command = SendHeld(
        message_id=body["id"],
        object_type_id=record.object_type_id,
        object_id=record.object_id,
        recipient=recipient,
        recipient_raw=number.raw,
        recipient_property=number.property,
        user_id=caller.user_id,
    )
    with wiring.pool.connection() as conn:
        message = send_held(
            conn, caller.portal, command, datetime.now(UTC), call_s=wiring.settings.gateway_timeout_s
        )
    return answer({"message": render_message(message, wiring.settings)})
