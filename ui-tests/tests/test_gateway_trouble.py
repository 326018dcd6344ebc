"""SMSFactor is unavailable or does not answer: the card says so, nothing is lost, nothing leaves twice."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from pages import RecordPage, Words
from sandbox.driver.gateway import Gateway
from sandbox.driver.records import Contact
from sandbox.stack import Stack, free_port

DELIVERED = 3
NEVER_S = 3600


@pytest.fixture
def gateway_is_away(stack: Stack, person: object) -> Iterator[Callable[[], None]]:
    """SMSFactor's port is closed for the worker; call the value to bring SMSFactor back."""
    stack.restart("worker", {"SMSFACTOR_API_URL": f"http://127.0.0.1:{free_port()}"})
    away = True

    def bring_back() -> None:
        nonlocal away
        away = False
        stack.restart("worker", {"SMSFACTOR_API_URL": stack.smsfactor_url})

    yield bring_back
    if away:
        bring_back()


def test_gateway_away(
    gateway_is_away: Callable[[], None],
    record: RecordPage,
    contact: Contact,
    gateway: Gateway,
    words: Words,
) -> None:
    card = record.card
    card.open_composer().write("Patience").send()
    waiting = f"{words.app('reason.gateway_unreachable')} {words.app('status_help.queued')}"
    expect(card.status("queued")).to_be_visible()
    expect(card.text(waiting)).to_be_visible()
    assert gateway.messages_on(contact.mobile) == []

    gateway_is_away()
    expect(card.status("delivered")).to_be_visible(timeout=60_000)  # the worker's pauses double up to 30 s
    expect(card.text(waiting)).to_be_hidden()
    assert [sms["text"] for sms in gateway.messages_on(contact.mobile)] == ["Patience"]


def test_answer_lost_after_sending(
    record: RecordPage, contact: Contact, gateway: Gateway, words: Words
) -> None:
    gateway.set(dlr_delay_s=NEVER_S, messages_lag_s=NEVER_S)  # only the receipt shows the fate of this SMS
    gateway.fault("reset_after")
    card = record.card
    card.open_composer().write("Peut-etre parti").send()
    expect(card.status("unknown")).to_be_visible()
    expect(card.text(words.app("status_help.unknown"))).to_be_visible()

    # The receipt proves that it left.
    gateway.control("dlr", {"gsmsmsid": gateway.accepted_ids()[-1], "status": DELIVERED})
    expect(card.status("delivered")).to_be_visible()
    assert len(gateway.messages_on(contact.mobile)) == 1
