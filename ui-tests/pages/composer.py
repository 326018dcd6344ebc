"""The composer, in its panel."""

import re
from typing import Any

from playwright.sync_api import Locator, Page

from pages.press import press
from pages.words import Words


class Composer:
    def __init__(self, page: Page, words: Words) -> None:
        self.page, self.words = page, words

    @property
    def root(self) -> Locator:
        return self.page.get_by_role("dialog", name=self.words.app("compose.title"))

    def push_type(self, name: str) -> Locator:
        """The radio button of `alert` or `marketing`."""
        group = self.root.get_by_role("radiogroup", name=self.words.app("compose.push_type"))
        return group.get_by_role("radio", name=self.words.app(f"compose.{name}"))

    @property
    def recipient(self) -> Locator:
        return self.root.get_by_role("combobox", name=self.words.app("compose.recipient"))

    def recipient_option(self, property_name: str, e164: str) -> str:
        """How a number of the record is offered."""
        return self.words.app(
            "compose.recipient_option",
            property=self.words.phone_property(property_name),
            number=self.words.phone(e164),
        )

    def choose_recipient(self, property_name: str, e164: str) -> None:
        press(self.recipient)
        press(self.page.get_by_role("option", name=self.recipient_option(property_name, e164)))

    @property
    def custom_sender(self) -> Locator:
        return self.root.get_by_role("switch", name=self.words.app("compose.custom_sender"))

    @property
    def sender(self) -> Locator:
        return self.root.get_by_role("textbox", name=self.words.app("compose.sender"))

    @property
    def unicode(self) -> Locator:
        return self.root.get_by_role("switch", name=self.words.app("compose.unicode"))

    @property
    def text(self) -> Locator:
        return self.root.get_by_role("textbox", name=self.words.app("compose.text"))

    def says(self, key: str, **slots: Any) -> Locator:
        """A sentence of the composer, by its text key."""
        return self.root.get_by_text(self.words.app(key, **slots), exact=True)

    def count_line(self, *, units: int, encoding: str, parts: int, remaining: int) -> Locator:
        """The line that counts; encoding is `gsm7` or `ucs2`."""
        words = self.words
        texts = [
            words.app("compose.characters", count=units),
            words.app(f"compose.encoding.{encoding}"),
            words.app("compose.parts", count=parts),
            words.app("compose.remaining", count=remaining),
        ]
        return self.root.get_by_text(" · ".join(texts), exact=True)

    @property
    def submit(self) -> Locator:
        """The button that sends, whatever number of SMS it announces."""
        empty = re.escape(self.words.app("compose.submit_empty"))
        some = re.escape(self.words.app("compose.submit", count=0)).replace("0", r"\d+")
        return self.root.get_by_role("button", name=re.compile(f"^(?:{empty}|{some})$"))

    def write(self, text: str) -> "Composer":
        self.text.fill(text)
        return self

    def send(self) -> None:
        press(self.submit)

    def close(self) -> None:
        press(self.root.get_by_role("button", name=self.words.page("common.close")))

    @property
    def failure(self) -> Locator:
        """The alert above the button: why the last attempt did not work."""
        return self.root.get_by_role("alert")
