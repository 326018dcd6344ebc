"""The card on contacts, companies and deals: its recipients, its counts, and its texts in each state."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from accessibility import faults
from pages import Keyboard, RecordList, RecordPage, Words
from pages.dates import tomorrow
from pages.press import press
from sandbox.driver.gateway import Gateway
from sandbox.driver.numbers import new_number
from sandbox.driver.portal import Portal
from sandbox.driver.records import Contact, Record
from sandbox.driver.waiting import until

Opener = Callable[[Contact | Record], RecordPage]
ANSWERS, STOPS, UNASSIGNED = 94, 95, 91  # the handsets' reactions to these endings


def test_lists_lead_to_the_three_kinds_of_records(page: Page, person: Portal, words: Words) -> None:
    """A user's path: bar, list, record, associated record."""
    page.goto(person.url)
    RecordList(page, words, "deals").go().open("Banquet des 40 ans")
    record = RecordPage(page, words)
    expect(record.heading).to_have_text("Banquet des 40 ans")
    expect(record.card.send_button).to_be_visible()
    press(record.associated("companies"))
    expect(record.heading).to_have_text("La Table d'Hortense")
    expect(record.card.send_button).to_be_visible()
    RecordList(page, words, "companies").go().open("Étude et Patrimoine")
    expect(record.card.notice("card.no_number.title")).to_contain_text(words.app("card.no_number.body"))
    assert faults(page) == []


def test_deal_with_contacts(
    page: Page, open_record: Opener, person: Portal, gateway: Gateway, words: Words
) -> None:
    """Every possible recipient is named; the count covers their numbers, by whichever path."""
    first, second = (person.new_contact(mobile=new_number()) for _ in range(2))
    opened = open_record(first)
    opened.card.open_composer().write("Depuis le contact").send()
    expect(opened.card.status("delivered")).to_be_visible()

    deal = person.new_deal(first, second, person.new_contact(phone="01 42 68 53 00"))
    record = open_record(deal)
    for contact in (first, second):
        expect(record.card.number_line(contact.name, contact.mobile)).to_be_visible()
    expect(record.card.sent_count).to_contain_text("1")
    expect(record.card.text("Depuis le contact")).to_be_visible()
    expect(record.card.said_of(first.name, first.mobile)).to_have_count(1)

    record.card.open_composer().write("Depuis la transaction").send()
    expect(record.card.sent_count).to_contain_text("2")
    expect(record.card.status("delivered")).to_have_count(2)
    expect(record.card.said_of(first.name, first.mobile)).to_have_count(2)
    expect(record.events("EVENT_SENT_NAME")).to_contain_text("Depuis la transaction")
    assert [sms["text"] for sms in gateway.messages_on(first.mobile)][-1] == "Depuis la transaction"
    assert faults(page) == []


def test_opted_out_and_unassigned(page: Page, open_record: Opener, person: Portal, words: Words) -> None:
    """The badges appear after the phones' answers, on every record with such a number."""
    stops = person.new_contact(mobile=new_number(STOPS))
    nobody = person.new_contact(mobile=new_number(UNASSIGNED))
    deal = person.new_deal(stops, nobody)
    for contact, badge in ((stops, "number.opted_out"), (nobody, "number.npai")):
        card = open_record(contact).card
        card.open_composer().write("Bonjour").send()
        expect(card.status("delivered" if contact is stops else "undelivered")).to_be_visible()
        # The phone answers STOP a moment after it has received the SMS.
        mark = "is_opted_out" if contact is stops else "is_npai"

        def is_marked(contact: Contact = contact, mark: str = mark) -> bool:
            return bool(person.card(contact)["numbers"][0][mark])

        until(is_marked, mark)
        page.reload()
        expect(card.text(words.app(badge))).to_be_visible()
    card = open_record(deal).card
    expect(card.text(words.app("number.opted_out"))).to_be_visible()
    expect(card.text(words.app("number.npai"))).to_be_visible()
    assert faults(page) == []
    for contact, badge in ((stops, "number.opted_out"), (nobody, "number.npai")):
        card = open_record(person.new_company(phone=contact.mobile)).card
        expect(card.text(words.app(badge))).to_be_visible()


def test_reply_is_unread_until_someone_says_so(
    page: Page, open_record: Opener, person: Portal, words: Words, kind: str
) -> None:
    record = person.textable(kind, person.new_contact(mobile=new_number(ANSWERS)))
    card = open_record(record).card
    card.open_composer().write("Vous venez ?").send()
    expect(card.status("delivered")).to_be_visible()
    until(lambda: person.card(record)["unread_count"], "the reply has arrived")
    page.reload()
    expect(card.text(words.app("card.unread", count=1))).to_be_visible()
    expect(card.text(words.app("message.received"))).to_be_visible()
    expect(card.text(words.app("message.reply"))).to_be_visible()
    expect(card.report_link).to_have_count(1)  # a received message has no report
    assert faults(page) == []
    press(card.button("card.mark_read"))
    expect(card.text(words.app("card.unread", count=1))).to_be_hidden()
    page.reload()
    expect(card.text(words.app("message.received"))).to_be_visible()
    expect(card.text(words.app("card.unread", count=1))).to_be_hidden()


def test_reply_is_unread_on_the_deal_too(
    page: Page, open_record: Opener, person: Portal, words: Words
) -> None:
    """Replies of a deal's contacts show on the deal; a reply read there is read everywhere."""
    contact = person.new_contact(mobile=new_number(ANSWERS))
    card = open_record(person.new_deal(contact)).card
    card.open_composer().write("Vous venez ?").send()
    expect(card.status("delivered")).to_be_visible()
    unread = card.text(words.app("card.unread", count=1))
    until(lambda: person.card(contact)["unread_count"], "the reply has arrived")
    page.reload()
    expect(unread).to_be_visible()
    expect(card.text(words.app("message.received"))).to_be_visible()
    expect(card.said_of(contact.name, contact.mobile)).to_have_count(2)
    assert faults(page) == []
    press(card.button("card.mark_read"))
    expect(unread).to_be_hidden()
    assert person.card(contact)["unread_count"] == 0


@pytest.fixture
def waiting(person: Portal, subject: Contact | Record, contact: Contact) -> Contact | Record:
    """`subject`, from which an SMS is scheduled."""
    person.schedule(subject, contact, "Pour demain", tomorrow())
    return subject


def test_scheduled_is_cancelled_by_keyboard(
    page: Page,
    open_record: Opener,
    waiting: Contact | Record,
    contact: Contact,
    gateway: Gateway,
    words: Words,
) -> None:
    record = open_record(waiting)
    card = record.card
    expect(card.text(words.app("card.scheduled", count=1))).to_be_visible()
    expect(card.text(words.app("card.no_messages"))).to_be_visible()
    assert faults(page) == []
    for key in ("card.cancel", "card.cancel_confirm"):
        Keyboard(page).press(card.button(key))
    expect(card.status("cancelled")).to_be_visible()
    expect(card.text(words.app("message.not_sent"))).to_be_visible()
    expect(card.text(words.app("card.scheduled", count=1))).to_be_hidden()
    cancelled = words.app("card.cancelled", number=words.phone(contact.mobile))
    expect(record.toasts.filter(has_text=cancelled)).to_be_visible()
    assert gateway.messages_on(contact.mobile) == []


def test_cancelled_too_late(
    page: Page,
    open_record: Opener,
    waiting: Contact | Record,
    person: Portal,
    contact: Contact,
    gateway: Gateway,
    words: Words,
) -> None:
    """A STOP has blocked the SMS while this page, on a slow connection, still lists it."""
    _hold_polls(page)
    record = open_record(waiting)
    press(record.card.button("card.cancel"))
    gateway.control("mo", {"number": contact.mobile.lstrip("+"), "text": "STOP"})
    until(lambda: person.card(waiting)["scheduled_count"] == 0, "the STOP is in force")
    expect(record.card.text(words.app("card.scheduled", count=1))).to_be_visible()
    press(record.card.button("card.cancel_confirm"))
    refused = record.toasts.filter(has_text=words.app("card.cancel_error"))
    expect(refused).to_contain_text(words.app("error.message_not_cancellable"))
    expect(record.card.status("blocked")).to_be_visible()
    expect(record.card.text(words.app("number.opted_out"))).to_be_visible()
    expect(record.card.button("card.cancel_confirm")).to_be_hidden()
    assert gateway.texts_on(contact.mobile) == []
    assert faults(page) == []


def _hold_polls(page: Page) -> None:
    """Leave the page's polls for messages without an answer."""

    def handle(route: Route) -> None:
        if "/card/messages" not in (route.request.post_data or ""):
            route.continue_()

    page.route("**/sandbox-api/hubspot-fetch", handle)
