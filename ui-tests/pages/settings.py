"""The app's settings: the linked SMSFactor account, and the form to link one."""

from playwright.sync_api import Locator, Page

from pages.press import press
from pages.words import Words


class SettingsPage:
    def __init__(self, page: Page, words: Words) -> None:
        self.page, self.words = page, words

    @property
    def not_linked(self) -> Locator:
        return self.page.get_by_text(self.words.app("settings.not_linked.title"))

    @property
    def token_field(self) -> Locator:
        return self.page.get_by_label(self.words.app("settings.link.token"), exact=True)

    @property
    def submit(self) -> Locator:
        return self.page.get_by_role("button", name=self.words.app("settings.link.submit"))

    def link(self, token: str) -> None:
        """Paste a token and press the button."""
        self.token_field.fill(token)
        press(self.submit)

    @property
    def error(self) -> Locator:
        """The reason why the account was not linked."""
        return self.page.get_by_role("alert").filter(has_text=self.words.app("settings.link.error_title"))

    def fact(self, key: str) -> Locator:
        """A fact about the linked account, by its text key: `settings.company`."""
        term = self.page.get_by_text(self.words.app(key), exact=True)
        return term.locator("xpath=following-sibling::dd")

    def figure(self, key: str) -> Locator:
        """A figure, by its text key: `credits.prepaid`."""
        return self.page.get_by_role("group", name=self.words.app(key))
