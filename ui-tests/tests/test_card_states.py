"""The card's texts before it has its data, without data, and when the account or a right prevents sending."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Request, Route, expect

from accessibility import faults
from pages import RecordPage, Words
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
    """The calls of the page's extensions to the backend, in order: "card/open"."""
    calls: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith(FETCH):
            body: dict[str, str] = request.post_data_json or {}
            calls.append("/".join(body["url"].split("/")[-2:]))

    page.on("request", note)
    return calls


@pytest.fixture
def account(person: Portal, gateway: Gateway, stack: Stack) -> Iterator[Gateway]:
    """The account, for changes; the end of the test restores it and lets waiting messages leave."""
    yield gateway
    gateway.clear_faults()
    gateway.set_account(postpaid=False, credits=CREDITS)
    person.link(stack.secrets.gateway_token)


def each_kind(portal: Portal) -> tuple[Contact | Record, ...]:
    """A contact, a company and a deal that can be texted."""
    contact = portal.new_contact(mobile=new_number())
    return contact, portal.new_company(phone=new_number()), portal.new_deal(contact)


def test_one_call_opens_a_card(open_record: Opener, person: Portal, backend_calls: list[str]) -> None:
    for record in each_kind(person):
        backend_calls.clear()
        expect(open_record(record).card.send_button).to_be_visible()
        assert backend_calls == ["card/open"]


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
    page_errors.clear()  # the sandbox's page reports the call that the test made fail


def test_hubspot_is_away(
    open_record: Opener, person: Portal, subject: Contact | Record, words: Words
) -> None:
    """The backend answers but cannot read the record: the card says so, and opens once HubSpot is back."""
    person.fault("status", "/crm/objects/*", "GET", status=503, count=100)
    card = open_record(subject).card
    expect(card.text(words.app("error.hubspot_unavailable"))).to_be_visible()
    person.clear_faults()
    press(card.button("common.retry"))
    expect(card.send_button).to_be_visible()


def test_account_without_credits(
    open_record: Opener, person: Portal, account: Gateway, contact: Contact, words: Words, stack: Stack
) -> None:
    """The SMS waits with a reason, and the card states the administrator's task. With credits, the SMS leaves by
    itself.
    """
    account.set_account(credits=0)
    card = open_record(contact).card
    card.open_composer().write("Patience").send()
    expect(card.notice("card.problem.title")).to_contain_text(words.app("problem.gateway_no_credits"))
    waiting = f"{words.app('reason.gateway_no_credits')} {words.app('status_help.queued')}"
    expect(card.text(waiting)).to_be_visible()
    expect(card.send_button).to_be_visible()
    assert faults(card.page) == []
    assert account.texts_on(contact.mobile) == []

    account.set_account(credits=CREDITS)
    person.link(stack.secrets.gateway_token)
    expect(card.status("delivered")).to_be_visible()
    expect(card.notice("card.problem.title")).to_be_hidden()
    assert account.texts_on(contact.mobile) == ["Patience"]


def test_no_right_to_send(
    page: Page, open_record: Opener, person: Portal, contact: Contact, words: Words
) -> None:
    """The card offers nothing that the backend would refuse: neither sending nor cancelling."""
    person.schedule(contact, contact, "Pour demain", tomorrow())
    person.reserve(send=[])
    try:
        card = open_record(contact).card
        expect(card.notice("card.not_allowed.title")).to_contain_text(words.app("card.not_allowed.body"))
        expect(card.send_button).to_be_hidden()
        expect(card.button("card.cancel")).to_be_hidden()
        assert faults(page) == []
    finally:
        person.reserve()
    page.reload()
    expect(card.send_button).to_be_visible()
    expect(card.button("card.cancel")).to_be_visible()
