"""Data, context and pages of the extension host in a real browser."""

import json

import pytest
from playwright.sync_api import expect

from sandbox.host.tests.host_page import HostPage
from sandbox.host.tests.page_server import CONTACT, PORTAL_ID, SETTINGS, TOKEN


def test_the_extension_gets_its_context_and_hears_of_changes(host: HostPage) -> None:
    host.look_often()
    card = host.open_card()
    card.get_by_role("tab", name="Data").click()
    data = card.get_by_role("tabpanel", name="Data")
    expect(data).to_contain_text("0-1/501")
    expect(data).to_contain_text("06 12 34 56 78")
    host.page.evaluate("document.querySelector('[data-extension=card]').dataset.mark = 'same'")
    host.world.change(mobilephone="07 00 00 00 00")
    expect(data).to_contain_text("07 00 00 00 00")
    expect(host.page.locator("[data-mark=same]")).to_be_visible()
    expect(data).to_be_visible()


def test_hubspot_fetch_goes_through_the_broker(host: HostPage) -> None:
    card = host.open_card()
    card.get_by_role("tab", name="Data").click()
    card.get_by_role("button", name="Ask the backend").click()
    expect(card.get_by_test_id("answer")).to_have_text('200 {"echo": {"a": 1}}')
    (order,) = host.world.fetches
    assert order["extension_uid"] == "card"
    assert order["url"] == "https://connector.sandbox.example/echo"
    assert order["method"] == "POST"
    assert order["body"] == {"a": 1}


def test_crm_actions_read_and_watch_properties(host: HostPage) -> None:
    host.look_often()
    data = host.open_tab("Data")
    data.get_by_role("button", name="Read email").click()
    expect(data.get_by_test_id("answer")).to_have_text("camille@example.com")
    data.get_by_role("button", name="Watch mobile").click()
    host.world.change(mobilephone="07 11 11 11 11")
    expect(data.get_by_test_id("answer")).to_have_text("changed: 07 11 11 11 11")
    host.world.change(mobilephone="07 22 22 22 22")
    expect(data.get_by_test_id("answer")).to_have_text("changed: 07 22 22 22 22")
    assert host.problems() == []


def test_an_iframe_modal_shows_the_local_stand_in_and_tells_when_it_closes(host: HostPage) -> None:
    data = host.open_tab("Data")
    data.get_by_role("button", name="Open frame").click()
    modal = host.page.get_by_role("dialog", name="Conversation")
    expect(modal.frame_locator("iframe").get_by_text("Frame for code=1")).to_be_visible()
    modal.get_by_role("button", name="Close").click()
    expect(modal).to_be_hidden()
    expect(data.get_by_test_id("answer")).to_have_text("frame closed")


def test_an_empty_answer_reaches_the_extension(host: HostPage) -> None:
    host.world.answer_fetch = lambda order: {"status": 204, "headers": {}, "body": ""}
    card = host.open_card()
    card.get_by_role("tab", name="Data").click()
    card.get_by_role("button", name="Ask the backend").click()
    expect(card.get_by_test_id("answer")).to_have_text("204")
    assert host.problems() == []


def test_an_event_is_drawn_from_its_template_and_cleaned(host: HostPage) -> None:
    host.look_often()
    host.open_card()
    host.world.add_event(
        header_template="SMS to **{{recipient}}**",
        detail_template="{{text}}\n\n{{#if report}}[Report]({{report}}){{/if}}[x](javascript:alert(1))",
        properties={
            "recipient": "+33612345678",
            "text": "Hi <img src=x onerror=alert(1)> & bye",
            "report": "https://example.com/r?a=1&b=2",
        },
    )
    event = host.page.get_by_role("article", name="Message sent")
    expect(event.locator("strong", has_text="+33612345678")).to_be_visible()
    expect(event).to_contain_text("Hi <img src=x onerror=alert(1)> & bye")
    expect(event.get_by_role("link", name="Report")).to_have_attribute(
        "href", "https://example.com/r?a=1&b=2"
    )
    expect(event.locator("[onerror], [href^='javascript']")).to_have_count(0)


def test_the_timeline_is_filtered_by_integration_and_activity(host: HostPage) -> None:
    host.look_often()
    host.open_card()
    host.world.add_event(header_template="SMS sent", properties={})
    host.world.add_event(
        event_type="reply", name="Reply", header_template="They answered", properties={"text": "Yes"}
    )
    host.world.add_event(
        kind="communication", channel="SMS", owner="Margaux Delattre",
        body='<p>Inbound: <b onclick="x()">Yes</b> <a href="https://example.com/c">Answer</a>'
        '<img src=x onerror="x()"><a href="javascript:x()">no</a></p>',
    )  # fmt: skip
    logged = host.page.get_by_role("article", name="Logged SMS")
    expect(logged).to_contain_text("Logged SMS assigned to Margaux Delattre")
    expect(logged).to_contain_text("Inbound: Yes")
    expect(logged.get_by_role("link", name="Answer")).to_have_attribute("href", "https://example.com/c")
    expect(logged.locator("[onerror], [onclick], img, [href^='javascript']")).to_have_count(0)
    activities = host.page.get_by_role("region", name="Activities")
    filter_, shown = activities.get_by_role("combobox"), activities.get_by_role("article")
    expect(shown).to_have_count(4)
    for choice, names in {
        "Mini": ["Reply", "Message sent"],
        "Mini · Reply": ["Reply"],
        "SMS": ["Logged SMS"],
    }.items():
        filter_.select_option(label=choice)
        expect(shown).to_have_count(len(names))
        assert [one.get_attribute("aria-label") for one in shown.all()] == names
    filter_.select_option(label="All activities")
    expect(shown).to_have_count(4)


def test_a_template_that_cannot_be_drawn_says_so(host: HostPage) -> None:
    host.world.add_event(header_template="{{#unless a}}x{{/unless}}", properties={})
    host.open_card()
    event = host.page.get_by_role("article", name="Message sent")
    expect(event.get_by_role("note")).to_contain_text("unless")


def test_a_phone_number_is_edited_on_the_record(host: HostPage) -> None:
    card, page = host.open_card(), host.page
    page.get_by_role("button", name="Edit Mobile phone number").click()
    page.get_by_label("Mobile phone number", exact=True).fill("06 99 99 99 99")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-property=mobilephone]")).to_contain_text("06 99 99 99 99")
    assert host.world.patches == [{"mobilephone": "06 99 99 99 99"}]
    card.get_by_role("tab", name="Data").click()
    expect(card).to_contain_text("06 99 99 99 99")


def test_the_language_switch_changes_pages_and_context(host: HostPage) -> None:
    card, page = host.open_card(), host.page
    page.get_by_role("button", name="FR").click()
    expect(page.get_by_role("link", name="Premiers pas")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    card.get_by_role("tab", name="Data").click()
    expect(card.get_by_role("tabpanel", name="Data")).to_contain_text("fr")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    "path", ["/", f"/contacts/{PORTAL_ID}/objects/0-1/views/all/list", CONTACT, SETTINGS]
)
def test_every_page_becomes_ready(host: HostPage, path: str, language: str) -> None:
    errors: list[str] = []
    host.page.on("pageerror", lambda error: errors.append(str(error)))
    host.world.language = language
    host.page.goto(f"{host.url}{path}")
    expect(host.page.locator("html")).to_have_attribute("data-page", "ready")
    expect(host.page.locator("html")).to_have_attribute("lang", language)
    expect(host.page.get_by_role("heading", level=1)).to_be_visible()
    assert host.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "too wide"
    assert errors == []


def test_the_settings_extension_is_on_the_page_of_the_app(host: HostPage) -> None:
    page = host.page
    page.goto(f"{host.url}{SETTINGS}")
    settings = page.locator("[data-extension=settings]")
    expect(settings).to_have_attribute("data-host-state", "ready")
    expect(settings).to_contain_text(f"Portal {PORTAL_ID}, language en")


def test_the_start_page_shows_which_steps_are_done(host: HostPage) -> None:
    page = host.page
    host.world.answer_fetch = lambda order: {
        "status": 200,
        "headers": {},
        "body": json.dumps({"ok": True, "data": {"account": {"client_id": 1}}}),
    }
    page.goto(host.url)
    expect(page.locator("[data-step=install]")).to_have_attribute("data-done", "true")
    expect(page.locator("[data-step=link]")).to_have_attribute("data-done", "true")
    expect(page.locator("[data-step=contact]")).to_have_attribute("data-done", "false")
    expect(page.get_by_test_id("gateway-token")).to_have_text(TOKEN)
    host.world.add_event(header_template="SMS sent", properties={})
    host.open_card()
    expect(page.get_by_role("article", name="Message sent")).to_be_visible()
    page.goto(host.url)
    expect(page.locator("[data-step=contact]")).to_have_attribute("data-done", "true")


def test_a_missing_record_is_said(host: HostPage) -> None:
    host.page.goto(f"{host.url}{CONTACT.replace('501', '404')}")
    expect(host.page.locator("html")).to_have_attribute("data-page", "failed")
    expect(host.page.get_by_role("alert")).to_contain_text("There is no record 404")
