"""One person, one language: everything we draw is in it, and no key or open slot is ever shown."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pytest
from playwright.sync_api import Locator, Page, expect

from accessibility import faults
from everywhere import both_languages
from pages import LANGUAGES, TOOLS, RecordPage, SendingPage, SettingsPage, StartPage, Words
from pages.dates import tomorrow
from pages.press import press
from pages.words import app_texts
from sandbox.driver.numbers import new_number
from sandbox.driver.portal import Portal
from sandbox.driver.records import Contact
from sandbox.stack import Stack

SHORTEST = 12  # texts with at least this many letters do not occur by chance in the other language
NOT_DELIVERED = 90  # the gateway's result for handsets with this ending
OTHER = {"fr": "en", "en": "fr"}


def spoken(root: Locator) -> str:
    """All texts of a part of the page, visible and for screen readers, on one line."""
    attributes = root.evaluate(
        """root => [root, ...root.querySelectorAll('*')].flatMap(element =>
            ['aria-label', 'title', 'placeholder', 'alt'].map(name => element.getAttribute(name) ?? '')).join(' | ')"""
    )
    return " ".join(f"{root.inner_text()} | {attributes}".split())


@dataclass(frozen=True)
class Shape:
    """A text of a dictionary, whose slots match anything."""

    parts: tuple[str, ...]
    pattern: re.Pattern[str]

    def is_in(self, text: str) -> bool:
        """Whether the text occurs. The look for its fixed parts is quick and excludes nearly all texts."""
        return all(part in text for part in self.parts) and bool(self.pattern.search(text))


@cache
def shapes(language: str) -> dict[str, Shape]:
    """The shapes of the language's texts that differ in the other one."""
    found = {}
    for key, text in app_texts(language).items():
        fixed = re.split(r"\{\w+\}", text)
        if text != app_texts(OTHER[language])[key] and max(map(len, fixed)) >= SHORTEST:
            parts = tuple(" ".join(f" {part} ".split()) for part in fixed)
            found[key] = Shape(parts, re.compile(r"\s?.{0,80}?\s?".join(map(re.escape, parts))))
    return found


def check(root: Locator, language: str) -> None:
    text = spoken(root)
    assert any(shape.is_in(text) for shape in shapes(language).values()), f"no {language} in: {text}"
    foreign = [key for key, shape in shapes(OTHER[language]).items() if shape.is_in(text)]
    assert foreign == [], f"in the other language: {foreign} in: {text}"
    assert [key for key in app_texts(language) if key in text] == []
    assert not re.search(r"\{\w*\}|undefined|\bnull\b|NaN", text), text


def overflowing(root: Locator) -> list[str]:
    """Texts that are cut off or overflow their box, except those shortened on purpose with a tooltip."""
    found: list[str] = root.evaluate(
        """root => [root, ...root.querySelectorAll('*')].filter(element => {
            const style = getComputedStyle(element);
            const speaks = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
            const unseen = !element.checkVisibility() || style.display === 'inline' || element.clientWidth <= 1;
            return speaks && !unseen && !element.title && element.scrollWidth > element.clientWidth + 1;
        }).map(element => element.textContent.trim())"""
    )
    return found


def look(page: Page, root: Locator, language: str) -> None:
    """Check one view: its texts are in the language and fit, and it has no accessibility fault."""
    check(root, language)
    assert overflowing(root) == []
    assert faults(page) == []


def test_finds_words_that_overflow(page: Page) -> None:
    """The check itself must be able to fail."""
    page.set_content("<main><p style='width: 40px'>Anticonstitutionnellement</p><p>Oui</p></main>")
    assert overflowing(page.locator("main")) == ["Anticonstitutionnellement"]


def test_finds_the_other_language(page: Page) -> None:
    """The check itself must be able to fail."""
    for language in LANGUAGES:
        page.set_content(f"<main>{Words(OTHER[language]).app('card.no_messages')}</main>")
        with pytest.raises(AssertionError):
            check(page.locator("main"), language)
    page.set_content(f"<main>{Words('fr').app('card.no_messages')} compose.ready</main>")
    with pytest.raises(AssertionError):
        check(page.locator("main"), "fr")


@both_languages
def test_card_and_composer(
    page: Page, open_record: Callable[[Contact], RecordPage], person: Portal, words: Words, language: str
) -> None:
    contact = person.new_contact(mobile=new_number(), phone="01 42 68 53 00")
    record = open_record(contact)
    expect(record.card.send_button).to_be_visible()
    look(page, record.card.root, language)

    composer = record.card.open_composer()
    look(page, composer.root, language)
    composer.choose_sender("36035")
    composer.write("ça va ?")
    press(composer.push_type("marketing"))
    expect(composer.says("compose.sender_invalid")).to_be_visible()
    look(page, composer.root, language)
    composer.sender.fill("LUMEN")
    press(composer.unicode)
    expect(composer.submit).to_be_enabled()
    for tool in TOOLS:
        tools = composer.open_tool(tool)
        if tool == "token":
            expect(tools.token_property).to_be_visible()
        check(composer.root, language)
        assert overflowing(composer.root) == []
    tools.save_template(f"Modele {contact.id}")
    expect(tools.template_name).to_be_hidden()
    composer.open_tool("template").choose_template(f"Modele {contact.id}")
    check(composer.root, language)
    composer.write("{{city}}")
    expect(composer.refusal).to_be_visible()
    look(page, composer.root, language)


@both_languages
def test_card_with_messages(
    page: Page, open_record: Callable[[Contact], RecordPage], person: Portal, words: Words, language: str
) -> None:
    """A message that was not delivered, a scheduled one, and a number that cannot be texted."""
    contact = person.new_contact(mobile=new_number(NOT_DELIVERED), phone="01 42 68 53 00")
    record = open_record(contact)
    record.card.open_composer().write("OK").send()
    expect(record.card.status("undelivered")).to_be_visible()
    person.schedule(contact, contact, "12345", tomorrow())
    page.reload()
    expect(record.card.button("card.cancel")).to_be_visible()
    expect(record.events("EVENT_RECEIPT_NAME")).to_be_visible()
    press(record.card.button("card.cancel"))
    look(page, record.card.root, language)


def test_switching_in_the_top_bar(
    page: Page, record: RecordPage, contact: Contact, person: Portal, stack: Stack
) -> None:
    """The person and the record stay the same, and the message keeps its original text."""
    record.card.open_composer().write("Texte de la personne").send()
    expect(record.card.status("delivered")).to_be_visible()
    check(record.card.root, "fr")

    StartPage(page, Words("fr"), stack.hubspot_url).choose_language("en")
    english = RecordPage(page, Words("en"))
    expect(english.card.status("delivered")).to_be_visible()
    expect(english.card.text("Texte de la personne")).to_be_visible()
    check(english.card.root, "en")


@both_languages
def test_settings(page: Page, person: Portal, words: Words, language: str) -> None:
    page.goto(person.url + person.session()["app"]["settings_path"])
    settings = SettingsPage(page, words)
    expect(settings.figure("credits.prepaid")).to_be_visible()
    panel = page.get_by_role("tabpanel", name=words.page("app.tab.settings"), exact=True)
    look(page, panel, language)
    press(page.get_by_role("button", name=words.app("settings.change")))
    settings.link("not-a-token")
    expect(settings.error).to_be_visible()
    look(page, panel, language)
    sending = SendingPage(page, words).open(page.url)
    sending.press("sending.pause")
    sending.limit("card").fill("")
    expect(sending.says("sending.limits.wrong", max=168)).to_be_visible()
    look(page, panel, language)
