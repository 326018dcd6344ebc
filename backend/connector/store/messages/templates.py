"""Templates of a portal: reusable texts with merge fields and links; every change is stored as a version (F2.8)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Cursor, sql
from psycopg.errors import UniqueViolation
from psycopg.rows import DictRow

from connector.domain.vocabulary import PushType
from connector.store.database import Conn
from connector.store.rows import member
from connector.store.statements import compose


@dataclass(frozen=True, slots=True)
class Author:
    """The user who saved a version, from HubSpot's signed call."""

    user_id: int | None
    email: str | None


@dataclass(frozen=True, slots=True)
class TemplateContent:
    """The content that a template puts into the composer."""

    text: str
    links: list[str]
    push_type: PushType
    sender: str | None
    unicode: bool


@dataclass(frozen=True, slots=True)
class Template:
    template_id: uuid.UUID
    name: str
    version: int
    content: TemplateContent
    updated_at: datetime
    updated_by: Author


# Templates of a portal, with the content of their present version.
_TEMPLATES = sql.SQL("""
SELECT t.template_id, t.name, t.version, v.text, v.links, v.push_type, v.sender, v.unicode, v.saved_at,
    v.user_id, v.user_email
FROM templates t JOIN template_versions v USING (portal_id, template_id, version)
WHERE t.portal_id = %(portal_id)s AND t.deleted_at IS NULL
""")


_LISTED = compose(
    """
    {templates} AND (lower(t.name), t.template_id) > (lower(%(after_name)s), %(after_id)s)
    ORDER BY lower(t.name), t.template_id LIMIT %(limit)s
    """,
    templates=_TEMPLATES,
)


def listed(conn: Conn, portal_id: int, *, after_name: str, after_id: uuid.UUID, limit: int) -> list[Template]:
    """The portal's templates by name, after the place given by a name and an id."""
    rows = conn.execute(
        _LISTED, {"portal_id": portal_id, "after_name": after_name, "after_id": after_id, "limit": limit}
    )
    return [_template(row) for row in rows]


def find(conn: Conn, portal_id: int, template_id: uuid.UUID, *, for_change: bool = False) -> Template | None:
    """A template; `for_change` locks it against other changes until this transaction ends."""
    if for_change:
        # In a separate statement: after a wait, the join below must see the version of the other transaction.
        conn.execute(
            "SELECT 1 FROM templates WHERE portal_id = %s AND template_id = %s FOR UPDATE",
            (portal_id, template_id),
        )
    return find_many(conn, portal_id, [template_id]).get(template_id)


_FIND_MANY = compose("{templates} AND t.template_id = ANY(%(template_ids)s)", templates=_TEMPLATES)


def find_many(conn: Conn, portal_id: int, template_ids: list[uuid.UUID]) -> dict[uuid.UUID, Template]:
    """The given templates that exist, by id."""
    rows = conn.execute(_FIND_MANY, {"portal_id": portal_id, "template_ids": template_ids})
    return {row["template_id"]: _template(row) for row in rows}


def select_known(conn: Conn, named: Sequence[tuple[int, uuid.UUID]]) -> Cursor[DictRow]:
    """The rows (portal_id, template_id) of those pairs that exist; read after the caller's pipeline ends."""
    return conn.execute(
        """
        SELECT portal_id, template_id FROM unnest(%s::bigint[], %s::uuid[]) AS named (portal_id, template_id)
        WHERE (SELECT true FROM templates t WHERE t.portal_id = named.portal_id AND t.template_id = named.template_id
               AND t.deleted_at IS NULL)
        """,
        ([portal_id for portal_id, _ in named], [template_id for _, template_id in named]),
    )


_SEARCH = compose(
    """
    {templates} AND strpos(lower(t.name), lower(%(wanted)s)) > 0
    ORDER BY lower(t.name), t.template_id OFFSET %(skip)s LIMIT %(limit)s
    """,
    templates=_TEMPLATES,
)


def search(conn: Conn, portal_id: int, wanted: str, *, skip: int, limit: int) -> list[Template]:
    """A page of the templates whose name contains `wanted` (case does not matter), by name."""
    rows = conn.execute(_SEARCH, {"portal_id": portal_id, "wanted": wanted, "skip": skip, "limit": limit})
    return [_template(row) for row in rows]


def _template(row: dict[str, Any]) -> Template:
    content = TemplateContent(
        row["text"], row["links"], member(PushType, row["push_type"]), row["sender"], row["unicode"]
    )
    author = Author(row["user_id"], row["user_email"])
    return Template(row["template_id"], row["name"], row["version"], content, row["saved_at"], author)


def add(
    conn: Conn,
    portal_id: int,
    template_id: uuid.UUID,
    name: str,
    content: TemplateContent,
    author: Author,
) -> bool:
    """Store a new template. False: the name is taken (case does not matter)."""
    added = conn.execute(
        """
        INSERT INTO templates (portal_id, template_id, name, version)
        VALUES (%(portal_id)s, %(template_id)s, %(name)s, 1)
        ON CONFLICT DO NOTHING
        RETURNING 1
        """,
        {"portal_id": portal_id, "template_id": template_id, "name": name},
    ).fetchone()
    if added:
        _add_version(conn, portal_id, template_id, 1, name, content, author)
    return added is not None


def change(
    conn: Conn,
    portal_id: int,
    template: Template,
    *,
    name: str,
    content: TemplateContent,
    author: Author,
) -> bool:
    """Store a new version of a template found for change. False: the name is taken by another template."""
    version = template.version + 1
    try:
        with conn.savepoint():  # the unique index decides, also between simultaneous changes
            conn.execute(
                """
                UPDATE templates SET name = %(name)s, version = %(version)s
                WHERE portal_id = %(portal_id)s AND template_id = %(template_id)s
                """,
                {
                    "name": name,
                    "version": version,
                    "portal_id": portal_id,
                    "template_id": template.template_id,
                },
            )
    except UniqueViolation:
        return False
    _add_version(conn, portal_id, template.template_id, version, name, content, author)
    return True


def delete(conn: Conn, portal_id: int, template_id: uuid.UUID, *, user_id: int | None) -> bool:
    """Remove the template from the list; its versions stay. False: there is none."""
    row = conn.execute(
        """
        UPDATE templates SET deleted_at = now(), deleted_by_user_id = %(user_id)s
        WHERE portal_id = %(portal_id)s AND template_id = %(template_id)s AND deleted_at IS NULL
        RETURNING 1
        """,
        {"user_id": user_id, "portal_id": portal_id, "template_id": template_id},
    ).fetchone()
    return row is not None


def _add_version(
    conn: Conn,
    portal_id: int,
    template_id: uuid.UUID,
    version: int,
    name: str,
    content: TemplateContent,
    author: Author,
) -> None:
    conn.execute(
        """
        INSERT INTO template_versions (portal_id, template_id, version, name, text, links, push_type, sender,
            unicode, user_id, user_email)
        VALUES (%(portal_id)s, %(template_id)s, %(version)s, %(name)s, %(text)s, %(links)s, %(push_type)s,
            %(sender)s, %(unicode)s, %(user_id)s, %(email)s)
        """,
        {
            "portal_id": portal_id,
            "template_id": template_id,
            "version": version,
            "name": name,
            "text": content.text,
            "links": content.links,
            "push_type": content.push_type,
            "sender": content.sender,
            "unicode": content.unicode,
            "user_id": author.user_id,
            "email": author.email,
        },
    )
