"""The first quarter of an hour with the app: install it, link an account, send an SMS, read it on a phone."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from accessibility import faults
from hurry import hurry
from pages import ConsentPage, Handsets, RecordList, RecordPage, SettingsPage, StartPage, Words
from pages.press import press
from pages.start import STEPS
from sandbox.driver.portal import Portal
from sandbox.hubspot_sim.accounts import FIRST
from sandbox.stack import Stack

PERSON = "Camille Moreau"
WRONG_TOKEN = "not-a-token"
TEXT = "Hello, this is the first SMS."


@pytest.fixture
def new_stack(make_stack: Callable[..., Stack]) -> Iterator[Stack]:
    """A sandbox that nobody has used yet."""
    stack = make_stack()
    hurry(Portal(stack))
    yield stack
    stack.stop()


def test_from_nothing_to_an_sms(page: Page, new_stack: Stack, words: Words) -> None:
    start = StartPage(page, words, new_stack.hubspot_url)
    _arrive(page, start)
    _install(page, start, words)
    _visit_without_account(page, start, words)
    _link(page, start, words)
    _send(page, start, words)
    _read(page, start, words)
    page.goto("about:blank")  # the person leaves before the sandbox stops


def _arrive(page: Page, start: StartPage) -> None:
    """Open the sandbox and choose the language."""
    StartPage(page, Words(FIRST.language), start.open().page.url).choose_language(start.words.language)
    expect(page.locator("html")).to_have_attribute("lang", start.words.language)
    expect(start.progress).to_have_attribute("aria-valuenow", "0")
    assert faults(page) == []
    for key in STEPS:
        expect(start.is_done(key)).to_be_hidden()


def _install(page: Page, start: StartPage, words: Words) -> None:
    start.go("install")
    consent = ConsentPage(page, words)
    expect(consent.heading).to_be_visible()
    expect(consent.scopes).not_to_have_count(0)
    assert faults(page) == []
    consent.approve()
    expect(SettingsPage(page, words).not_linked).to_be_visible()


def _visit_without_account(page: Page, start: StartPage, words: Words) -> None:
    """A card without an account leads back to the settings."""
    start.open()
    expect(start.is_done("install")).to_be_visible()
    expect(start.is_done("link")).to_be_hidden()
    start.go("contact")
    RecordList(page, words).open(PERSON)
    card = RecordPage(page, words).card
    expect(card.notice("card.not_linked.title")).to_be_visible()
    expect(card.send_button).to_be_hidden()
    press(card.root.get_by_role("link", name=words.app("common.settings")))
    expect(SettingsPage(page, words).not_linked).to_be_visible()


def _link(page: Page, start: StartPage, words: Words) -> None:
    """Enter a wrong token, then the one that the start page shows."""
    settings = SettingsPage(page, words)
    expect(settings.submit).to_be_disabled()
    settings.link(WRONG_TOKEN)
    expect(settings.error).to_contain_text(words.app("error.token_refused"))
    expect(settings.not_linked).to_be_visible()

    token = start.open().token()
    start.go("link")
    settings.link(token)
    expect(settings.not_linked).to_be_hidden()
    expect(settings.error).to_be_hidden()
    for key in ("settings.client_id", "settings.email", "settings.company"):
        expect(settings.fact(key)).not_to_have_text(words.app("settings.none"))
    expect(settings.figure("credits.prepaid")).to_contain_text(words.number(1250))
    expect(settings.figure("settings.sent_count")).to_contain_text("0")


def _send(page: Page, start: StartPage, words: Words) -> None:
    start.open()
    expect(start.is_done("link")).to_be_visible()
    start.go("contact")
    RecordList(page, words).search(PERSON.split()[1])
    RecordList(page, words).open(PERSON)
    record = RecordPage(page, words)
    record.card.open_composer().write(TEXT).send()
    expect(record.card.status("delivered")).to_be_visible()
    expect(record.card.credits()).to_contain_text(words.number(1249))
    expect(record.events("EVENT_SENT_NAME")).to_contain_text(TEXT)


def _read(page: Page, start: StartPage, words: Words) -> None:
    """The last step opens a tab of its own."""
    start.open()
    expect(start.is_done("contact")).to_be_visible()
    with page.expect_popup() as tab:
        start.go("handsets")
    handsets = Handsets(tab.value, words)
    expect(handsets.heading).to_be_visible()
    expect(handsets.page.get_by_role("article").get_by_text(TEXT, exact=True)).to_be_visible()
    expect(start.progress).to_have_attribute("aria-valuenow", str(len(STEPS)))
