"""Our card in the sidebar of a record."""

import re

from playwright.sync_api import Locator, Page

from pages.composer import Composer
from pages.press import press
from pages.words import Words


class Card:
    def __init__(self, page: Page, words: Words) -> None:
        self.page, self.words = page, words

    @property
    def root(self) -> Locator:
        sidebar = self.page.get_by_role("complementary", name=self.words.page("record.sidebar"))
        return sidebar.get_by_role("region", name=self.words.variable("CARD_TITLE"))

    @property
    def send_button(self) -> Locator:
        return self.root.get_by_role("button", name=self.words.app("card.send"), exact=True)

    def open_composer(self) -> Composer:
        press(self.send_button)
        composer = Composer(self.page, self.words)
        composer.root.wait_for()
        return composer

    @property
    def sent_count(self) -> Locator:
        return self.root.get_by_role("group", name=self.words.app("card.sent_count"))

    def credits(self, mode: str = "prepaid") -> Locator:
        return self.root.get_by_role("group", name=self.words.app(f"credits.{mode}"))

    def text(self, text: str | re.Pattern[str]) -> Locator:
        """A text on the card, e.g. a message's content."""
        return self.root.get_by_text(text, exact=True)

    def target(self, number: int, address: str) -> Locator:
        """The link to the target of a message's short link; a short address is its name."""
        line = self.root.get_by_text(self.words.app("compose.link_mark", number=str(number)))
        return line.get_by_role("link", name=address.removeprefix("https://"), exact=True)

    def status(self, status: str) -> Locator:
        """A message's status tag, by the name of the status."""
        return self.text(self.words.app(f"status.{status}"))

    def took(self, parts: int, cost: int) -> Locator:
        """The line under a message's title with its number of SMS and credits."""
        words = self.words
        figures = [words.app("compose.parts", count=parts), words.app("compose.cost", count=cost)]
        return self.root.get_by_text(" · ".join(figures))

    def number_line(self, label: str, e164: str) -> Locator:
        """A number of the record, with its owner."""
        return self.text(self.words.app("card.number_line", label=label, number=self.words.phone(e164)))

    def said_of(self, name: str, e164: str) -> Locator:
        """The lines under messages that name this contact of a deal, one for each message."""
        who = self.words.app("message.person", person=name, number=self.words.phone(e164))
        return self.root.get_by_text(who)

    def button(self, key: str) -> Locator:
        """A button of the card, by its text key."""
        return self.root.get_by_role("button", name=self.words.app(key), exact=True)

    def record(self, key: str) -> None:
        """Open the consent menu of the only number and choose an entry, by its text key."""
        press(self.button("card.consent_menu"))
        press(self.page.get_by_role("menuitem", name=self.words.app(key), exact=True))

    @property
    def consent_reason(self) -> Locator:
        """The reason for texting an opted-out person again, in the form beside the number's badge."""
        return self.root.get_by_role("textbox", name=self.words.app("compose.consent.reason"))

    @property
    def report_link(self) -> Locator:
        """The title of a sent message, once it leads to the campaign's report."""
        return self.root.get_by_role("link", name=self.words.app("message.sent"))

    def notice(self, title_key: str) -> Locator:
        """The alert or empty state with this title, by its text key; `count` is one."""
        title = self.words.app(title_key, count=1)
        alerts = self.root.get_by_role("alert").or_(self.root.get_by_role("status"))
        return alerts.filter(has_text=title).or_(self.root.get_by_role("heading", name=title))
