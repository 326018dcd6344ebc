"""The list of all contacts, companies or deals."""

from playwright.sync_api import Locator, Page

from pages.press import press
from pages.words import Words


class RecordList:
    """`kind`: as in `pages.record.KINDS`."""

    def __init__(self, page: Page, words: Words, kind: str = "contacts") -> None:
        self.page, self.words, self.kind = page, words, kind

    def go(self) -> "RecordList":
        """Press the list's name in the top bar, which every page has."""
        bar = self.page.get_by_role("navigation", name=self.words.page("nav.main"))
        press(bar.get_by_role("link", name=self.words.page(f"list.title.{self.kind}"), exact=True))
        return self

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", name=self.words.page(f"list.title.{self.kind}"), level=1)

    def search(self, text: str) -> None:
        self.page.get_by_role("searchbox", name=self.words.page(f"list.search.{self.kind}")).fill(text)

    def open(self, name: str) -> None:
        """Go to the record of that name."""
        press(self.page.get_by_role("link", name=name))
