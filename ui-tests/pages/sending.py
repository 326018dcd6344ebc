"""The settings' tab on sending: the switch, the waiting messages, the limits."""

from playwright.sync_api import Locator, Page

from pages.press import press
from pages.words import Words


class SendingPage:
    def __init__(self, page: Page, words: Words) -> None:
        self.page, self.words = page, words

    def open(self, settings_url: str) -> "SendingPage":
        """Open the settings and the tab."""
        self.page.goto(settings_url)
        press(self.page.get_by_role("tab", name=self.words.app("settings.tab.sending"), exact=True))
        self.root.wait_for()
        return self

    @property
    def root(self) -> Locator:
        return self.page.get_by_role("tabpanel", name=self.words.app("settings.tab.sending"), exact=True)

    def says(self, key: str, **slots: object) -> Locator:
        """A text of the tab, by its text key."""
        return self.root.get_by_text(self.words.app(key, **slots))

    def press(self, key: str) -> None:
        """Press a button, by its text key."""
        press(self.button(key))

    def button(self, key: str) -> Locator:
        return self.root.get_by_role("button", name=self.words.app(key), exact=True)

    def pause(self) -> None:
        """Pause everything, and confirm."""
        self.press("sending.pause")
        self.press("sending.pause_confirm")
        self.button("sending.resume").wait_for()

    def figure(self, key: str) -> Locator:
        """A figure, by its text key: `sending.waiting.queued`."""
        return self.root.get_by_role("group", name=self.words.app(key))

    def limit(self, name: str) -> Locator:
        """The field of a limit: `hourly_cap`."""
        return self.root.get_by_role("textbox", name=self.words.app(f"sending.limits.{name}"))

    def toast(self, key: str) -> Locator:
        """The message after a successful action, by its text key."""
        return self.page.get_by_role("status").filter(has_text=self.words.app(key))
