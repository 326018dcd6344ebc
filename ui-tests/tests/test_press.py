"""Pressing itself: what slides away under the finger is pressed again, and what was clicked never twice."""

import pytest
from playwright.sync_api import Page

from pages.press import press

COUNTING = "<button onclick='this.dataset.clicks = +(this.dataset.clicks ?? 0) + 1'>Go</button>"
# The button moves at each press, the first `times` times.
SLIDING = """(times) => document.addEventListener('mousedown', () => {
  if (times-- > 0) document.querySelector('button').style.marginTop = times % 2 ? '100px' : '300px';
})"""


@pytest.mark.parametrize("times", [0, 1, 3])
def test_slides_away_and_is_pressed_again(page: Page, times: int) -> None:
    page.set_content(COUNTING)
    page.evaluate(SLIDING, times)
    press(page.get_by_role("button"))
    assert page.get_by_role("button").get_attribute("data-clicks") == "1"


def test_never_holds_still(page: Page) -> None:
    page.set_content(COUNTING)
    page.evaluate(SLIDING, 99)
    with pytest.raises(AssertionError, match="slid away"):
        press(page.get_by_role("button"))


def test_leads_to_another_page(page: Page) -> None:
    page.set_content("<a href='about:blank#next'>Next</a>")
    press(page.get_by_role("link"))
    page.wait_for_url("about:blank#next")
