"""Templates of a portal: reusable texts with tokens and links; every change is kept as a version (F2.8)."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.store.database import Conn

MAX_LISTED = 500


@dataclass(frozen=True, slots=True)
class TemplateContent:
    """What a template puts into the composer."""

    text: str
    links: list[str]
    push_type: str
    sender: str | None
    unicode: bool


@dataclass(frozen=True, slots=True)
class Template:
    template_id: uuid.UUID
    name: str
    version: int
    content: TemplateContent
    updated_at: datetime
    updated_by: int | None


_SELECT = """
SELECT t.template_id, t.name, t.version, v.text, v.links, v.push_type, v.sender, v.unicode, v.saved_at, v.user_id
FROM templates t JOIN template_versions v USING (portal_id, template_id, version)
WHERE t.portal_id = %s AND t.deleted_at IS NULL
"""


def listed(conn: Conn, portal_id: int) -> list[Template]:
    """The portal's templates by name, at most 500."""
    rows = conn.execute(_SELECT + " ORDER BY lower(t.name), t.template_id LIMIT %s", (portal_id, MAX_LISTED))
    return [_template(row) for row in rows]


def find(conn: Conn, portal_id: int, template_id: uuid.UUID) -> Template | None:
    row = conn.execute(_SELECT + " AND t.template_id = %s", (portal_id, template_id)).fetchone()
    return _template(row) if row else None


def _template(row: dict[str, Any]) -> Template:
    content = TemplateContent(row["text"], row["links"], row["push_type"], row["sender"], row["unicode"])
    return Template(row["template_id"], row["name"], row["version"], content, row["saved_at"], row["user_id"])


def add(
    conn: Conn,
    portal_id: int,
    template_id: uuid.UUID,
    name: str,
    content: TemplateContent,
    user_id: int | None,
) -> bool:
    """Store a new template. False: the name is taken (case does not matter)."""
    added = conn.execute(
        "INSERT INTO templates (portal_id, template_id, name, version) VALUES (%s, %s, %s, 1)"
        " ON CONFLICT DO NOTHING RETURNING 1",
        (portal_id, template_id, name),
    ).fetchone()
    if added:
        _add_version(conn, portal_id, template_id, 1, name, content, user_id)
    return added is not None


def change(
    conn: Conn,
    portal_id: int,
    template: Template,
    *,
    name: str,
    content: TemplateContent,
    user_id: int | None,
) -> bool:
    """Store a new version. False: the name is taken by another template, or somebody else was faster."""
    changed = conn.execute(
        """
        UPDATE templates t SET name = %(name)s, version = %(version)s + 1
        WHERE portal_id = %(portal_id)s AND template_id = %(template_id)s AND version = %(version)s
          AND deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM templates o WHERE o.portal_id = t.portal_id
              AND o.deleted_at IS NULL AND lower(o.name) = lower(%(name)s) AND o.template_id <> t.template_id)
        RETURNING 1
        """,
        {
            "portal_id": portal_id,
            "template_id": template.template_id,
            "name": name,
            "version": template.version,
        },
    ).fetchone()
    if changed:
        version = template.version + 1
        _add_version(conn, portal_id, template.template_id, version, name, content, user_id)
    return changed is not None


def delete(conn: Conn, portal_id: int, template_id: uuid.UUID) -> bool:
    """Take the template out of the list; its versions stay. False: there is none."""
    row = conn.execute(
        "UPDATE templates SET deleted_at = now() WHERE portal_id = %s AND template_id = %s"
        " AND deleted_at IS NULL RETURNING 1",
        (portal_id, template_id),
    ).fetchone()
    return row is not None


def _add_version(
    conn: Conn,
    portal_id: int,
    template_id: uuid.UUID,
    version: int,
    name: str,
    content: TemplateContent,
    user_id: int | None,
) -> None:
    conn.execute(
        "INSERT INTO template_versions (portal_id, template_id, version, name, text, links, push_type, sender,"
        " unicode, user_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            portal_id,
            template_id,
            version,
            name,
            content.text,
            content.links,
            content.push_type,
            content.sender,
            content.unicode,
            user_id,
        ),
    )
