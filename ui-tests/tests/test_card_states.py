"""What the card says before it has its data, without it, and when the account or a right stands in the way."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Request, Route, expect

from accessibility import faults
from everywhere import both_languages, every_kind
from pages import LANGUAGES, RecordPage, SettingsPage, Words
from pages.card import Card
from pages.dates import tomorrow
from pages.press import press
from sandbox.driver.gateway import Gateway
from sandbox.driver.numbers import new_number
from sandbox.driver.portal import Portal
from sandbox.driver.records import Contact, Record
from sandbox.stack import Stack

Opener = Callable[[Contact | Record], RecordPage]
FETCH = "/sandbox-api/hubspot-fetch"
CREDITS = 500


@pytest.fixture
def backend_calls(page: Page) -> list[str]:
    """What the page's extensions have asked the backend for, in order: "card/open"."""
    calls: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith(FETCH):
            body: dict[str, str] = request.post_data_json or {}
            calls.append("/".join(body["url"].split("/")[-2:]))

    page.on("request", note)
    return calls


@pytest.fixture
def account(person: Portal, gateway: Gateway, stack: Stack) -> Iterator[Gateway]:
    """The account, to be changed; it is as before, and what waited for it leaves, when the test is over."""
    yield gateway
    gateway.clear_faults()
    gateway.set_account(postpaid=False, credits=CREDITS)
    person.link(stack.secrets.gateway_token)


def each_kind(portal: Portal) -> tuple[Contact | Record, ...]:
    """A contact, a company and a deal that can be texted."""
    contact = portal.new_contact(mobile=new_number())
    return contact, portal.new_company(phone=new_number()), portal.new_deal(contact)


def in_each_language(page: Page, portal: Portal, *records: Contact | Record) -> Iterator[tuple[Card, Words]]:
    """The card of each record, opened in French, then in English."""
    for words in map(Words, LANGUAGES):
        portal.speak(words.language)
        for record in records:
            page.goto(record.url)
            yield RecordPage(page, words).card, words


def test_one_call_opens_a_card(open_record: Opener, person: Portal, backend_calls: list[str]) -> None:
    for record in each_kind(person):
        backend_calls.clear()
        expect(open_record(record).card.send_button).to_be_visible()
        assert backend_calls == ["card/open"]


@both_languages
@every_kind
def test_loading_then_an_error_then_another_try(
    page: Page,
    open_record: Opener,
    subject: Contact | Record,
    words: Words,
    backend_calls: list[str],
    page_errors: list[str],
) -> None:
    held: list[Route] = []
    page.route(f"**{FETCH}", lambda route: held.append(route))  # noqa: PLW0108
    card = open_record(subject).card
    expect(card.text(words.app("card.loading"))).to_be_visible()
    assert faults(page) == []
    held[0].abort()
    page.unroute_all()
    expect(card.root.get_by_role("heading", name=words.app("card.error_title"))).to_be_visible()
    expect(card.text(words.app("error.unreachable"))).to_be_visible()
    assert faults(page) == []
    press(card.button("common.retry"))
    expect(card.send_button).to_be_visible()
    assert backend_calls == ["card/open"] * 2
    page_errors.clear()  # the sandbox's page reports the call that was made to fail


@both_languages
@every_kind
def test_hubspot_is_away(
    open_record: Opener, person: Portal, subject: Contact | Record, words: Words
) -> None:
    """The backend answers, but cannot read the record: the card says so, and opens once it can."""
    person.fault("status", "/crm/objects/*", "GET", status=503, count=100)
    card = open_record(subject).card
    expect(card.text(words.app("error.hubspot_unavailable"))).to_be_visible()
    person.clear_faults()
    press(card.button("common.retry"))
    expect(card.send_button).to_be_visible()


def test_not_linked_then_linked_while_smsfactor_tells_no_balance(
    page: Page, make_stack: Callable[..., Stack]
) -> None:
    """The app is installed, but nobody has linked an SMSFactor account; then somebody does."""
    portal = Portal(make_stack())
    gateway = Gateway(portal.stack.smsfactor_url, portal.stack.secrets.gateway_token)
    try:
        portal.install()
        records = each_kind(portal)
        for card, words in in_each_language(page, portal, *records):
            expect(card.notice("card.not_linked.title")).to_be_visible()
            expect(card.text(words.app("card.not_linked.body"))).to_be_visible()
            expect(card.send_button).to_be_hidden()
            assert faults(page) == []
            press(card.root.get_by_role("link", name=words.app("common.settings")))
            expect(SettingsPage(page, words).token_field).to_be_visible()

        gateway.fault("status", "/credits", "GET", status=503, count=100)
        portal.link(gateway.token)
        for card, words in in_each_language(page, portal, *records):
            expect(card.credits("unknown")).to_contain_text(words.app("credits.unknown_value"))
            expect(card.text(words.app("credits.unknown_help"))).to_be_visible()
            expect(card.send_button).to_be_visible()
            assert faults(page) == []
        page.goto("about:blank")  # the person leaves before the sandbox stops
    finally:
        portal.stack.stop()


def test_account_that_is_billed_monthly(page: Page, person: Portal, account: Gateway, stack: Stack) -> None:
    """What it has consumed is not what it has left: the figure's name says so."""
    account.set_account(postpaid=True, credits=37)
    person.link(stack.secrets.gateway_token)
    for card, _ in in_each_language(page, person, *each_kind(person)):
        expect(card.credits("postpaid")).to_contain_text("37")
        expect(card.credits("prepaid")).to_be_hidden()
        assert faults(page) == []


@pytest.mark.parametrize("problem", ["gateway_no_credits", "gateway_auth"])
def test_account_that_cannot_send(
    page: Page,
    open_record: Opener,
    person: Portal,
    account: Gateway,
    contact: Contact,
    stack: Stack,
    problem: str,
) -> None:
    """The SMS waits and says why, every card says what an administrator must do; mended, it leaves by itself."""
    if problem == "gateway_auth":
        account.fault("status", status=401)
    else:
        account.set_account(credits=0)
    open_record(contact).card.open_composer().write("Patience").send()
    company = person.new_company(phone=new_number())
    for card, words in in_each_language(page, person, company, contact, person.new_deal(contact)):
        expect(card.notice("card.problem.title")).to_contain_text(words.app(f"problem.{problem}"))
        waiting = f"{words.app(f'reason.{problem}')} {words.app('status_help.queued')}"
        if page.url == company.url:
            expect(card.text(waiting)).to_be_hidden()
        else:
            expect(card.text(waiting)).to_be_visible()
        expect(card.send_button).to_be_visible()
        assert faults(page) == []
    assert account.texts_on(contact.mobile) == []

    account.set_account(credits=CREDITS)
    person.link(stack.secrets.gateway_token)
    expect(card.status("delivered")).to_be_visible()
    expect(card.notice("card.problem.title")).to_be_hidden()
    assert account.texts_on(contact.mobile) == ["Patience"]


def test_no_right_to_send(page: Page, person: Portal, contact: Contact) -> None:
    """Nothing is offered that would be refused: neither sending nor cancelling."""
    person.schedule(contact, contact, "Pour demain", tomorrow())
    person.reserve(send=[])
    try:
        records = (contact, person.new_company(phone=new_number()), person.new_deal(contact))
        for card, words in in_each_language(page, person, *records):
            expect(card.notice("card.not_allowed.title")).to_contain_text(words.app("card.not_allowed.body"))
            expect(card.send_button).to_be_hidden()
            expect(card.button("card.cancel")).to_be_hidden()
            assert faults(page) == []
    finally:
        person.reserve()
    page.reload()
    expect(card.send_button).to_be_visible()
    expect(card.button("card.cancel")).to_be_visible()
