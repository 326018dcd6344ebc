"""SMSFactor's verdict on an SMS is shown above the button; one on the number offers no sending."""

from playwright.sync_api import expect

from pages import RecordPage, Words
from sandbox.driver.gateway import Gateway
from sandbox.driver.records import Contact


def test_number_that_it_would_leave_out(
    record: RecordPage, contact: Contact, gateway: Gateway, words: Words
) -> None:
    gateway.list_numbers("npai", [contact.mobile])
    composer = record.card.open_composer().write("Bonjour")
    why = words.app("reason.npai")
    alert = composer.verdict("gateway_would_refuse")
    expect(alert).to_contain_text(words.app("compose.verdict.number", reason=why))
    expect(composer.submit).to_be_hidden()
    assert gateway.messages_on(contact.mobile) == []
