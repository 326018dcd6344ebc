"""Templates of the portal: list, save, update, rename, delete (F2.8)."""

import uuid
from itertools import accumulate
from typing import Any

from flask import Response, current_app
from marshmallow import Schema, fields, validate

from connector.domain.rights import Right
from connector.domain.vocabulary import PushType
from connector.inbound.http.answers import answer, read_body
from connector.inbound.http.callers import Caller, current_wiring, needs
from connector.inbound.http.rendering import render_instant
from connector.store.messages import templates
from connector.store.messages.templates import Author, Template, TemplateContent
from connector.use_cases.messages import edit_templates

_NAME = fields.Str(required=True, validate=validate.Length(min=1, max=100))


# Limits of one answer: HubSpot takes 1 MB, and a template may have some 80 KB.
MAX_TEMPLATES, MAX_TEMPLATES_BYTES = 500, 500_000


class ListSchema(Schema):
    """The start of the page: after this name and id, or at the first template."""

    after_name = fields.Str(load_default="", validate=validate.Length(max=100))
    after_id = fields.UUID(load_default=uuid.UUID(int=0))


class ContentSchema(Schema):
    text = fields.Str(required=True, validate=validate.Length(min=1, max=5000))
    links = fields.List(fields.Str(), required=True, validate=validate.Length(max=10))
    push_type = fields.Enum(PushType, required=True, by_value=True)
    sender = fields.Str(required=True, allow_none=True, validate=validate.Length(max=50))
    unicode = fields.Bool(required=True, truthy={True}, falsy={False})


class SaveSchema(ContentSchema):
    name = _NAME


class UpdateSchema(ContentSchema):
    id = fields.UUID(required=True)
    # The version that the user edited; views are released separately, and older ones do not send it.
    version = fields.Int(load_default=None, strict=True, validate=validate.Range(min=1, max=2**31 - 1))


class RenameSchema(Schema):
    id = fields.UUID(required=True)
    name = _NAME


class DeleteSchema(Schema):
    id = fields.UUID(required=True)


def list_(caller: Caller) -> Response:
    """A page of whole templates: a view that shows one needs no other call."""
    place = read_body(ListSchema())
    with current_wiring().pool.connection() as conn:
        found = templates.listed(conn, caller.portal.portal_id, **place, limit=MAX_TEMPLATES + 1)
    page = _fitting([_render(template) for template in found[:MAX_TEMPLATES]])
    is_last = len(page) == len(found)
    following = None if is_last else {"after_name": page[-1]["name"], "after_id": page[-1]["id"]}
    return answer({"templates": page, "next": following})


@needs(Right.TEMPLATES)
def save(caller: Caller) -> Response:
    body = read_body(SaveSchema())
    with current_wiring().pool.connection() as conn:
        template = edit_templates.save(
            conn, caller.portal.portal_id, body["name"], _content(body), author=_author(caller)
        )
    return answer({"template": _render(template)})


@needs(Right.TEMPLATES)
def update(caller: Caller) -> Response:
    body = read_body(UpdateSchema())
    with current_wiring().pool.connection() as conn:
        template = edit_templates.update(
            conn,
            caller.portal.portal_id,
            body["id"],
            _content(body),
            author=_author(caller),
            seen_version=body["version"],
        )
    return answer({"template": _render(template)})


@needs(Right.TEMPLATES)
def rename(caller: Caller) -> Response:
    body = read_body(RenameSchema())
    with current_wiring().pool.connection() as conn:
        template = edit_templates.rename(
            conn, caller.portal.portal_id, body["id"], body["name"], author=_author(caller)
        )
    return answer({"template": _render(template)})


@needs(Right.TEMPLATES)
def delete(caller: Caller) -> Response:
    body = read_body(DeleteSchema())
    with current_wiring().pool.connection() as conn:
        edit_templates.delete(conn, caller.portal.portal_id, body["id"], user_id=caller.user_id)
    return answer({})


def _author(caller: Caller) -> Author:
    return Author(caller.user_id, caller.user_email)


def _content(body: dict[str, Any]) -> TemplateContent:
    return TemplateContent(
        body["text"], body["links"], body["push_type"], body["sender"] or None, body["unicode"]
    )


def _fitting(rendered: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first templates that fit into a page; at least one."""
    sizes = accumulate(len(current_app.json.dumps(each).encode()) for each in rendered)
    return rendered[: max(1, sum(size <= MAX_TEMPLATES_BYTES for size in sizes))]


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
