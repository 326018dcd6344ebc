"""The first page: four steps from an empty account to an SMS on a handset."""

from playwright.sync_api import Locator, Page

from pages.press import press
from pages.words import Words

STEPS = ("install", "link", "contact", "handsets")


class StartPage:
    def __init__(self, page: Page, words: Words, base_url: str) -> None:
        self.page, self.words, self._base_url = page, words, base_url

    def open(self) -> "StartPage":
        self.page.goto(f"{self._base_url}/")
        return self

    def step(self, key: str) -> Locator:
        """One of STEPS."""
        heading = self.page.get_by_role("heading", name=self.words.page(f"start.{key}.title"))
        return self.page.get_by_role("listitem").filter(has=heading)

    def is_done(self, key: str) -> Locator:
        """The mark of a completed step."""
        return self.step(key).get_by_text(self.words.page("start.done"), exact=True)

    def action(self, key: str) -> Locator:
        return self.step(key).get_by_role("link", name=self.words.page(f"start.{key}.action"))

    def go(self, key: str) -> None:
        """Press the step's button."""
        press(self.action(key))

    def choose_language(self, language: str) -> None:
        """Press FR or EN in the top bar."""
        group = self.page.get_by_role("group", name=self.words.page("nav.language"))
        press(group.get_by_role("button", name=language.upper(), exact=True))

    def token(self) -> str:
        """The gateway token that the page shows."""
        return self.page.get_by_test_id("gateway-token").inner_text()

    @property
    def progress(self) -> Locator:
        return self.page.get_by_role("progressbar", name=self.words.page("nav.start"))
