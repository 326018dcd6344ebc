"""One SMS leaves, however often a person presses the button or the network fails."""

from playwright.sync_api import expect

from pages import RecordPage, Words
from sandbox.driver.gateway import Gateway
from sandbox.driver.portal import Portal
from sandbox.driver.records import Contact

BROKER = "/sandbox-api/hubspot-fetch"  # the route of `hubspot.fetch`


def test_double_click(record: RecordPage, contact: Contact, gateway: Gateway) -> None:
    composer = record.card.open_composer().write("Une seule fois")
    expect(composer.submit).to_be_enabled()
    composer.submit.dblclick()
    expect(record.card.status("delivered")).to_be_visible()
    expect(record.card.sent_count).to_contain_text("1")
    assert [sms["text"] for sms in gateway.messages_on(contact.mobile)] == ["Une seule fois"]


def test_answer_lost_then_sent_again(
    record: RecordPage,
    contact: Contact,
    person: Portal,
    gateway: Gateway,
    page_errors: list[str],
    words: Words,
) -> None:
    """The backend has accepted the message, but its answer never reaches the browser."""
    person.fault("status_after", BROKER, contains="/card/send", status=502)
    composer = record.card.open_composer().write("Encore une fois")
    composer.send()
    expect(composer.failure).to_contain_text(words.app("compose.undecided_title"))
    expect(composer.failure).to_contain_text(words.app("error_send.unreachable"))
    expect(composer.text).to_have_value("Encore une fois")
    page_errors.clear()  # the sandbox's page reports the call that the test made fail

    composer.send()
    expect(composer.root).to_be_hidden()
    repeated = words.app("compose.done_repeated", number=words.phone(contact.mobile))
    expect(record.toasts.filter(has_text=repeated)).to_be_visible()
    expect(record.card.status("delivered")).to_be_visible()
    expect(record.card.sent_count).to_contain_text("1")
    assert [sms["text"] for sms in gateway.messages_on(contact.mobile)] == ["Encore une fois"]
