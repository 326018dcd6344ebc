"""Recipients of an SMS: from a deal and from a company, abroad, and in countries that the settings allow."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from pages import RecordPage, Words
from sandbox.driver.gateway import Gateway
from sandbox.driver.numbers import national, new_belgian_number, new_number
from sandbox.driver.portal import Portal
from sandbox.driver.records import COMPANY_TYPE, CONTACT_TYPE, Contact, Record

BELGIAN_LANDLINE = "+3222345678"
UNASSIGNED = 91  # the gateway reports numbers with this ending as unassigned
COUNTRY = {"fr": "Belgique", "en": "Belgium"}

Opened = Callable[[Contact | Record], RecordPage]


def test_a_deal_offers_its_people_by_name(
    open_record: Opened, person: Portal, gateway: Gateway, words: Words
) -> None:
    first, second = (person.new_contact(mobile=new_number()) for _ in range(2))
    record = open_record(person.new_deal(first, second))
    composer = record.card.open_composer()
    expect(composer.recipient).to_contain_text(composer.owned_option(first.name, "mobilephone", first.mobile))
    composer.choose_recipient(composer.owned_option(second.name, "mobilephone", second.mobile))
    composer.write("Bonjour")
    expect(composer.says("compose.ready", number=words.phone(second.mobile))).to_be_visible()
    composer.send()
    expect(record.card.status("delivered")).to_be_visible()
    assert gateway.texts_on(second.mobile) == ["Bonjour"]
    assert gateway.messages_on(first.mobile) == []


def test_a_deal_without_usable_people_offers_its_company(
    open_record: Opened, person: Portal, gateway: Gateway
) -> None:
    company = person.new_company(phone=(number := new_number()))
    record = open_record(person.new_deal(person.new_contact(), company=company))
    composer = record.card.open_composer()
    expect(composer.only_recipient(composer.owned_option(company.name, "phone", number))).to_be_visible()
    composer.write("Bonjour {{dealname|a vous}}").send()
    expect(record.card.status("delivered")).to_be_visible()
    assert len(gateway.messages_on(number)) == 1


def test_abroad_says_so_and_what_it_costs(
    open_record: Opened, person: Portal, gateway: Gateway, words: Words, kind: str
) -> None:
    gateway.set(country_costs={"BE": 3})
    record = open_record(person.textable(kind, person.new_contact(mobile=new_belgian_number())))
    composer = record.card.open_composer()
    country = COUNTRY[words.language]
    expect(composer.says("compose.note.foreign", country=country)).to_be_visible()
    composer.write("Bonjour")
    expect(composer.submit).to_have_text(composer.announces(1, cost=3))


def test_country_that_the_settings_do_not_allow(
    open_record: Opened, person: Portal, gateway: Gateway, words: Words, kind: str
) -> None:
    person.prefer(allowed_countries=["FR"])
    contact = person.new_contact(mobile=new_belgian_number())
    composer = open_record(person.textable(kind, contact)).card.open_composer().write("Bonjour")
    why = words.app("error.country_not_allowed", country=COUNTRY[words.language])
    expect(composer.refusal).to_contain_text(why)
    expect(composer.submit).to_be_disabled()
    assert gateway.messages_on(contact.mobile) == []


@pytest.mark.parametrize("kind", ["contact", "company"])
def test_phone_property_of_the_portals_own(
    open_record: Opened, person: Portal, gateway: Gateway, words: Words, kind: str
) -> None:
    """Only the chosen property counts: the card names it and follows it while it is filled in on the page."""
    property_name, label = person.new_phone_property({"contact": CONTACT_TYPE, "company": COMPANY_TYPE}[kind])
    chosen = {
        "contacts": ["phone"],
        "companies": ["phone"],
        {"contact": "contacts", "company": "companies"}[kind]: [property_name],
    }
    person.prefer(phone_properties=chosen)
    record = open_record(
        person.new_contact(phone=new_number())
        if kind == "contact"
        else person.new_company(phone=new_number())
    )
    counted = words.app("card.no_number.counted", count=1, properties=label)
    expect(record.card.notice("card.no_number.title")).to_contain_text(counted)
    number = new_number()
    record.edit_property(label, national(number))
    composer = record.card.open_composer()
    option = words.app("compose.recipient_option", property=label, number=words.phone(number))
    expect(composer.only_recipient(option)).to_be_visible()
    composer.write("Bonjour").send()
    expect(record.card.status("delivered")).to_be_visible()
    assert gateway.texts_on(number) == ["Bonjour"]
