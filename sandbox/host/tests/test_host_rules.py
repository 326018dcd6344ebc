"""Code that breaks the rules of HubSpot's worker fails visibly, with a reason."""

import re

import pytest
from playwright.sync_api import expect

from sandbox.host.tests.host_page import HostPage


@pytest.mark.parametrize(
    ("bundle", "kind", "words"),
    [
        ("NativeFetch", "render-failed", "fetch is not available in a UI extension: use hubspot.fetch"),
        ("ReactNineteen", "render-failed", "HubSpot runs React 18"),
        ("UnclonableProp", "unclonable", 'prop "title" of Alert'),
        ("NeverExtends", "load-failed", "never called hubspot.extend"),
        ("Throws", "render-failed", "TypeError"),
    ],
)
def test_a_broken_extension_fails_with_its_reason(host: HostPage, bundle: str, kind: str, words: str) -> None:
    card = host.open_card(bundle)
    expect(card).to_have_attribute("data-host-state", "failed")
    expect(card).to_have_attribute("data-host-problems", re.compile(kind))
    expect(card.get_by_role("alert").filter(has_text=words)).to_be_visible()
    assert kind in host.problems()


@pytest.mark.parametrize(("bundle", "name"), [("HtmlElement", "div"), ("UnknownComponent", "Carousel")])
def test_an_unknown_component_is_a_red_box_and_the_rest_is_drawn(
    host: HostPage, bundle: str, name: str
) -> None:
    card = host.open_card(bundle)
    expect(card.locator(f"[data-hs-unknown={name}]")).to_contain_text(f"Unknown component <{name}>")
    expect(card.get_by_text(re.compile("Inside a div|Before"))).to_be_visible()
    assert host.problems() == ["unknown-component"]


def test_unknown_props_and_values_are_named_beside_their_component(host: HostPage) -> None:
    card = host.open_card("UnknownProp")
    expect(card.get_by_role("note").filter(has_text='Text has no prop "colour"')).to_be_visible()
    expect(card.get_by_role("note").filter(has_text='Alert does not accept variant="loud"')).to_be_visible()
    assert host.problems() == ["unknown-prop", "unknown-value"]


def test_a_prop_that_becomes_unclonable_later_fails_the_card_then(host: HostPage) -> None:
    card = host.open_card("LateUnclonable")
    expect(card).to_have_attribute("data-host-state", "ready")
    card.get_by_role("button", name="Break").click()
    expect(card).to_have_attribute("data-host-state", "failed")
    assert "unclonable" in host.problems()


def test_a_rejected_handler_is_named(host: HostPage) -> None:
    card = host.open_card("RejectingHandler")
    card.get_by_role("button", name="Reject").click()
    expect(card.get_by_role("alert")).to_contain_text("Button onClick: no luck")
    assert host.problems() == ["handler-rejected"]


def test_a_reaction_is_dead_after_its_handler(host: HostPage) -> None:
    card = host.open_card("RejectingHandler")
    card.get_by_role("button", name="Too late").click()
    expect(card.get_by_role("alert")).to_contain_text("already released")


def test_a_correct_extension_has_no_problems(host: HostPage) -> None:
    card = host.open_card()
    for name in ("Overlays", "Fields", "Data", "Display"):
        card.get_by_role("tab", name=name).click()
        expect(card.get_by_role("tabpanel", name=name)).to_be_visible()
    assert host.problems() == []
    assert host.page.locator("html").get_attribute("data-host-problems") is None
