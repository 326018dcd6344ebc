"""No serious fault that a machine can find stands between our pages and a person with a disability (axe-core)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from accessibility import faults
from everywhere import TEXT_PROPERTY, both_languages, every_kind, languages_and_kinds
from pages import Handsets, RecordPage, SettingsPage, StartPage, Words
from pages.press import press
from sandbox.driver.numbers import new_number
from sandbox.driver.portal import Portal
from sandbox.driver.records import Contact
from sandbox.stack import Stack


def test_finds_a_fault(page: Page) -> None:
    """The check itself must be able to fail."""
    page.set_content("<html lang='en'><title>t</title><main><input></main></html>")
    assert any("critical" in fault for fault in faults(page))


@both_languages
@every_kind
def test_record_with_composer(page: Page, record: RecordPage) -> None:
    composer = record.card.open_composer().write("Bonjour")
    assert faults(page) == []
    composer.choose_sender("36035")
    composer.write("ça va ?")
    expect(composer.says("compose.sender_invalid")).to_be_visible()
    assert faults(page) == []


@languages_and_kinds
def test_composer_with_each_tool_open(page: Page, record: RecordPage, kind: str) -> None:
    """Each with what it shows when it is used: a list, a chosen template, links, emoji, a date."""
    name = TEXT_PROPERTY[kind]
    composer = record.card.open_composer().write(f"Bonjour {{{{{name}}}}}")
    press(composer.unicode)
    tools = composer.open_tool("save_template")
    tools.save_template(f"Accessible {new_number()}")
    expect(tools.template_name).to_be_hidden()
    composer.open_tool("template")
    expect(tools.template).to_be_visible()
    press(tools.button("compose.template.delete"))
    assert faults(page) == []
    composer.open_tool("link").add_link("https://atelier-lumen.example/avis")
    assert faults(page) == []
    composer.open_tool("token")
    expect(tools.find_property(f"({name})")).to_have_count(1)
    assert faults(page) == []
    page.keyboard.press("Escape")
    composer.open_tool("emoji")
    expect(composer.refusal).to_be_visible()
    assert faults(page) == []
    composer.schedule(datetime.now(UTC) - timedelta(days=1))
    expect(composer.says("compose.schedule_past")).to_be_visible()
    assert faults(page) == []


def test_record_with_messages(
    page: Page, open_record: Callable[[Contact], RecordPage], person: Portal
) -> None:
    record = open_record(person.new_contact(mobile=new_number(90), phone="01 42 68 53 00"))
    record.card.open_composer().write("Bonjour").send()
    expect(record.card.status("undelivered")).to_be_visible()
    expect(record.events("EVENT_RECEIPT_NAME")).to_be_visible()
    assert faults(page) == []


def test_record_that_cannot_be_texted(
    page: Page, open_record: Callable[[Contact], RecordPage], person: Portal
) -> None:
    record = open_record(person.new_contact(mobile="06 12 34"))
    expect(record.card.notice("card.invalid.title")).to_be_visible()
    assert faults(page) == []


def test_settings(page: Page, person: Portal, words: Words) -> None:
    page.goto(person.url + person.session()["app"]["settings_path"])
    settings = SettingsPage(page, words)
    press(page.get_by_role("button", name=words.app("settings.change")))
    settings.link("not-a-token")
    expect(settings.error).to_be_visible()
    assert faults(page) == []


def test_start_page(page: Page, person: Portal, words: Words, stack: Stack) -> None:
    start = StartPage(page, words, stack.hubspot_url).open()
    expect(start.is_done("link")).to_be_visible()
    assert faults(page) == []


def test_handsets(record: RecordPage, contact: Contact, handsets: Callable[[], Handsets]) -> None:
    record.card.open_composer().write("Bonjour").send()
    expect(record.card.status("delivered")).to_be_visible()
    phones = handsets()
    expect(phones.message(contact.mobile, "Bonjour")).to_be_visible()
    assert faults(phones.page) == []
