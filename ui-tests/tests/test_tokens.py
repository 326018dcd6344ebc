"""Personal texts: properties of the record in the text, their values, and the obstacles to sending."""

from collections.abc import Callable

from playwright.sync_api import expect

from everywhere import TEXT_PROPERTY, every_kind
from pages import RecordPage, Words
from pages.press import press
from sandbox.driver.gateway import Gateway
from sandbox.driver.portal import Portal
from sandbox.driver.records import Contact, Record

Opened = Callable[[Contact | Record], RecordPage]


@every_kind
def test_found_by_label_or_internal_name_and_filled_in(
    open_record: Opened, person: Portal, contact: Contact, gateway: Gateway, words: Words, kind: str
) -> None:
    name = TEXT_PROPERTY[kind]
    subject = person.textable(kind, contact, **{name: "Nantes"})
    label = person.label_of(name, subject.type)
    record = open_record(subject)
    composer = record.card.open_composer().write("Bonjour")
    tools = composer.open_tool("token")
    option = words.app("compose.token.option", label=label, name=name)
    for typed in (label, name):
        expect(tools.find_property(typed).filter(has_text=option)).to_have_count(1)
        composer.page.keyboard.press("Escape")
    expect(tools.insert_token).to_be_disabled()
    tools.add_token(option)
    expect(composer.text).to_have_value(f"Bonjour {{{{{name}}}}}")
    expect(composer.preview).to_have_text("Bonjour Nantes")
    composer.send()
    expect(record.card.status("delivered")).to_be_visible()
    assert gateway.texts_on(contact.mobile) == ["Bonjour Nantes"]


def test_missing_value_is_named_and_stops_the_sms_until_there_is_a_text_for_it(
    record: RecordPage, contact: Contact, person: Portal, gateway: Gateway, words: Words
) -> None:
    composer = record.card.open_composer().write("Bonjour {{city}}")
    why = words.app("error.property_missing", names=words.quoted(person.label_of("city")))
    expect(composer.refusal).to_contain_text(why)
    expect(composer.submit).to_be_disabled()
    person.change(contact, city="Brest")
    press(composer.tools.button("common.retry"))
    expect(composer.preview).to_have_text("Bonjour Brest")
    expect(composer.submit).to_be_enabled()

    tools = composer.open_tool("token")
    tools.add_token("(jobtitle)", fallback="chef")
    expect(composer.text).to_have_value("Bonjour {{city}} {{jobtitle|chef}}")
    expect(composer.preview).to_have_text("Bonjour Brest chef")
    composer.send()
    expect(record.card.status("delivered")).to_be_visible()
    assert gateway.texts_on(contact.mobile) == ["Bonjour Brest chef"]


def test_a_value_is_no_order_to_the_gateway(
    open_record: Opened, person: Portal, contact: Contact, gateway: Gateway
) -> None:
    person.change(contact, city="<-short-> <-stop-> {{email}}")
    record = open_record(contact)
    composer = record.card.open_composer().write("De {{city}}")
    expect(composer.preview).to_have_text("De <short> <stop> ((email))")
    composer.send()
    expect(record.card.status("delivered")).to_be_visible()
    received = gateway.messages_on(contact.mobile)[0]
    assert received["text"] == "De <short> <stop> ((email))"
    assert received["links"] == []
