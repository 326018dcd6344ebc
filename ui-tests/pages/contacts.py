"""The list of contacts."""

from playwright.sync_api import Page

from pages.press import press
from pages.words import Words


class ContactsPage:
    def __init__(self, page: Page, words: Words) -> None:
        self.page, self.words = page, words

    def search(self, text: str) -> None:
        self.page.get_by_role("searchbox", name=self.words.page("contacts.search")).fill(text)

    def open(self, name: str) -> None:
        """Go to the record of a person in the list."""
        press(self.page.get_by_role("link", name=name))
