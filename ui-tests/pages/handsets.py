"""The simulated phones."""

from playwright.sync_api import Locator, Page

from pages.words import Words


class Handsets:
    def __init__(self, page: Page, words: Words) -> None:
        self.page, self.words = page, words

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", name=self.words.gateway("handsets"))

    def phone(self, e164: str) -> Locator:
        number = self.page.get_by_text(self.words.phone(e164), exact=True)
        return self.page.get_by_role("article").filter(has=number)

    def message(self, e164: str, text: str) -> Locator:
        """A message on the screen of a phone."""
        return self.phone(e164).get_by_text(text, exact=True)
