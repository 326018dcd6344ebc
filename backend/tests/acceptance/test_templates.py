"""Templates over real HTTP: a portal may have thousands, and only its own are noted on an SMS."""

import json
import uuid
from typing import Any

from connector.domain.vocabulary import PushType
from connector.store.database import Conn, connect
from connector.store.messages import templates
from connector.store.messages.templates import Author, TemplateContent
from sandbox.driver.numbers import MOBILE
from sandbox.driver.portal import Portal
from sandbox.driver.views import CARD
from sandbox.stack import Stack

MAX_ANSWER_BYTES = 1_000_000  # HubSpot docs: hubspot.fetch
SOMEBODY = Author(77, "ines@atelier-lumen.example")
SHORT = TemplateContent("Bonjour {{firstname}}", [], PushType.ALERT, None, False)
LARGEST = TemplateContent(
    "🎂" * 5000, [f"https://lumen.example/{'a' * 1970}" for _ in range(10)], PushType.MARKETING, "LUMEN", True
)


def installed(conn: Conn) -> int:
    row = conn.execute("SELECT portal_id FROM portals WHERE state = 'installed'").fetchone()
    assert row is not None
    return int(row["portal_id"])


def another_portal(conn: Conn) -> int:
    """A portal that has uninstalled the app: this stack's HubSpot has no other."""
    row = conn.execute(
        "INSERT INTO portals (portal_id, state, installed_at)"
        " SELECT max(portal_id) + 1, 'uninstalled', now() FROM portals RETURNING portal_id"
    ).fetchone()
    assert row is not None
    return int(row["portal_id"])


def store(conn: Conn, portal_id: int, name: str, content: TemplateContent = SHORT) -> str:
    template_id = uuid.uuid4()
    assert templates.add(conn, portal_id, template_id, name, content, SOMEBODY)
    return str(template_id)


def pages(visitor: Portal) -> list[list[str]]:
    """The names of all templates, page by page as the card requests them."""
    found: list[list[str]] = []
    place: dict[str, Any] | None = {}
    while place is not None:
        answer = visitor.fetch(CARD, "/templates/list", place)
        assert len(json.dumps(answer, ensure_ascii=False).encode()) < MAX_ANSWER_BYTES
        found.append([template["name"] for template in answer["data"]["templates"]])
        place = answer["data"]["next"]
    return found


def test_thousands_of_templates_and_the_largest_are_listed_within_hubspots_limit(
    visitor: Portal, own_stack: Stack
) -> None:
    with connect(own_stack.database_url) as conn:
        conn.execute("UPDATE templates SET deleted_at = now()")
    assert pages(visitor) == [[]]
    names = [f"{'ÉéeE'[n % 4]}té {n}" for n in range(1200)]
    large = [f"Large {n}" for n in range(30)]
    with connect(own_stack.database_url) as conn:
        portal_id = installed(conn)
        stranger = another_portal(conn)
        store(conn, stranger, "Ailleurs")
        for name in names:
            store(conn, portal_id, name)
        for name in large:
            store(conn, portal_id, name, LARGEST)
        conn.commit()
        in_order = conn.execute(
            "SELECT name FROM templates WHERE portal_id = %s ORDER BY lower(name), template_id",
            (portal_id,),
        ).fetchall()
        conn.commit()
        shown = pages(visitor)
        assert [name for page in shown for name in page] == [found["name"] for found in in_order]
        assert sorted(name for page in shown for name in page) == sorted([*names, *large])
        assert len(shown) > 3, "the largest leave less room"
        conn.execute("UPDATE templates SET deleted_at = now()")


def test_only_a_template_that_the_portal_has_is_noted(visitor: Portal, record: str, own_stack: Stack) -> None:
    """A template of another portal, or one deleted meanwhile, is not noted; the SMS leaves all the same."""
    content: dict[str, Any] = {
        "text": "Bonjour",
        "links": [],
        "push_type": "alert",
        "sender": None,
        "unicode": False,
    }
    kept, deleted = (
        visitor.fetch(CARD, "/templates/save", {"name": name, **content})["data"]["template"]["id"]
        for name in ("Gardé", "Supprimé")
    )
    assert visitor.fetch(CARD, "/templates/delete", {"id": deleted})["ok"]
    with connect(own_stack.database_url) as conn:
        stranger = another_portal(conn)
        foreign = store(conn, stranger, "Ailleurs")
        conn.commit()
        noted = {}
        for template_id in (kept, deleted, foreign):
            body = visitor.send_body(record, MOBILE, template_id=template_id)
            sent = [visitor.send(body)["data"] for _ in range(2)]
            assert [answer["repeated"] for answer in sent] == [False, True]
            row = conn.execute(
                "SELECT template_id FROM messages WHERE message_id = %s", (sent[0]["message"]["id"],)
            ).fetchone()
            noted[template_id] = row and row["template_id"] and str(row["template_id"])
    assert noted == {kept: kept, deleted: None, foreign: None}
