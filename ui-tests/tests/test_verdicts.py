"""What SMSFactor would do with an SMS stands above the button, keeps nobody from sending, and is what happens then."""

from playwright.sync_api import expect

from everywhere import both_languages, every_kind
from pages import RecordPage, Words
from sandbox.driver.gateway import Gateway
from sandbox.driver.records import Contact


@both_languages
@every_kind
def test_number_that_it_would_leave_out(
    record: RecordPage, contact: Contact, gateway: Gateway, words: Words
) -> None:
    gateway.list_numbers("npai", [contact.mobile])
    composer = record.card.open_composer().write("Bonjour")
    why = words.app("reason.npai")
    alert = composer.verdict("gateway_would_refuse")
    expect(alert).to_contain_text(words.app("warning.gateway_would_refuse", reason=why))
    expect(composer.submit).to_have_text(composer.announces(1, 0))
    expect(composer.says("compose.ready_perhaps", number=words.phone(contact.mobile))).to_be_visible()
    composer.send()
    expect(record.card.status("refused")).to_be_visible()
    expect(record.card.text(f"{why} {words.app('status_help.refused')}")).to_be_visible()
    assert gateway.messages_on(contact.mobile) == []


@both_languages
def test_credits_that_do_not_suffice(record: RecordPage, gateway: Gateway, words: Words) -> None:
    """Nothing is sent here: the account would be paused for the tests beside this one."""
    composer = record.card.open_composer().write("Bonjour [[nocredit]]")
    expect(composer.verdict("credits_short")).to_contain_text(words.app("warning.credits_short", hours=24))
    expect(composer.says("compose.cost_unknown")).to_be_hidden()
    expect(composer.submit).to_be_enabled()
    composer.write("Bonjour")
    expect(composer.verdict("credits_short")).to_be_hidden()
    expect(composer.submit).to_have_text(composer.announces(1))
