"""A user pauses and resumes all sending, and limits the sending of workflows."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from accessibility import faults
from pages import RecordPage, SendingPage, Words
from sandbox.driver.gateway import Gateway
from sandbox.driver.portal import Portal
from sandbox.driver.records import Contact


@pytest.fixture
def sending(page: Page, person: Portal, words: Words) -> Iterator[Callable[[], SendingPage]]:
    """Opens the settings' tab; the end of the test restores the settings."""
    url = person.url + person.session()["app"]["settings_path"]
    yield lambda: SendingPage(page, words).open(url)
    person.hold_nothing_back()


def number_in(figure: str) -> int:
    found = re.search(r"\d+$", figure.strip())
    assert found, figure
    return int(found.group())


def test_pause_send_resume(
    sending: Callable[[], SendingPage],
    open_record: Callable[[Contact], RecordPage],
    contact: Contact,
    gateway: Gateway,
    words: Words,
) -> None:
    settings = sending()
    expect(settings.says("sending.on_help")).to_be_visible()
    settings.press("sending.pause")
    expect(settings.says("sending.pause_ask")).to_be_visible()
    settings.press("sending.pause_keep")
    settings.pause()
    expect(settings.toast("sending.pause_done")).to_be_visible()
    expect(settings.says("sending.paused_help")).to_be_visible()
    waiting = number_in(settings.figure("sending.waiting.queued").inner_text())

    card = open_record(contact).card
    card.open_composer().write("Attendez la reprise").send()
    paused = f"{words.app('reason.portal_paused')} {words.app('status_help.queued')}"
    expect(card.text(paused)).to_be_visible()
    assert gateway.messages_on(contact.mobile) == []

    settings = sending()
    now_waiting = re.compile(rf"(?<!\d){waiting + 1}$")
    expect(settings.figure("sending.waiting.queued")).to_have_text(now_waiting)
    assert faults(settings.page) == []
    settings.press("sending.resume")
    expect(settings.says("sending.on_help")).to_be_visible()
    expect(settings.figure("sending.waiting.queued")).not_to_have_text(now_waiting)

    expect(open_record(contact).card.status("delivered")).to_be_visible()
    assert [sms["text"] for sms in gateway.messages_on(contact.mobile)] == ["Attendez la reprise"]


def test_limits(sending: Callable[[], SendingPage], words: Words) -> None:
    settings = sending()
    expect(settings.button("sending.limits.save")).to_be_disabled()
    settings.limit("hourly_cap").fill("0")
    settings.limit("card").fill("")
    wrong = words.app("sending.limits.wrong_or_empty", max=1_000_000)
    expect(settings.root.get_by_text(wrong)).to_be_visible()
    expect(settings.says("sending.limits.wrong", max=168)).to_be_visible()
    expect(settings.button("sending.limits.save")).to_be_disabled()
    assert faults(settings.page) == []

    settings.limit("hourly_cap").fill("2 000")
    settings.limit("pace_per_minute").fill("600")
    settings.limit("card").fill("12")
    settings.press("sending.limits.save")
    expect(settings.toast("sending.limits.done")).to_be_visible()

    settings = sending()
    for name, value in {
        "hourly_cap": "2000",
        "pace_per_minute": "600",
        "card": "12\u00a0h",
        "workflow": "24\u00a0h",
    }.items():
        expect(settings.limit(name)).to_have_value(value)
    of_cap = words.app("sending.hour.of_cap", count=0, cap=2000).removeprefix("0")
    expect(settings.figure("sending.hour.sent")).to_contain_text(of_cap)
    settings.limit("hourly_cap").fill("")
    settings.press("sending.limits.save")
    expect(settings.figure("sending.hour.sent")).not_to_contain_text(of_cap)
