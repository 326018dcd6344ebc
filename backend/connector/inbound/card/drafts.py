"""The draft of a user and a record: saved while they write, read when the composer opens (F2.12)."""

from datetime import datetime
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from connector.crm.records import object_type_of
from connector.domain.rights import Right
from connector.domain.vocabulary import PushType
from connector.inbound.card.card import RecordSchema
from connector.inbound.http.answers import answer, read_body
from connector.inbound.http.callers import Caller, current_wiring, needs
from connector.store.messages import drafts
from connector.store.messages.drafts import DraftKey


class DraftSchema(Schema):
    """The fields of the composer, unchecked: half a text and half a sender's name are drafts too."""

    text = fields.Str(required=True, validate=validate.Length(max=5000))
    links = fields.List(
        fields.Str(validate=validate.Length(max=2000)), required=True, validate=validate.Length(max=10)
    )
    push_type = fields.Enum(PushType, required=True, by_value=True)
    sender = fields.Str(required=True, allow_none=True, validate=validate.Length(max=50))
    unicode = fields.Bool(required=True, truthy={True}, falsy={False})
    removes_special = fields.Bool(load_default=False, truthy={True}, falsy={False})
    property = fields.Str(load_default=None, validate=validate.Length(max=100))
    number_object_type_id = fields.Str(load_default=None, validate=validate.Length(max=20))
    number_object_id = fields.Str(load_default=None, validate=validate.Length(max=20))
    recipient = fields.Str(load_default=None, validate=validate.Regexp(r"^\+[0-9]{4,15}$"))
    send_at = fields.Str(load_default=None, validate=validate.Length(max=16))
    template_id = fields.UUID(load_default=None)


class SaveDraftSchema(RecordSchema):
    written_at = fields.AwareDateTime(required=True, format="iso")
    draft = fields.Nested(DraftSchema, required=True, allow_none=True)  # None: it was sent or thrown away


@needs(Right.SEND)
def read(caller: Caller) -> Response:
    key = _key(caller, read_body(RecordSchema()))
    with current_wiring().pool.connection() as conn:
        draft = drafts.find(conn, key)
    if draft is None:
        return answer({"draft": None, "written_at": None})
    return answer({"draft": draft.content, "written_at": _render(draft.written_at)})


@needs(Right.SEND)
def save(caller: Caller) -> Response:
    """Store the draft unless a newer one is stored: of two tabs, the one that was written in last wins."""
    body = read_body(SaveDraftSchema())
    key, draft = _key(caller, body), body["draft"]
    with current_wiring().pool.connection() as conn:
        drafts.remove_expired(conn)
        stored = drafts.put(
            conn,
            key,
            _stored(draft) if draft else None,
            recipient=draft["recipient"] if draft else None,
            written_at=body["written_at"],
        )
    return answer({"is_newest": stored})


def _key(caller: Caller, body: dict[str, Any]) -> DraftKey:
    object_type = object_type_of(body["object_type_id"])
    return DraftKey(caller.portal.portal_id, caller.user_id, object_type.id, body["object_id"])


def _stored(draft: dict[str, Any]) -> dict[str, Any]:
    template_id = draft["template_id"]
    return {**draft, "push_type": draft["push_type"].value, "template_id": template_id and str(template_id)}


def _render(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
