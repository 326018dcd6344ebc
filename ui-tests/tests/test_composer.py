"""What the composer says while a message is written, before anything is sent."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from everywhere import both_languages, every_kind, of_people
from pages import Composer, RecordPage, Words
from pages.press import press
from sandbox.driver.gateway import Gateway
from sandbox.driver.numbers import new_number
from sandbox.driver.portal import Portal
from sandbox.driver.records import Contact, Record
from sandbox.processes import ROOT

Opened = Callable[[Contact | Record], RecordPage]
SEGMENTS = json.loads((ROOT / "contracts" / "segments.json").read_text(encoding="utf-8"))


def text_of(vector: dict[str, Any]) -> str:
    if "text" in vector:
        return str(vector["text"])
    return "".join(part * count for part, count in vector["repeat"])


def vector(*repeat: list[Any]) -> dict[str, Any]:
    """The vector of the contract with this text."""
    found: dict[str, Any] = next(v for v in SEGMENTS["vectors"] if v.get("repeat") == list(repeat))
    return found


VECTORS = {
    "one-full-gsm7": vector(["a", 160]),
    "two-gsm7": vector(["a", 161]),
    "two-units-each": vector(["€", 81]),
    "one-full-unicode": vector(["😀", 35]),
    "two-unicode": vector(["😀", 36]),
}


@pytest.fixture
def composer(record: RecordPage) -> Composer:
    return record.card.open_composer()


@pytest.mark.parametrize("case", VECTORS)
def test_counts_as_the_contract_says(composer: Composer, case: str) -> None:
    expected = VECTORS[case]
    if expected["encoding"] == "ucs2":
        press(composer.unicode)
    composer.write(text_of(expected))
    line = {name: expected[name] for name in ("units", "encoding", "parts", "remaining")}
    expect(composer.count_line(**line)).to_be_visible()
    expect(composer.submit).to_have_text(composer.announces(expected["parts"]))
    expect(composer.submit).to_be_enabled()


def test_counts_while_typing(composer: Composer) -> None:
    composer.text.press_sequentially("abc")
    expect(composer.count_line(units=3, encoding="gsm7", parts=1, remaining=157)).to_be_visible()


@both_languages
@every_kind
def test_names_the_characters_in_the_way(composer: Composer, words: Words) -> None:
    composer.write("Le garçon est prêt")
    named = words.characters(["ç", "ê"])
    expect(composer.says("compose.not_gsm7", characters=named)).to_be_visible()
    expect(composer.says("compose.blocked.not_gsm7")).to_be_visible()
    expect(composer.submit).to_be_disabled()
    press(composer.unicode)
    expect(composer.says("compose.not_gsm7", characters=named)).to_be_hidden()
    expect(composer.says("compose.unicode_because", characters=named)).to_be_visible()
    expect(composer.submit).to_be_enabled()


@both_languages
@every_kind
def test_refuses_more_than_ten_sms(composer: Composer) -> None:
    too_long = vector(["a", 1531])
    most = SEGMENTS["constants"]["max_parts"]
    composer.write(text_of(too_long))
    expect(composer.says("compose.too_long", parts=too_long["parts"], max=most)).to_be_visible()
    expect(composer.submit).to_be_disabled()
    composer.write(text_of(vector(["a", 1530])))
    expect(composer.submit).to_be_enabled()


@both_languages
@every_kind
def test_sender_rules(composer: Composer) -> None:
    composer.write("Bonjour")
    press(composer.sender_section)
    expect(composer.says("compose.default_sender_help")).to_be_visible()
    expect(composer.sender).to_be_hidden()

    composer.choose_sender()
    expect(composer.says("compose.sender_no_reply")).to_be_visible()
    expect(composer.sender).to_have_accessible_description(composer.words.app("compose.sender_help"))
    expect(composer.says("compose.blocked.sender")).to_be_visible()
    expect(composer.submit).to_be_disabled()

    for wrong in ("36035", "L UMEN", "Lumière", "AtelierLumen"):
        composer.sender.fill(wrong)
        expect(composer.says("compose.sender_invalid")).to_be_visible()
        expect(composer.submit).to_be_disabled()

    composer.sender.fill("LUMEN")
    expect(composer.says("compose.sender_invalid")).to_be_hidden()
    expect(composer.submit).to_be_enabled()


@both_languages
@every_kind
def test_custom_sender_is_what_the_phone_shows(
    record: RecordPage, contact: Contact, gateway: Gateway
) -> None:
    composer = record.card.open_composer()
    composer.choose_sender("LUMEN")
    composer.write("Votre table est libre à 20 h.").send()
    expect(record.card.status("delivered")).to_be_visible()
    assert [sms["sender"] for sms in gateway.messages_on(contact.mobile)] == ["LUMEN"]


@both_languages
@every_kind
def test_stop_mention_is_counted_for_marketing_with_a_sender(composer: Composer, words: Words) -> None:
    mention = SEGMENTS["constants"]["stop_mention_units"]
    counted = composer.says("compose.stop_counted", count=mention)
    composer.write("a" * 150)
    expect(composer.count_line(units=150, encoding="gsm7", parts=1, remaining=10)).to_be_visible()

    press(composer.push_type("marketing"))
    expect(counted).to_be_hidden()  # without a sender of one's own the phone can answer STOP
    composer.choose_sender("LUMEN")
    expect(counted).to_be_visible()
    two = {"units": 150 + mention, "encoding": "gsm7", "parts": 2, "remaining": 2 * 153 - 150 - mention}
    expect(composer.count_line(**two)).to_be_visible()

    press(composer.push_type("alert"))
    expect(counted).to_be_hidden()
    expect(composer.count_line(units=150, encoding="gsm7", parts=1, remaining=10)).to_be_visible()


@both_languages
@every_kind
def test_push_types_say_what_they_mean(composer: Composer, words: Words) -> None:
    for name, help_key in (("alert", "alert_help"), ("marketing", "marketing_hours_help")):
        help_text = words.app(f"compose.{help_key}")
        expect(composer.push_type(name)).to_have_accessible_description(help_text)
    expect(composer.push_type("alert")).to_be_checked()
    press(composer.push_type("marketing"))
    expect(composer.push_type("marketing")).to_be_checked()
    expect(composer.push_type("alert")).not_to_be_checked()


def option_of(composer: Composer, contact: Contact, property_name: str, kind: str) -> str:
    """How a number of the contact is offered: on a deal with the person's name."""
    number = {"mobilephone": contact.mobile, "phone": contact.phone}[property_name]
    if kind == "deal":
        return composer.owned_option(contact.name, property_name, number)
    return composer.recipient_option(property_name, number)


@both_languages
@of_people
def test_choice_between_two_numbers(
    open_record: Opened, person: Portal, gateway: Gateway, words: Words, kind: str
) -> None:
    contact = person.new_contact(mobile=new_number(), phone=new_number())
    record = open_record(person.textable(kind, contact))
    composer = record.card.open_composer()
    mobile, phone = (option_of(composer, contact, name, kind) for name in ("mobilephone", "phone"))
    expect(composer.recipient).to_contain_text(mobile)
    composer.choose_recipient(phone)
    expect(composer.recipient).to_contain_text(phone)
    expect(composer.says("compose.blocked.text_empty")).to_be_visible()
    composer.write("Bonjour")
    expect(composer.says("compose.ready", number=words.phone(contact.phone))).to_be_visible()
    composer.send()
    expect(record.card.status("delivered")).to_be_visible()
    assert len(gateway.messages_on(contact.phone)) == 1
    assert gateway.messages_on(contact.mobile) == []


@both_languages
@of_people
def test_unusable_number_is_named_beside_the_usable_one(
    open_record: Opened, person: Portal, words: Words, kind: str
) -> None:
    contact = person.new_contact(mobile=new_number(), phone="01 42 68 53 00")
    composer = open_record(person.textable(kind, contact)).card.open_composer()
    label = words.phone_property("phone")
    if kind == "deal":
        label = words.app("number.owned", owner=contact.name, property=label)
    why = words.app("number.not_mobile")
    line = words.app("card.invalid.line", property=label, number=contact.phone, why=why)
    expect(composer.says("compose.recipient_unusable", numbers=line)).to_be_visible()
    expect(composer.recipient).to_contain_text(option_of(composer, contact, "mobilephone", kind))


@both_languages
@every_kind
def test_cost_that_smsfactor_does_not_tell(composer: Composer, gateway: Gateway, words: Words) -> None:
    """No estimate is made up, and no SMS waits for it."""
    gateway.fault("status", "/send/simulate", status=503, count=100)
    composer.write("Bonjour")
    expect(composer.root.get_by_text(words.app("compose.cost_unknown"))).to_be_visible()
    expect(composer.submit).to_have_text(words.app("compose.submit", count=1))
    expect(composer.submit).to_be_enabled()


@both_languages
@every_kind
def test_draft_survives_closing(page: Page, record: RecordPage) -> None:
    composer = record.card.open_composer().write("À finir plus tard")
    press(composer.push_type("marketing"))
    press(composer.unicode)
    composer.close()
    expect(composer.root).to_be_hidden()
    record.card.open_composer()
    expect(composer.text).to_have_value("À finir plus tard")
    expect(composer.push_type("marketing")).to_be_checked()
    expect(composer.unicode).to_be_checked()
    page.keyboard.press("Escape")
    expect(composer.root).to_be_hidden()
    record.card.open_composer()
    expect(composer.text).to_have_value("À finir plus tard")


def test_sent_draft_is_gone(record: RecordPage) -> None:
    record.card.open_composer().write("Bonjour").send()
    expect(record.card.text("Bonjour")).to_be_visible()
    composer = record.card.open_composer()
    expect(composer.text).to_have_value("")
