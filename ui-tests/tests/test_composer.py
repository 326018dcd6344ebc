"""The composer's texts while a message is written, before sending."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from pages import RecordPage, Words
from pages.press import press
from sandbox.driver.gateway import Gateway
from sandbox.driver.numbers import new_number
from sandbox.driver.portal import Portal
from sandbox.driver.records import Contact, Record

Opened = Callable[[Contact | Record], RecordPage]


def test_counts_and_judges_every_keystroke(record: RecordPage, words: Words) -> None:
    composer = record.card.open_composer()
    composer.text.press_sequentially("abc")
    expect(composer.count_line(units=3, limit=160, parts=1)).to_be_visible()
    expect(composer.submit).to_have_text(composer.announces(1))
    composer.text.press_sequentially(" prêt")
    named = words.characters(["ê"])
    expect(composer.says("compose.special.because", characters=named)).to_be_visible()
    expect(composer.count_line(units=8, limit=70, parts=1)).to_be_visible()
    composer.write("a" * 70 + "🎁")
    expect(composer.says("compose.blocked.not_gsm7")).to_be_visible()
    expect(composer.submit).to_be_disabled()
    press(composer.tools.button("compose.special.keep"))
    expect(composer.unicode).to_be_checked()
    expect(composer.submit).to_be_enabled()


def test_choice_between_two_numbers(
    open_record: Opened, person: Portal, gateway: Gateway, words: Words
) -> None:
    contact = person.new_contact(mobile=new_number(), phone=new_number())
    record = open_record(contact)
    composer = record.card.open_composer()
    expect(composer.recipient).to_contain_text(composer.recipient_option("mobilephone", contact.mobile))
    phone = composer.recipient_option("phone", contact.phone)
    composer.choose_recipient(phone)
    expect(composer.recipient).to_contain_text(phone)
    expect(composer.says("compose.blocked.text_empty")).to_be_visible()
    composer.write("Bonjour")
    expect(composer.says("compose.ready", number=words.phone(contact.phone))).to_be_visible()
    composer.send()
    expect(record.card.status("delivered")).to_be_visible()
    assert len(gateway.messages_on(contact.phone)) == 1
    assert gateway.messages_on(contact.mobile) == []


def test_draft_survives_closing_and_a_new_page(page: Page, record: RecordPage) -> None:
    composer = record.card.open_composer().write("À finir plus tard")
    press(composer.push_type("marketing"))
    press(composer.unicode)
    with page.expect_response(lambda answer: "/view/card/save-draft" in (answer.request.post_data or "")):
        composer.close()
    expect(composer.root).to_be_hidden()
    page.reload()
    record.card.open_composer()
    expect(composer.text).to_have_value("À finir plus tard")
    expect(composer.push_type("marketing")).to_be_checked()
    expect(composer.unicode).to_be_checked()
    page.keyboard.press("Escape")
    expect(composer.root).to_be_hidden()
    record.card.open_composer()
    expect(composer.text).to_have_value("À finir plus tard")
