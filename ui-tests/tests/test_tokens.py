"""Personal texts: properties of the record in the text, what stands in their place, and what keeps it from leaving."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from backend.tests.gateway import Gateway
from pages import LANGUAGES, RecordPage, Words
from pages.press import press
from portal import Contact, Portal, Record, new_number

both_languages = pytest.mark.parametrize("language", LANGUAGES)
Opened = Callable[[Contact | Record], RecordPage]


@both_languages
def test_found_by_label_or_internal_name_and_filled_in(
    open_record: Opened, person: Portal, gateway: Gateway, words: Words
) -> None:
    contact = person.new_contact(mobile=new_number(), city="Nantes")
    label = person.label_of("city")
    record = open_record(contact)
    composer = record.card.open_composer().write("Bonjour")
    tools = composer.open_tool("token")
    option = words.app("compose.token.option", label=label, name="city")
    for typed in (label, "city"):
        expect(tools.find_property(typed).filter(has_text=option)).to_have_count(1)
        composer.page.keyboard.press("Escape")
    expect(tools.insert_token).to_be_disabled()
    tools.add_token(option)
    expect(composer.text).to_have_value("Bonjour {{city}}")
    expect(composer.says("compose.tokens_not_counted")).to_be_visible()
    expect(composer.preview).to_have_text("Bonjour Nantes")
    composer.send()
    expect(record.card.status("delivered")).to_be_visible()
    assert gateway.texts_on(contact.mobile) == ["Bonjour Nantes"]


@both_languages
def test_missing_value_is_named_and_stops_the_sms_until_there_is_a_text_for_it(
    record: RecordPage, contact: Contact, person: Portal, gateway: Gateway, words: Words
) -> None:
    composer = record.card.open_composer().write("Bonjour {{city}}")
    why = words.app("error.property_missing", names=words.quoted(person.label_of("city")))
    expect(composer.refusal).to_contain_text(why)
    expect(composer.submit).to_be_disabled()
    composer.write("Bonjour")
    tools = composer.open_tool("token")
    tools.add_token("(city)", fallback="de Nantes")
    expect(composer.text).to_have_value("Bonjour {{city|de Nantes}}")
    expect(composer.preview).to_have_text("Bonjour de Nantes")
    composer.send()
    expect(record.card.status("delivered")).to_be_visible()
    assert gateway.texts_on(contact.mobile) == ["Bonjour de Nantes"]


def test_missing_value_that_is_added_to_the_record_lets_it_go(
    record: RecordPage, contact: Contact, person: Portal
) -> None:
    composer = record.card.open_composer().write("Bonjour {{city}}")
    expect(composer.refusal).to_be_visible()
    person.change(contact, city="Brest")
    press(composer.tools.button("common.retry"))
    expect(composer.preview).to_have_text("Bonjour Brest")
    expect(composer.submit).to_be_enabled()


@both_languages
def test_broken_braces_are_shown(record: RecordPage, words: Words) -> None:
    composer = record.card.open_composer().write("Bonjour {{city")
    why = words.app("error.text_tokens_invalid", fragment="{{city")
    expect(composer.refusal).to_contain_text(why)
    expect(composer.submit).to_be_disabled()


def test_a_value_is_no_order_to_the_gateway(open_record: Opened, person: Portal, gateway: Gateway) -> None:
    contact = person.new_contact(mobile=new_number(), city="<-short-> <-stop->", jobtitle="{{email}}")
    record = open_record(contact)
    composer = record.card.open_composer().write("De {{city}} pour {{jobtitle}}")
    expect(composer.preview).to_have_text("De <short> <stop> pour ((email))")
    composer.send()
    expect(record.card.status("delivered")).to_be_visible()
    received = gateway.messages_on(contact.mobile)[0]
    assert received["text"] == "De <short> <stop> pour ((email))"
    assert received["links"] == []
