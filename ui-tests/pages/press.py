"""The only way to press an element: as long as a finger does.

A click of no length ends before the blur of the edited field has reached the extension; a person's click does not.
While the finger is down, an answer may move the view. The browser then clicks neither the element touched nor the one
under the release, so a person's press has no effect and the press fails.
"""

from playwright.sync_api import Error, Locator, Page

PRESS_MS = 80  # milliseconds between pressing and letting go

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
    """Click an element once it is visible and enabled. Fails if it slides from under the finger."""
    target.page.evaluate(_WATCH)
    target.click(delay=PRESS_MS)
    assert _was_clicked(target.page), f"slid away under the finger: {target}"


def _was_clicked(page: Page) -> bool:
    try:
        return bool(page.evaluate("window.__press?.clicked ?? true"))
    except Error:  # the click has led to another page
        return True
