"""SMSFactor's verdict on an SMS is shown above the button, does not prevent sending, and comes true."""

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
    expect(alert).to_contain_text(words.app("warning.gateway_would_refuse", reason=why))
    expect(composer.submit).to_have_text(composer.announces(1, 0))
    where = words.app("compose.ready_perhaps", number=words.phone(contact.mobile))
    above = f"{words.app('compose.verdict.gateway_would_refuse')} · {where}"
    expect(composer.root.get_by_text(above, exact=True)).to_be_visible()
    composer.send()
    expect(record.card.status("refused")).to_be_visible()
    expect(record.card.text(f"{why} {words.app('status_help.refused')}")).to_be_visible()
    assert gateway.messages_on(contact.mobile) == []
