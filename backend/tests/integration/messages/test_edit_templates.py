"""Valid templates: the text must be sendable to at least some record."""

from collections.abc import Callable

import pytest

from backend.tests.factories import a_portal
from connector.domain.refusals import Code, Refusal
from connector.domain.vocabulary import PushType
from connector.store.database import Conn
from connector.store.messages import templates
from connector.store.messages.templates import Author, TemplateContent
from connector.store.portals.portals import Portal
from connector.store.vault import Vault
from connector.use_cases.messages import edit_templates

LINK = "https://lumen.example/soldes"
CONTENT = TemplateContent("Bonjour {{firstname|à vous}}", [], PushType.ALERT, None, False)


@pytest.fixture
def portal(conn: Conn, vault: Vault) -> Portal:
    return a_portal(conn, vault)


@pytest.mark.parametrize(
    ("text", "links", "unicode", "code"),
    [
        ("a <-short-> <-short->", [], False, Code.LINK_COUNT_WRONG),
        ("Soldes", [LINK], False, Code.LINK_COUNT_WRONG),
        ("<-sh{{firstname|}}ort->", [LINK], False, Code.LINK_COUNT_WRONG),
        ("Soldes <-short->", ["soldes"], False, Code.URL_INVALID),
        ("Reçu 🎁, {{firstname}}" + "a" * 70, [], False, Code.TEXT_NOT_GSM7),
        ("a" * 1531, [], False, Code.TEXT_TOO_LONG),
        ("ç" * 5000, [], True, Code.TEXT_TOO_LONG),
        ("{{firstname", [], False, Code.TEXT_TOKENS_INVALID),
        (" ", [], False, Code.TEXT_EMPTY),
    ],
)
def test_template_that_could_never_be_sent_is_refused(
    conn: Conn, portal: Portal, text: str, links: list[str], unicode: bool, code: Code
) -> None:
    template = edit_templates.save(conn, portal.portal_id, "Soldes", CONTENT, author=Author(77, None))
    content = TemplateContent(text, links, PushType.ALERT, None, unicode)
    changes: tuple[Callable[[], object], ...] = (
        lambda: edit_templates.save(conn, portal.portal_id, "Autre", content, author=Author(77, None)),
        lambda: edit_templates.update(
            conn, portal.portal_id, template.template_id, content, author=Author(77, None), seen_version=None
        ),
    )
    for change in changes:
        with pytest.raises(Refusal) as refusal:
            change()
        assert refusal.value.code == code
    kept = templates.find(conn, portal.portal_id, template.template_id)
    assert kept is not None
    assert kept.content == CONTENT


@pytest.mark.parametrize(
    ("text", "links", "unicode"),
    [
        ("<-short-> {{firstname|}} <-short->", [LINK, f"{LINK}?2"], False),
        ("Bonjour {{firstname|Françoise}}", [], False),  # other first names need no Unicode
        ("Reçu, {{firstname}}", [], True),
        ("a" * 1530 + "{{firstname|}}", [], False),
        ("{{firstname}}", [], False),
    ],
)
def test_template_that_some_record_could_be_sent_is_kept(
    conn: Conn, portal: Portal, text: str, links: list[str], unicode: bool
) -> None:
    content = TemplateContent(text, links, PushType.ALERT, None, unicode)
    saved = edit_templates.save(conn, portal.portal_id, "Soldes", content, author=Author(77, None))
    assert saved.content == content
