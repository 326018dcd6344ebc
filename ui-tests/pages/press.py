"""The one way to press something: as long as a finger does.

A click of no length ends before the blur of the field that was typed in has reached the extension; a person's does not.
"""

from playwright.sync_api import Locator

PRESS_MS = 80  # milliseconds between pressing and letting go


def press(target: Locator) -> None:
    target.click(delay=PRESS_MS)
