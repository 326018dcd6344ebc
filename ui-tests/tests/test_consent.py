"""After a STOP: the SMS that are still allowed, and the return of a person who agrees to SMS again."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accessibility import faults
from pages import RecordPage, Words
from pages.press import press
from sandbox.driver.gateway import Gateway
from sandbox.driver.numbers import new_number
from sandbox.driver.portal import Portal
from sandbox.driver.records import Contact, Record
from sandbox.driver.waiting import until

STOP_ENDING = 95  # the handset answers STOP


@pytest.fixture
def opted_out(
    page: Page,
    open_record: Callable[[Contact | Record], RecordPage],
    person: Portal,
    gateway: Gateway,
    kind: str,
) -> tuple[RecordPage, Contact]:
    """A record of a person who has received an SMS and answered STOP."""
    contact = person.new_contact(mobile=new_number(STOP_ENDING))
    record = open_record(person.textable(kind, contact))
    record.card.open_composer().write("Bonjour").send()
    until(lambda: gateway.has_told("STOP", contact.mobile), "the STOP has been told")
    page.reload()
    return record, contact


def test_blocked_until_consent_is_recorded(
    opted_out: tuple[RecordPage, Contact], gateway: Gateway, words: Words
) -> None:
    record, contact = opted_out
    digits = contact.mobile.lstrip("+")
    assert digits in gateway.stop_list()
    composer = record.card.open_composer().write("Encore vous")
    expect(composer.consent).to_contain_text(words.app("compose.opted_out.alert_blocked"))
    expect(composer.says("compose.blocked.consent")).to_be_visible()
    expect(composer.submit).to_be_hidden()
    press(composer.push_type("marketing"))
    expect(composer.consent).to_contain_text(words.app("compose.opted_out.marketing_blocked"))
    expect(composer.submit).to_be_hidden()
    press(composer.push_type("alert"))

    press(composer.tools.button("compose.consent.title"))
    record_it = composer.tools.button("compose.consent.submit")
    expect(record_it).to_be_disabled()
    composer.consent_reason.fill("Demandé au téléphone")
    press(record_it)
    expect(composer.consent).to_be_hidden()
    done = words.app("compose.consent.done", number=words.phone(contact.mobile))
    expect(record.toasts.filter(has_text=done)).to_be_visible()
    assert digits not in gateway.stop_list()
    expect(composer.text).to_have_value("Encore vous")
    composer.send()
    expect(record.card.text("Encore vous")).to_be_visible()
    until(lambda: gateway.texts_on(contact.mobile) == ["Bonjour", "Encore vous"], "both SMS are on the phone")


def test_consent_is_recorded_by_someone_who_may_not_send(
    page: Page, opted_out: tuple[RecordPage, Contact], person: Portal, gateway: Gateway, words: Words
) -> None:
    """The two rights are separate: the form stands beside the badge on the card."""
    record, contact = opted_out
    card = record.card
    me = int(person.session()["user"]["id"])
    person.reserve(send=[me + 1], consent=[me])
    try:
        page.reload()
        expect(card.notice("card.not_allowed.title")).to_be_visible()
        badge = card.text(words.app("number.opted_out"))
        expect(badge).to_be_visible()
        card.record("compose.consent.title")
        card.consent_reason.fill("Demandé au téléphone")
        assert faults(page) == []
        press(card.button("compose.consent.submit"))
        done = words.app("compose.consent.done", number=words.phone(contact.mobile))
        expect(record.toasts.filter(has_text=done)).to_be_visible()
        expect(badge).to_be_hidden()
        assert contact.mobile.lstrip("+") not in gateway.stop_list()
        person.reserve(consent=[me + 1])
        page.reload()
        expect(card.send_button).to_be_visible()
        expect(card.text(words.app("compose.consent.title"))).to_be_hidden()
    finally:
        person.reserve()


def test_stop_that_comes_while_writing(
    record: RecordPage, contact: Contact, gateway: Gateway, words: Words
) -> None:
    """The backend refuses an SMS that this page still offers, and the composer gives the reason."""
    record.card.open_composer().write("Bonjour").send()
    expect(record.card.status("delivered")).to_be_visible()
    composer = record.card.open_composer().write("Encore")
    expect(composer.submit).to_be_enabled()
    gateway.control("mo", {"number": contact.mobile.lstrip("+"), "text": "STOP"})
    until(lambda: gateway.has_told("STOP", contact.mobile), "the STOP has been told")
    composer.send()
    expect(composer.failure).to_contain_text(words.app("error.opted_out", number=words.phone(contact.mobile)))
    expect(composer.consent).to_contain_text(words.app("compose.opted_out.alert_blocked"))
    expect(composer.submit).to_be_hidden()
    assert gateway.texts_on(contact.mobile) == ["Bonjour"]
