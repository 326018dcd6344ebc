"""Send an SMS from a contact and see it in every place where it must show."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, Request, expect

from accessibility import faults
from connector.domain.properties import PROPERTIES
from everywhere import every_kind
from pages import Handsets, RecordPage, Words
from sandbox.driver.gateway import Gateway
from sandbox.driver.numbers import new_number
from sandbox.driver.portal import Portal
from sandbox.driver.records import Contact

TEXTS = {
    "fr": "Bonjour, votre commande est disponible en boutique. Merci et à demain.",
    "en": "Hello, your order is ready at the shop. See you tomorrow!",
}
NEVER_S = 3600  # no receipt is due within a test: the test sends it
DELIVERED, NOT_DELIVERED_ENDING = 3, 90


def is_card_call(request: Request) -> bool:
    """Whether a request is a call of the card to the backend."""
    return request.url.endswith("/hubspot-fetch") and "/card/" in (request.post_data or "")


@every_kind
def test_sent_and_delivered(
    page: Page,
    record: RecordPage,
    contact: Contact,
    gateway: Gateway,
    handsets: Callable[[], Handsets],
    words: Words,
) -> None:
    gateway.set(dlr_delay_s=NEVER_S)
    text = TEXTS[words.language]
    card = record.card
    expect(card.text(words.app("card.no_messages"))).to_be_visible()
    page.evaluate("window.notReloaded = true")

    composer = card.open_composer().write(text)
    expect(composer.says("compose.ready", number=words.phone(contact.mobile))).to_be_visible()
    composer.send()

    expect(composer.root).to_be_hidden()
    done = words.app("compose.done", number=words.phone(contact.mobile))
    expect(record.toasts.filter(has_text=done)).to_be_visible()
    expect(card.text(text)).to_be_visible()
    expect(card.sent_count).to_contain_text("1")

    expect(card.status("accepted")).to_be_visible()
    expect(card.report_link).to_be_visible()
    expect(card.took(1, 1)).to_be_visible()
    phones = handsets()
    expect(phones.message(contact.mobile, text)).to_be_visible()
    assert faults(phones.page) == []
    expect(record.events("EVENT_SENT_NAME")).to_contain_text(text)

    # It polls until the phone has answered.
    with page.expect_request(is_card_call):
        pass
    gateway.control("dlr", {"gsmsmsid": gateway.accepted_ids()[-1], "status": DELIVERED})
    expect(card.status("delivered")).to_be_visible()
    expect(record.events("EVENT_RECEIPT_NAME")).to_contain_text(words.variable("EVENT_LABEL_DELIVERED"))
    expect(record.value_of("smsfactor_last_message_content")).to_contain_text(text)
    assert page.evaluate("window.notReloaded"), "the page was loaded again"
    assert faults(page) == []
    assert [sms["text"] for sms in gateway.messages_on(contact.mobile)] == [text]


def test_properties_of_the_contact(
    record: RecordPage, contact: Contact, gateway: Gateway, person: Portal
) -> None:
    record.card.open_composer().write(TEXTS["fr"]).send()
    expect(record.card.status("delivered")).to_be_visible()
    labels = {option.value: option.labels["fr"] for found in PROPERTIES for option in found.options}
    shown = {
        "smsfactor_is_stop": record.words.page("record.noValue"),  # a person may mark it; we only ever add
        "smsfactor_is_npai": labels["false"],
        "smsfactor_last_message_date": str(datetime.now(ZoneInfo("Europe/Paris")).year),
        "smsfactor_last_message_destination": contact.mobile,
        "smsfactor_last_message_campaign_id": str(gateway.accepted()[-1]["campaign_id"]),
        "smsfactor_last_message_content": TEXTS["fr"],
        "smsfactor_last_message_status": labels["delivered"],
    }
    assert shown.keys() == {found.name for found in PROPERTIES}
    for found in PROPERTIES:
        expect(record.value_of(found.name)).to_contain_text(shown[found.name])
        expect(record.properties.get_by_text(found.labels["fr"], exact=True)).to_be_visible()


def test_held_for_a_check_is_no_error(
    record: RecordPage, contact: Contact, gateway: Gateway, words: Words
) -> None:
    """SMSFactor reviews first campaigns by hand: the card says so, and shows the result."""
    gateway.set(moderation_s=NEVER_S)
    record.card.open_composer().write("Bonjour [[moderation]]").send()
    expect(record.card.status("moderated")).to_be_visible()
    expect(record.card.text(words.app("status_help.moderated"))).to_be_visible()
    assert gateway.texts_on(contact.mobile) == []


def test_not_delivered(open_record: Callable[[Contact], RecordPage], person: Portal, words: Words) -> None:
    contact = person.new_contact(mobile=new_number(NOT_DELIVERED_ENDING))
    record = open_record(contact)
    record.card.open_composer().write(TEXTS[words.language]).send()
    expect(record.card.status("undelivered")).to_be_visible()
    why = f"{words.app('reason.not_delivered')} {words.app('status_help.undelivered')}"
    expect(record.card.text(why)).to_be_visible()
    expect(record.events("EVENT_RECEIPT_NAME")).to_contain_text(words.variable("EVENT_LABEL_UNDELIVERED"))
