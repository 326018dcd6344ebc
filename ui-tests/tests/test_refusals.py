"""SMS that cannot be sent are refused in clear words, and nothing reaches the gateway."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from accessibility import faults
from everywhere import every_kind
from pages import RecordPage, Words
from sandbox.driver.gateway import Gateway
from sandbox.driver.numbers import national, new_number
from sandbox.driver.portal import Portal
from sandbox.driver.records import COMPANY_TYPE, Contact, Record

Opened = Callable[[Contact | Record], RecordPage]
LANDLINE = "01 42 68 53 00"
TOO_SHORT = "06 12 34"


def reached(gateway: Gateway, *numbers: str) -> list[str]:
    """The numbers among these for which the gateway has ever accepted an SMS."""
    taken = {f"+{row['number']}" for row in gateway.accepted()}
    return [number for number in numbers if number in taken]


@every_kind
def test_number_that_cannot_receive_sms(
    page: Page, open_record: Opened, person: Portal, words: Words, kind: str
) -> None:
    typed, why = LANDLINE, "number.not_mobile"
    label = words.phone_property("phone")
    contact = person.new_contact(phone=typed)
    if kind == "company":
        card = open_record(person.new_company(phone=typed)).card
    else:
        card = open_record(person.textable(kind, contact)).card
    if kind == "deal":
        label = words.app("number.owned", owner=contact.name, property=label)
    notice = card.notice("card.invalid.title")
    line = words.app("card.invalid.line", property=label, number=typed, why=words.app(why))
    expect(notice).to_contain_text(line)
    expect(notice).to_contain_text(words.app("card.invalid.deal" if kind == "deal" else "card.invalid.body"))
    expect(card.send_button).to_be_hidden()
    assert faults(page) == []


@every_kind
def test_number_changed_behind_the_page(
    page: Page,
    record: RecordPage,
    subject: Contact | Record,
    contact: Contact,
    person: Portal,
    gateway: Gateway,
    words: Words,
) -> None:
    """Another person edits the record, and this page does not know it when the user sends."""
    composer = record.card.open_composer().write("Bonjour")
    # The preview must exist already: a preview with the new number would reveal the change.
    expect(composer.submit).to_be_enabled()
    changed = new_number()
    _change_unseen(page, person, subject, contact, national(changed))
    composer.send()
    expect(composer.failure).to_contain_text(words.app("compose.not_sent_title"))
    expect(composer.failure).to_contain_text(words.app("error.number_changed"))
    expect(composer.text).to_have_value("Bonjour")
    # The refusal has reloaded the card, which shows the recipient of a second try.
    expect(composer.says("compose.recipient_changed", number=words.phone(changed))).to_be_visible()
    assert reached(gateway, contact.mobile, changed) == []


def test_number_became_unusable_behind_the_page(
    page: Page,
    record: RecordPage,
    subject: Contact | Record,
    contact: Contact,
    person: Portal,
    gateway: Gateway,
    words: Words,
) -> None:
    """Composer and card give the reason, and the draft is still there once the number is corrected."""
    composer = record.card.open_composer().write("Bonjour")
    expect(composer.submit).to_be_enabled()
    _change_unseen(page, person, subject, contact, TOO_SHORT)
    composer.send()
    expect(composer.failure).to_contain_text(words.app("error.number_invalid", raw=TOO_SHORT))
    expect(composer.says("compose.recipient_gone")).to_be_visible()
    expect(composer.says("compose.blocked.recipient")).to_be_visible()
    expect(composer.submit).to_be_disabled()
    composer.close()
    expect(record.card.notice("card.invalid.title")).to_be_visible()
    expect(record.card.send_button).to_be_hidden()
    assert reached(gateway, contact.mobile) == []

    page.unroute_all()
    _change(person, subject, contact, national(new_number()))
    record.card.open_composer()
    expect(composer.text).to_have_value("Bonjour")


def _change(person: Portal, subject: Contact | Record, contact: Contact, number: str) -> None:
    """Change the number that the record texts: the company's, or the contact's, also on their deal."""
    if subject.type == COMPANY_TYPE:
        person.change(subject, phone=number)
    else:
        person.change(contact, mobilephone=number)


def _change_unseen(
    page: Page, person: Portal, subject: Contact | Record, contact: Contact, number: str
) -> None:
    """Change the number while the page cannot read its record."""
    page.route(f"**/sandbox-api/records/{subject.type}/*", lambda route: route.abort())
    # The page polls one request at a time: after a failed one, no earlier request is under way.
    with page.expect_event("requestfailed", lambda request: "/sandbox-api/records/" in request.url):
        pass
    _change(person, subject, contact, number)


def test_number_changed_on_the_page(
    record: RecordPage, contact: Contact, person: Portal, words: Words
) -> None:
    """The page notices the change by itself: the composer shows the new recipient, or that no SMS can be sent."""
    composer = record.card.open_composer().write("Bonjour")
    expect(composer.says("compose.ready", number=words.phone(contact.mobile))).to_be_visible()
    changed = new_number()
    person.change(contact, mobilephone=national(changed))
    expect(composer.says("compose.recipient_changed", number=words.phone(changed))).to_be_visible()
    expect(composer.text).to_have_value("Bonjour")
    person.change(contact, mobilephone="")
    expect(composer.says("compose.recipient_gone")).to_be_visible()
    expect(composer.submit).to_be_disabled()
    composer.close()
    expect(record.card.notice("card.no_number.title")).to_be_visible()
