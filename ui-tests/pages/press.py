"""The one way to press something: as long as a finger does, and again when it slid away under the finger.

A click of no length ends before the blur of the field that was typed in has reached the extension; a person's does not.
While the finger is down, an answer may come that moves the view: what was touched and what was let go of are then two
things, the browser clicks neither, and a person would press again.
"""

from playwright.sync_api import Error, Locator, Page

PRESS_MS = 80  # milliseconds between pressing and letting go
MOST_PRESSES = 5

# Notes for each press whether the browser has clicked what was touched. Set up once a page.
_WATCH = """() => {
  if (window.__press) return;
  const ownerOf = (node) => node.closest('button, a, input, label, summary, [role]') ?? node;
  window.__press = { touched: null, clicked: true };
  document.addEventListener('mousedown', (event) => {
    window.__press = { touched: ownerOf(event.target), clicked: false };
  }, true);
  document.addEventListener('click', (event) => {
    if (window.__press.touched?.contains(event.target)) window.__press.clicked = true;
  }, true);
}"""


def press(target: Locator) -> None:
    """Click what is there once, visible and enabled. Fails if it slides away each time."""
    target.page.evaluate(_WATCH)
    for _ in range(MOST_PRESSES):
        target.click(delay=PRESS_MS)
        if _was_clicked(target.page):
            return
    raise AssertionError(f"slid away under the finger {MOST_PRESSES} times: {target}")


def _was_clicked(page: Page) -> bool:
    try:
        return bool(page.evaluate("window.__press?.clicked ?? true"))
    except Error:  # the click has led to another page
        return True
