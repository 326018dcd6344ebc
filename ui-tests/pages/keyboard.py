"""A person who uses the page without a mouse."""

from playwright.sync_api import Locator, Page, expect

TAB_STOPS_AT_MOST = 80


class Keyboard:
    def __init__(self, page: Page) -> None:
        self._page = page

    def go(self, target: Locator, key: str = "Tab") -> None:
        """Press Tab until the target has the focus."""
        expect(target).to_be_enabled()
        for _ in range(TAB_STOPS_AT_MOST):
            if target.count() and target.evaluate("element => element === document.activeElement"):
                return
            self._page.keyboard.press(key)
        raise AssertionError(f"{target} cannot be reached with {key}")

    def press(self, target: Locator, key: str = "Enter") -> None:
        self.go(target)
        self._page.keyboard.press(key)

    def type(self, target: Locator, text: str) -> None:
        self.go(target)
        self._page.keyboard.type(text)

    def pick(self, target: Locator, typed: str) -> None:
        """Open a searchable list, type, and take the first match."""
        self.press(target)
        self._page.keyboard.type(typed)
        self._page.keyboard.press("Enter")
