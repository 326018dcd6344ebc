"""HubSpot's page that asks for consent to install the app."""

from playwright.sync_api import Locator, Page

from pages.press import press
from pages.words import Words


class ConsentPage:
    def __init__(self, page: Page, words: Words) -> None:
        self.page, self.words = page, words

    @property
    def heading(self) -> Locator:
        name = self.words.consent("title", app=self.words.variable("APP_NAME"))
        return self.page.get_by_role("heading", name=name, level=1)

    @property
    def scopes(self) -> Locator:
        return self.page.get_by_role("listitem")

    def approve(self) -> None:
        press(self.page.get_by_role("button", name=self.words.consent("approve")))
