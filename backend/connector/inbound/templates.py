"""Templates of the portal: list, save, update, rename, delete (F2.8)."""

from typing import Any

from flask import Blueprint, Response
from marshmallow import Schema, fields, validate

from connector.domain.rights import Right
from connector.inbound.answers import answer, read_body, refusals_answered
from connector.inbound.callers import Caller, from_view, needs, wiring
from connector.inbound.rendering import render_instant
from connector.store import templates
from connector.store.templates import Author, Template, TemplateContent
from connector.use_cases import edit_templates

blueprint = Blueprint("templates", __name__, url_prefix="/templates")

_NAME = fields.Str(required=True, validate=validate.Length(min=1, max=100))


class NothingSchema(Schema):
    pass


class ContentSchema(Schema):
    text = fields.Str(required=True, validate=validate.Length(min=1, max=5000))
    links = fields.List(fields.Str(), required=True, validate=validate.Length(max=10))
    push_type = fields.Str(required=True, validate=validate.OneOf(["alert", "marketing"]))
    sender = fields.Str(required=True, allow_none=True, validate=validate.Length(max=50))
    unicode = fields.Bool(required=True, truthy={True}, falsy={False})


class SaveSchema(ContentSchema):
    name = _NAME


class UpdateSchema(ContentSchema):
    id = fields.UUID(required=True)
    # What the user started from; views are released on their own, and older ones do not say it.
    version = fields.Int(load_default=None, strict=True, validate=validate.Range(min=1, max=2**31 - 1))


class RenameSchema(Schema):
    id = fields.UUID(required=True)
    name = _NAME


class DeleteSchema(Schema):
    id = fields.UUID(required=True)


@blueprint.post("/list")
@from_view
@refusals_answered
def list_(caller: Caller) -> Response:
    read_body(NothingSchema())
    with wiring().pool.connection() as conn:
        found = templates.listed(conn, caller.portal.portal_id)
    return answer({"templates": [_render(template) for template in found]})


@blueprint.post("/save")
@from_view
@refusals_answered
@needs(Right.TEMPLATES)
def save(caller: Caller) -> Response:
    body = read_body(SaveSchema())
    with wiring().pool.connection() as conn:
        template = edit_templates.save(
            conn, caller.portal.portal_id, body["name"], _content(body), author=_author(caller)
        )
    return answer({"template": _render(template)})


@blueprint.post("/update")
@from_view
@refusals_answered
@needs(Right.TEMPLATES)
def update(caller: Caller) -> Response:
    body = read_body(UpdateSchema())
    with wiring().pool.connection() as conn:
        template = edit_templates.update(
            conn,
            caller.portal.portal_id,
            body["id"],
            _content(body),
            author=_author(caller),
            seen_version=body["version"],
        )
    return answer({"template": _render(template)})


@blueprint.post("/rename")
@from_view
@refusals_answered
@needs(Right.TEMPLATES)
def rename(caller: Caller) -> Response:
    body = read_body(RenameSchema())
    with wiring().pool.connection() as conn:
        template = edit_templates.rename(
            conn, caller.portal.portal_id, body["id"], body["name"], author=_author(caller)
        )
    return answer({"template": _render(template)})


@blueprint.post("/delete")
@from_view
@refusals_answered
@needs(Right.TEMPLATES)
def delete(caller: Caller) -> Response:
    body = read_body(DeleteSchema())
    with wiring().pool.connection() as conn:
        edit_templates.delete(conn, caller.portal.portal_id, body["id"], user_id=caller.user_id)
    return answer({})


def _author(caller: Caller) -> Author:
    return Author(caller.user_id, caller.user_email)


def _content(body: dict[str, Any]) -> TemplateContent:
    return TemplateContent(
        body["text"], body["links"], body["push_type"], body["sender"] or None, body["unicode"]
    )


def _render(template: Template) -> dict[str, Any]:
    content = template.content
    return {
        "id": str(template.template_id),
        "name": template.name,
        "text": content.text,
        "links": content.links,
        "push_type": content.push_type,
        "sender": content.sender,
        "unicode": content.unicode,
        "version": template.version,
        "updated_at": render_instant(template.updated_at),
        "updated_by": template.updated_by.user_id,
        "updated_by_email": template.updated_by.email,
    }
