"""Our pages have no serious accessibility fault that axe-core can find."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from accessibility import faults
from everywhere import every_kind
from pages import RecordPage
from pages.press import press
from sandbox.driver.numbers import new_number


def test_finds_a_fault(page: Page) -> None:
    """The check itself must be able to fail."""
    page.set_content("<html lang='en'><title>t</title><main><input></main></html>")
    assert any("critical" in fault for fault in faults(page))


@pytest.mark.parametrize(("colour", "is_fault"), [("#222", False), ("#ddd", True)])
@pytest.mark.parametrize("how", ["transition: color 60s", "animation: to 60s forwards"])
def test_judges_what_a_movement_leads_to(page: Page, how: str, colour: str, is_fault: bool) -> None:
    """A transition to a readable colour is no fault; a transition to an unreadable one is."""
    start = {"#222": "#ddd", "#ddd": "#222"}[colour]
    style = f"p {{ color: {start}; {how} }} p.done {{ color: {colour} }} @keyframes to {{ to {{ color: {colour} }} }}"
    page.set_content(
        f"<html lang='en'><title>t</title><style>{style}</style><main><p>Words</p></main></html>"
    )
    page.evaluate(
        "getComputedStyle(document.querySelector('p')).color; document.querySelector('p').className = 'done'"
    )
    assert bool(faults(page)) == is_fault


@every_kind
def test_record_with_composer(page: Page, record: RecordPage) -> None:
    composer = record.card.open_composer().write("Bonjour")
    expect(composer.submit).to_be_enabled()
    assert faults(page) == []
    composer.choose_sender("36035")
    expect(composer.says("compose.sender_invalid")).to_be_visible()
    assert faults(page) == []


def test_composer_with_each_tool_open(page: Page, record: RecordPage) -> None:
    """Each tool shows its content in use: a list, a chosen template, links, emoji, a date."""
    composer = record.card.open_composer().write("Bonjour {{city}}")
    press(composer.unicode)
    tools = composer.open_tool("save_template")
    tools.save_template(f"Accessible {new_number()}")
    expect(tools.template_name).to_be_hidden()
    composer.open_tool("template")
    expect(tools.template).to_be_visible()
    press(tools.button("compose.template.delete"))
    assert faults(page) == []
    composer.open_tool("link").add_link("https://atelier-lumen.example/avis")
    assert faults(page) == []
    composer.open_tool("token")
    expect(tools.find_property("(city)")).to_have_count(1)
    assert faults(page) == []
    page.keyboard.press("Escape")
    composer.open_tool("emoji")
    expect(composer.refusal).to_be_visible()
    assert faults(page) == []
    composer.schedule(datetime.now(UTC) - timedelta(days=1))
    expect(composer.says("compose.schedule_past")).to_be_visible()
    assert faults(page) == []
