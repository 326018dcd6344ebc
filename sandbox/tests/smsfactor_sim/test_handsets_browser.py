"""Gestures on the handsets' page: an answer, a STOP, an ARRET, a link opened by a person and by a preview robot."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from sandbox.tests.smsfactor_sim.support import PUBLIC, Gateway, Receiver, running_gateway

START = "2026-11-23T14:32:00+01:00"
N, OTHER = "33612345678", "33600000000"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def gateway(receiver: Receiver) -> Iterator[Gateway]:
    """A gateway with webhooks for replies, STOPs and clicks; two phones have a message, one of them with a link."""
    with running_gateway(receiver, START) as gateway:
        for kind in ("MO", "STOP", "CLICKER"):
            gateway.register(kind, f"{PUBLIC}/{kind}")
        gateway.send("Voir <-short->", N, pushtype="alert", links=["https://a.example/1"])
        gateway.send("Salut", OTHER)
        gateway.advance(5)
        yield gateway


@pytest.fixture
def phone(page: Page, gateway: Gateway) -> Locator:
    page.goto(f"{gateway.url}/handsets?lang=en")
    return page.locator(f'[data-number="{N}"]')


def events(receiver: Receiver, count: int) -> list[tuple[str, Any]]:
    """Each webhook's type with the text of an answer or the device of a click."""
    return [
        (one.path[1:], one.json.get("message") or [one.json[name] for name in ("brand", "model", "os")])
        for one in receiver.wait(count)
    ]


def test_a_phone_answers(phone: Locator, gateway: Gateway, receiver: Receiver) -> None:
    answer = phone.get_by_label("Answer by SMS")
    answer.press("Enter")  # nothing to send
    answer.fill("Oui, <b>demain</b> ?")
    answer.press("Enter")
    expect(phone.get_by_text("Oui, <b>demain</b> ?", exact=True)).to_be_visible()
    expect(answer).to_have_value("")
    for word in ("STOP", "ARRET"):
        phone.get_by_role("button", name=word, exact=True).click()
        expect(phone.get_by_text(word, exact=True)).to_have_count(2)  # the button and the bubble
    gateway.settle()
    assert events(receiver, 3) == [("MO", "Oui, <b>demain</b> ?"), ("STOP", "STOP"), ("MO", "ARRET")]
    assert {one.json["from"] for one in receiver.received} == {N}


def test_a_link_is_opened_by_a_person_and_by_a_robot(
    phone: Locator, gateway: Gateway, receiver: Receiver
) -> None:
    phone.get_by_label("Open links with").select_option(label="Samsung Galaxy S23 · Android")
    phone.get_by_role("button", name="Open ").click()
    expect(phone.get_by_text("1 click")).to_be_visible()
    phone.get_by_role("button", name="Preview robot").click()
    expect(phone.get_by_text("2 clicks")).to_be_visible()
    gateway.settle()
    assert events(receiver, 2) == [
        ("CLICKER", ["Samsung", "Galaxy S23", "Android"]),
        ("CLICKER", [None, None, None]),
    ]


def test_a_message_that_arrives_leaves_what_someone_writes(phone: Locator, gateway: Gateway) -> None:
    answer = phone.get_by_label("Answer by SMS")
    phone.get_by_label("Open links with").select_option(label="Google Pixel 8 · Android")
    answer.fill("Je vous")
    gateway.send("Deuxième", N)
    expect(phone.get_by_text("Deuxième")).to_be_visible()
    expect(answer).to_be_focused()
    expect(answer).to_have_value("Je vous")
    expect(phone.get_by_label("Open links with").locator("option:checked")).to_have_text(
        "Google Pixel 8 · Android"
    )


def test_a_refused_answer_is_not_lost(phone: Locator, page: Page) -> None:
    page.route("**/_control/mo", lambda route: route.fulfill(status=400, json={"error": "no"}))
    answer = phone.get_by_label("Answer by SMS")
    answer.fill("Oui")
    answer.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Nothing has left this handset")
    expect(answer).to_have_value("Oui")
