"""Panels, modals, menus and alerts in a real browser."""

import pytest
from playwright.sync_api import expect

from sandbox.host.tests.host_page import HostPage


def test_a_panel_opens_traps_the_focus_and_closes_with_escape(host: HostPage) -> None:
    overlays, page = host.open_tab("Overlays"), host.page
    opener = overlays.get_by_role("button", name="Open panel")
    opener.click()
    panel = page.get_by_role("dialog", name="New SMS")
    expect(panel).to_be_visible()
    expect(overlays.get_by_test_id("log")).to_have_text("opened")
    expect(panel.get_by_label("Message", exact=True)).to_be_focused()
    panel.get_by_role("button", name="Back").focus()
    page.keyboard.press("Tab")
    expect(panel.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(panel.get_by_role("button", name="Back")).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(opener).to_be_focused()
    expect(overlays.get_by_test_id("log")).to_have_text("closed")


def test_escape_in_an_open_list_leaves_the_panel_open(host: HostPage) -> None:
    overlays, page = host.open_tab("Overlays"), host.page
    overlays.get_by_role("button", name="Open panel").click()
    panel = page.get_by_role("dialog", name="New SMS")
    panel.get_by_label("Type").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox", name="Type")).to_be_hidden()
    expect(panel).to_be_visible()


@pytest.mark.parametrize("button", ["Done", "Back"])
def test_actions_and_reactions_close_the_panel(host: HostPage, button: str) -> None:
    overlays, page = host.open_tab("Overlays"), host.page
    overlays.get_by_role("button", name="Open panel").click()
    panel = page.get_by_role("dialog", name="New SMS")
    panel.get_by_role("button", name=button).click()
    expect(panel).to_be_hidden()
    assert host.problems() == []


def test_a_form_in_a_panel_submits_and_the_panel_stays(host: HostPage) -> None:
    overlays, page = host.open_tab("Overlays"), host.page
    overlays.get_by_role("button", name="Open panel").click()
    panel = page.get_by_role("dialog", name="New SMS")
    panel.get_by_label("Message", exact=True).fill("From the panel")
    panel.get_by_role("button", name="Send", exact=True).click(delay=80)
    expect(panel.get_by_test_id("sent")).to_contain_text("From the panel")
    expect(overlays.get_by_test_id("log")).to_have_text("opened")


def test_a_modal_opens_and_its_button_closes_it(host: HostPage) -> None:
    overlays, page = host.open_tab("Overlays"), host.page
    overlays.get_by_role("button", name="Open modal").click()
    modal = page.get_by_role("dialog", name="Send it?")
    modal.get_by_role("button", name="Send").click()
    expect(modal).to_be_hidden()


def test_a_menu_works_with_mouse_and_keyboard(host: HostPage) -> None:
    overlays, page = host.open_tab("Overlays"), host.page
    overlays.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="First item").click()
    expect(overlays.get_by_test_id("log")).to_have_text("first item")
    expect(page.get_by_role("menu")).to_be_hidden()
    overlays.get_by_role("button", name="More").press("Enter")
    expect(page.get_by_role("menuitem", name="First item")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(overlays.get_by_test_id("log")).to_have_text("second item")


def test_alerts_float_and_can_be_closed(host: HostPage) -> None:
    overlays, page = host.open_tab("Overlays"), host.page
    overlays.get_by_role("button", name="Bad alert").click()
    alert = page.locator("[data-alert=danger]")
    expect(alert).to_contain_text("It was not sent.")
    alert.get_by_role("button", name="Close").click()
    expect(alert).to_be_hidden()


def test_an_alert_covers_nothing_of_an_open_panel(host: HostPage) -> None:
    """A person writes the next SMS while the alert about the last one is still shown."""
    overlays, page = host.open_tab("Overlays"), host.page
    overlays.get_by_role("button", name="Bad alert").click()
    overlays.get_by_role("button", name="Open panel").click()
    panel = page.get_by_role("dialog", name="New SMS")
    expect(panel).to_be_visible()
    alert = page.locator("[data-alert=danger]")
    expect(alert).to_be_visible()
    page.evaluate("Promise.allSettled(document.getAnimations().map(animation => animation.finished))")
    alert_box, panel_box = alert.bounding_box(), panel.bounding_box()
    assert alert_box
    assert panel_box
    assert alert_box["x"] + alert_box["width"] <= panel_box["x"]
