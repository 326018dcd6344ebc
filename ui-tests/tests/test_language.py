"""One person, one language: everything we draw is in it, and no key or open slot is ever shown."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from pages import LANGUAGES, TOOLS, RecordPage, SendingPage, SettingsPage, StartPage, Words
from pages.press import press
from pages.words import app_texts
from sandbox.driver.numbers import new_number
from sandbox.driver.portal import Portal
from sandbox.driver.records import Contact
from sandbox.stack import Stack

SHORTEST = 12  # letters from which on a text of one language is not met by chance in the other
OTHER = {"fr": "en", "en": "fr"}


def spoken(root: Locator) -> str:
    """Everything that a part of the page says, to the eye and to a screen reader, on one line."""
    attributes = root.evaluate(
        """root => [root, ...root.querySelectorAll('*')].flatMap(element =>
            ['aria-label', 'title', 'placeholder', 'alt'].map(name => element.getAttribute(name) ?? '')).join(' | ')"""
    )
    return " ".join(f"{root.inner_text()} | {attributes}".split())


def patterns(language: str) -> dict[str, re.Pattern[str]]:
    """Each text of the language that is not the same in the other one; slots match anything."""
    found = {}
    for key, text in app_texts(language).items():
        fixed = re.split(r"\{\w+\}", text)
        if text != app_texts(OTHER[language])[key] and max(map(len, fixed)) >= SHORTEST:
            parts = (re.escape(" ".join(f" {part} ".split())) for part in fixed)
            found[key] = re.compile(r"\s?.{0,80}?\s?".join(parts))
    return found


def check(root: Locator, language: str) -> None:
    text = spoken(root)
    assert any(pattern.search(text) for pattern in patterns(language).values()), f"no {language} in: {text}"
    foreign = [key for key, pattern in patterns(OTHER[language]).items() if pattern.search(text)]
    assert foreign == [], f"in the other language: {foreign} in: {text}"
    assert [key for key in app_texts(language) if key in text] == []
    assert not re.search(r"\{\w*\}|undefined|\bnull\b|NaN", text), text


def test_finds_the_other_language(page: Page) -> None:
    """The check itself must be able to fail."""
    for language in LANGUAGES:
        page.set_content(f"<main>{Words(OTHER[language]).app('card.no_messages')}</main>")
        with pytest.raises(AssertionError):
            check(page.locator("main"), language)
    page.set_content(f"<main>{Words('fr').app('card.no_messages')} compose.ready</main>")
    with pytest.raises(AssertionError):
        check(page.locator("main"), "fr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_card_and_composer(
    page: Page, open_record: Callable[[Contact], RecordPage], person: Portal, words: Words, language: str
) -> None:
    contact = person.new_contact(mobile=new_number(), phone="01 42 68 53 00")
    record = open_record(contact)
    expect(record.card.send_button).to_be_visible()
    check(record.card.root, language)

    composer = record.card.open_composer()
    check(composer.root, language)
    composer.choose_sender("36035")
    composer.write("ça va ?")
    press(composer.push_type("marketing"))
    expect(composer.says("compose.sender_invalid")).to_be_visible()
    check(composer.root, language)
    composer.sender.fill("LUMEN")
    press(composer.unicode)
    expect(composer.submit).to_be_enabled()
    for tool in TOOLS:
        tools = composer.open_tool(tool)
        if tool == "token":
            expect(tools.token_property).to_be_visible()
        check(composer.root, language)
    tools.save_template(f"Modele {contact.id}")
    expect(tools.template_name).to_be_hidden()
    composer.open_tool("template").choose_template(f"Modele {contact.id}")
    check(composer.root, language)
    composer.write("{{city}}")
    expect(composer.refusal).to_be_visible()
    check(composer.root, language)


def test_switching_in_the_top_bar(
    page: Page, record: RecordPage, contact: Contact, person: Portal, stack: Stack
) -> None:
    """The same person on the same record, whose message stays as it was written."""
    record.card.open_composer().write("Texte de la personne").send()
    expect(record.card.status("delivered")).to_be_visible()
    check(record.card.root, "fr")

    StartPage(page, Words("fr"), stack.hubspot_url).choose_language("en")
    english = RecordPage(page, Words("en"))
    expect(english.card.status("delivered")).to_be_visible()
    expect(english.card.text("Texte de la personne")).to_be_visible()
    check(english.card.root, "en")
    check(english.card.open_composer().root, "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_settings(page: Page, person: Portal, words: Words, language: str) -> None:
    page.goto(person.url + person.session()["app"]["settings_path"])
    settings = SettingsPage(page, words)
    expect(settings.figure("credits.prepaid")).to_be_visible()
    panel = page.get_by_role("tabpanel", name=words.page("app.tab.settings"), exact=True)
    check(panel, language)
    press(page.get_by_role("button", name=words.app("settings.change")))
    settings.link("not-a-token")
    expect(settings.error).to_be_visible()
    check(panel, language)
    sending = SendingPage(page, words).open(page.url)
    sending.press("sending.pause")
    sending.limit("card").fill("")
    expect(sending.says("sending.limits.wrong", max=168)).to_be_visible()
    check(panel, language)
