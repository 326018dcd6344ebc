"""The press itself: a view that slides from under the finger fails the test, and nothing is pressed twice."""

import pytest
from playwright.sync_api import Page

from pages.press import press

COUNTING = "<button onclick='this.dataset.clicks = +(this.dataset.clicks ?? 0) + 1'>Go</button>"
# The button moves while the finger is on it.
SLIDING = """document.addEventListener('mousedown', () => {
  document.querySelector('button').style.marginTop = '300px';
})"""


def test_presses_once(page: Page) -> None:
    page.set_content(COUNTING)
    press(page.get_by_role("button"))
    assert page.get_by_role("button").get_attribute("data-clicks") == "1"


def test_fails_when_it_slides_away(page: Page) -> None:
    page.set_content(COUNTING)
    page.evaluate(SLIDING)
    with pytest.raises(AssertionError, match="slid away"):
        press(page.get_by_role("button"))
    assert page.get_by_role("button").get_attribute("data-clicks") is None


def test_leads_to_another_page(page: Page) -> None:
    page.set_content("<a href='about:blank#next'>Next</a>")
    press(page.get_by_role("link"))
    page.wait_for_url("about:blank#next")
