"""Typing, committing and submitting in a real browser."""

import json

from playwright.sync_api import expect

from sandbox.host.tests.host_page import HostPage


def test_fast_typing_is_never_overwritten_by_late_echoes(host: HostPage) -> None:
    fields = host.open_tab("Fields")
    text = "The quick brown fox jumps over the lazy dog. " * 4
    fields.get_by_label("Message").press_sequentially(text, delay=0)
    expect(fields.get_by_test_id("counter")).to_have_text(f"{len(text)} characters, {len(text)} inputs")
    expect(fields.get_by_label("Message")).to_have_value(text)


def test_the_extension_can_replace_what_was_typed(host: HostPage) -> None:
    fields = host.open_tab("Fields")
    fields.get_by_label("Message").press_sequentially("Hello", delay=0)
    fields.get_by_role("button", name="Clear").click()
    expect(fields.get_by_label("Message")).to_have_value("")
    expect(fields.get_by_test_id("counter")).to_have_text("0 characters, 5 inputs")


def test_a_change_is_told_once_when_the_field_is_left(host: HostPage) -> None:
    fields = host.open_tab("Fields")
    fields.get_by_label("Message").fill("Hello")
    expect(fields.get_by_test_id("counter")).to_contain_text("5 characters")
    expect(fields.get_by_test_id("commits")).to_have_text("")
    fields.get_by_label("Sender").focus()
    expect(fields.get_by_test_id("commits")).to_have_text('message="Hello"')
    fields.get_by_label("Message").focus()
    fields.get_by_label("Sender").fill("LUMEN")
    fields.get_by_label("Message").focus()
    expect(fields.get_by_test_id("commits")).to_have_text('message="Hello" sender="LUMEN"')


def test_submit_commits_first_and_carries_every_value(host: HostPage) -> None:
    fields = host.open_tab("Fields")
    fields.get_by_label("Message").fill("Hello")
    fields.get_by_label("Type").click()
    host.page.get_by_role("option", name="Marketing").click()
    fields.get_by_label("Date").fill("2026-11-25")
    fields.get_by_role("switch", name="Special characters").click()
    fields.get_by_label("Sender").press_sequentially("LUMEN")
    fields.get_by_label("Sender").press("Enter")
    expect(fields.get_by_test_id("sent")).not_to_be_empty()
    sent = json.loads(fields.get_by_test_id("sent").inner_text())
    assert sent["message"] == "Hello"
    assert sent["sender"] == "LUMEN"
    assert sent["type"] == "marketing"
    assert sent["date"] == {"year": 2026, "month": 10, "date": 25}
    assert sent["unicode"] is True
    expect(fields.get_by_test_id("commits")).to_contain_text('sender="LUMEN"')


def test_a_button_that_moves_when_its_field_is_left_still_gets_a_slow_click(host: HostPage) -> None:
    fields = host.open_tab("Fields")
    fields.get_by_label("Sender").fill("LUMEN")
    fields.get_by_role("button", name="Send", exact=True).click(delay=120)
    expect(fields.get_by_test_id("sent")).to_contain_text("LUMEN")


def test_a_select_works_with_the_keyboard(host: HostPage) -> None:
    fields = host.open_tab("Fields")
    select = fields.get_by_label("Type")
    select.focus()
    select.press("ArrowDown")
    expect(host.page.get_by_role("listbox", name="Type")).to_be_visible()
    select.press("ArrowDown")
    select.press("Enter")
    expect(select).to_have_text("Marketing")
    expect(host.page.get_by_role("listbox", name="Type")).to_be_hidden()
    select.press("Enter")
    select.press("Escape")
    expect(host.page.get_by_role("listbox", name="Type")).to_be_hidden()


def test_a_number_field_gives_numbers_and_nothing_when_emptied(host: HostPage) -> None:
    fields = host.open_tab("Fields")
    parts = fields.get_by_label("Parts")
    parts.fill("12")
    parts.blur()
    expect(fields.get_by_test_id("commits")).to_have_text("parts=10")
    parts.fill("")
    parts.blur()
    expect(fields.get_by_test_id("commits")).to_have_text("parts=10 parts=undefined")


def test_a_field_shows_its_error_and_its_help(host: HostPage) -> None:
    fields = host.open_tab("Fields")
    sender = fields.get_by_label("Sender")
    expect(sender).to_have_attribute("aria-invalid", "true")
    expect(sender).to_have_accessible_description("3 to 11 letters")
    expect(fields.get_by_label("Message", exact=True)).to_have_accessible_description("Up to ten SMS")
    fields.get_by_role("button", name="What the person will read").hover()
    expect(host.page.get_by_role("tooltip")).to_have_text("What the person will read")


def test_a_password_can_be_shown(host: HostPage) -> None:
    fields = host.open_tab("Fields")
    token = fields.get_by_label("Token")
    expect(token).to_have_attribute("type", "password")
    fields.get_by_role("button", name="Show the password").click()
    expect(token).to_have_attribute("type", "text")
