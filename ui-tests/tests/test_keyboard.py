"""The composer without a mouse: Tab reaches every part; Enter, Space, arrows and letters operate it."""

import pytest
from playwright.sync_api import Page, expect

from pages import Composer, Keyboard, RecordPage, Words
from sandbox.driver.gateway import Gateway
from sandbox.driver.records import Contact

# A property of each kind of record that always has a value.
NAME = {"contact": "firstname", "company": "name", "deal": "dealname"}
GIFT = "🎁"
ADDRESS = "https://atelier-lumen.example/avis"


@pytest.fixture
def keyboard(page: Page) -> Keyboard:
    return Keyboard(page)


@pytest.fixture
def composer(page: Page, record: RecordPage, keyboard: Keyboard) -> Composer:
    keyboard.press(record.card.send_button)
    composer = Composer(page, record.words)
    expect(composer.root).to_be_visible()
    return composer


def test_write_and_send(
    composer: Composer, record: RecordPage, keyboard: Keyboard, contact: Contact, gateway: Gateway
) -> None:
    keyboard.type(composer.text, "Sans souris")
    keyboard.press(composer.submit)
    expect(composer.root).to_be_hidden()
    expect(record.card.send_button).to_be_focused()
    expect(record.card.status("delivered")).to_be_visible()
    assert gateway.texts_on(contact.mobile) == ["Sans souris"]


def test_every_tool_and_a_date(
    composer: Composer,
    record: RecordPage,
    keyboard: Keyboard,
    contact: Contact,
    words: Words,
    kind: str,
) -> None:
    token = NAME[kind]
    tools, name = composer.tools, f"Clavier-{contact.id}"
    keyboard.type(composer.text, "Bonjour")
    keyboard.press(tools.tool("token"))
    keyboard.pick(tools.token_property, f"({token})")
    keyboard.press(tools.insert_token)
    expect(composer.text).to_have_value(f"Bonjour {{{{{token}}}}}")

    keyboard.press(tools.tool("link"))
    keyboard.type(tools.link_address, ADDRESS)
    keyboard.press(tools.button("compose.link.add"))
    keyboard.press(composer.unicode, "Space")
    keyboard.press(tools.tool("emoji"))
    keyboard.type(tools.emoji_search, "gift")
    keyboard.press(tools.emoji(GIFT))
    text = f"Bonjour {{{{{token}}}}} {tools.mark(1)} {GIFT}"
    expect(composer.text).to_have_value(text)

    keyboard.press(tools.tool("save_template"))
    keyboard.type(tools.template_name, name)
    keyboard.press(tools.button("compose.template.save"))
    expect(tools.template_name).to_be_hidden()
    keyboard.press(tools.remove_link(1))
    expect(composer.text).to_have_value(f"Bonjour {{{{{token}}}}} {GIFT}")
    keyboard.press(composer.template_section)
    keyboard.pick(tools.template, name)
    expect(composer.text).to_have_value(text)

    keyboard.press(composer.departure)
    keyboard.go(composer.root.get_by_role("radio", name=words.app("compose.schedule_now")))
    composer.page.keyboard.press("ArrowDown")
    # The browser's own fields, with parts in the order of its language: Tab reaches them, and they hold an hour.
    keyboard.go(composer.date)
    keyboard.go(composer.time)
    expect(composer.submit).to_have_text(composer.announces(1, later=True))
    keyboard.press(composer.submit)
    expect(composer.root).to_be_hidden()
    heading = record.card.root.get_by_role("heading", name=words.app("card.scheduled", count=1))
    expect(heading).to_be_visible()
