"""Save, update, rename and delete a portal's templates; each change adds a version, which is never removed."""

import uuid

from connector.domain.refusals import Code, Refusal
from connector.domain.senders import check_sender
from connector.domain.text import merge_fields
from connector.domain.text.final_text import finish_text
from connector.store.database import Conn
from connector.store.messages import templates
from connector.store.messages.templates import Author, Template, TemplateContent


def save(conn: Conn, portal_id: int, name: str, content: TemplateContent, *, author: Author) -> Template:
    """Raises Refusal bad_request (a blank name), template_name_taken, or a refusal of the content."""
    template_id = uuid.uuid4()
    if not templates.add(conn, portal_id, template_id, _named(name), _checked(content), author):
        raise Refusal(Code.TEMPLATE_NAME_TAKEN)
    return _found(conn, portal_id, template_id)


def update(
    conn: Conn,
    portal_id: int,
    template_id: uuid.UUID,
    content: TemplateContent,
    *,
    author: Author,
    seen_version: int | None,
) -> Template:
    """A new version of the content, under the same name. Raises Refusal template_not_found or template_changed.

    `seen_version`: the version that the user edited; a newer version is not overwritten. None: unknown.
    """
    template = _found(conn, portal_id, template_id)
    if seen_version is not None and seen_version != template.version:
        raise Refusal(Code.TEMPLATE_CHANGED)
    _change(conn, portal_id, template, template.name, _checked(content), author)
    return _found(conn, portal_id, template_id)


def rename(conn: Conn, portal_id: int, template_id: uuid.UUID, name: str, *, author: Author) -> Template:
    """Raises Refusal bad_request (a blank name), template_not_found or template_name_taken."""
    template = _found(conn, portal_id, template_id)
    _change(conn, portal_id, template, _named(name), template.content, author)
    return _found(conn, portal_id, template_id)


def delete(conn: Conn, portal_id: int, template_id: uuid.UUID, *, user_id: int | None) -> None:
    """Raises Refusal template_not_found."""
    if not templates.delete(conn, portal_id, template_id, user_id=user_id):
        raise Refusal(Code.TEMPLATE_NOT_FOUND)


def _found(conn: Conn, portal_id: int, template_id: uuid.UUID) -> Template:
    template = templates.find(conn, portal_id, template_id, for_change=True)
    if template is None:
        raise Refusal(Code.TEMPLATE_NOT_FOUND)
    return template


def _change(
    conn: Conn, portal_id: int, template: Template, name: str, content: TemplateContent, author: Author
) -> None:
    if not templates.change(conn, portal_id, template, name=name, content=content, author=author):
        raise Refusal(Code.TEMPLATE_NAME_TAKEN)


def _named(name: str) -> str:
    """The name without blanks around it. Raises Refusal bad_request if it is blank: users could not select it."""
    trimmed = name.strip()
    if not trimmed:
        raise Refusal(Code.BAD_REQUEST, field="name")
    return trimmed


def _checked(content: TemplateContent) -> TemplateContent:
    """The content, if it can be sent for some record; merge fields and links are allowed.

    Raises Refusal text_empty, text_tokens_invalid, sender_invalid, url_invalid, link_count_wrong, text_not_gsm7,
    text_too_long.
    """
    if not content.text.strip():
        raise Refusal(Code.TEXT_EMPTY)
    sender = check_sender(content.sender)
    final = finish_text(
        merge_fields.literal_text(content.text),
        tuple(content.links),
        push_type=content.push_type,
        sender=sender,
        unicode=content.unicode,
    )
    return TemplateContent(content.text, list(final.links), content.push_type, sender, content.unicode)
