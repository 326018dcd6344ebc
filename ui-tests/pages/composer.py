"""The composer in its panel: recipient, text, sender, time. The tools that insert into the text are in `tools.py`."""

import re
from datetime import datetime
from typing import Any

from playwright.sync_api import Locator, Page, expect

from pages.press import press
from pages.tools import Tools
from pages.words import Words


class Composer:
    def __init__(self, page: Page, words: Words) -> None:
        self.page, self.words = page, words

    @property
    def root(self) -> Locator:
        return self.page.get_by_role("dialog", name=self.words.app("compose.title"))

    @property
    def tools(self) -> Tools:
        return Tools(self.page, self.root, self.words)

    def open_tool(self, name: str) -> Tools:
        """Open one of TOOLS: the templates above the text, the others by their button."""
        if name == "template":
            self._open(self.template_section)
        else:
            press(self.tools.tool(name))
        return self.tools

    @property
    def template_section(self) -> Locator:
        """The button that opens the templates; its name shows the chosen one."""
        return self._section("compose.template.title")

    def says(self, key: str, **slots: Any) -> Locator:
        """A sentence of the composer, by its text key."""
        return self.root.get_by_text(self.words.app(key, **slots), exact=True)

    def close(self) -> None:
        press(self.root.get_by_role("button", name=self.words.page("common.close")))

    # Recipient

    @property
    def recipient(self) -> Locator:
        return self.root.get_by_role("combobox", name=self.words.app("compose.recipient"))

    def only_recipient(self, option: str) -> Locator:
        """The line of a record with one number, by the option that it would be."""
        return self.says("compose.recipient_line", recipient=option)

    def recipient_option(self, property_name: str, e164: str) -> str:
        """The option for a number of the record."""
        return self.words.app(
            "compose.recipient_option",
            property=self.words.phone_property(property_name),
            number=self.words.phone(e164),
        )

    def choose_recipient(self, option: str) -> None:
        """Choose a number by its option."""
        press(self.recipient)
        press(self.page.get_by_role("option", name=option))

    def owned_option(self, owner: str, property_name: str, e164: str) -> str:
        """The option for another person's number, on a deal."""
        label = self.words.app("number.owned", owner=owner, property=self.words.phone_property(property_name))
        return self.words.app("compose.recipient_option", property=label, number=self.words.phone(e164))

    @property
    def consent(self) -> Locator:
        """The alert on a number whose owner has opted out."""
        title = self.words.app("compose.opted_out.title")
        return self.root.get_by_role("alert").filter(has_text=title)

    @property
    def consent_reason(self) -> Locator:
        return self.root.get_by_role("textbox", name=self.words.app("compose.consent.reason"))

    def push_type(self, name: str) -> Locator:
        """The radio button of `alert` or `marketing`."""
        group = self.root.get_by_role("radiogroup", name=self.words.app("compose.push_type"))
        return group.get_by_role("radio", name=self.words.app(f"compose.{name}"))

    # Text

    @property
    def text(self) -> Locator:
        return self.root.get_by_role("textbox", name=self.words.app("compose.text"), exact=True)

    def write(self, text: str) -> "Composer":
        self.text.fill(text)
        return self

    @property
    def unicode(self) -> Locator:
        return self.root.get_by_role("checkbox", name=self.words.app("compose.unicode"))

    def count_line(self, *, units: int, limit: int, parts: int, cost: int | None = None) -> Locator:
        """The line with the count; by default one credit for each SMS."""
        words = self.words
        texts = [
            words.app("compose.counter", units=units, limit=limit),
            words.app("compose.parts", count=parts),
            words.app("compose.cost", count=parts if cost is None else cost),
        ]
        return self.root.get_by_text(" · ".join(texts), exact=True)

    # Sender and time

    @property
    def departure(self) -> Locator:
        """The button that opens sender and time; its name shows both."""
        return self._section("compose.departure")

    @property
    def custom_sender(self) -> Locator:
        return self.root.get_by_role("switch", name=self.words.app("compose.custom_sender"))

    @property
    def sender(self) -> Locator:
        return self.root.get_by_role("textbox", name=self.words.app("compose.sender"))

    def choose_sender(self, name: str = "") -> None:
        """Open sender and time, choose a custom sender, and type its name."""
        self._open(self.departure)
        press(self.custom_sender)
        if name:
            self.sender.fill(name)

    @property
    def date(self) -> Locator:
        return self.root.get_by_label(self.words.app("compose.schedule_date"), exact=True)

    @property
    def time(self) -> Locator:
        return self.root.get_by_label(self.words.app("compose.schedule_time"), exact=True)

    def schedule(self, at: datetime) -> "Composer":
        """Choose a date and a time in the portal's time zone."""
        self._open(self.departure)
        press(self.root.get_by_role("radio", name=self.words.app("compose.schedule_later")))
        self.date.fill(at.date().isoformat())
        self.time.fill(at.strftime("%H:%M"))
        return self

    @property
    def submit(self) -> Locator:
        """The send button, whatever its label."""
        verbs = [self.words.app(f"compose.{key}", count=0) for key in ("submit", "submit_later")]
        some = "|".join(_pattern(verb).replace("0", r"\d+") for verb in verbs)
        empty = _pattern(self.words.app("compose.submit_empty"))
        return self.root.get_by_role("button", name=re.compile(f"^(?:{empty}|(?:{some})(?: · .+)?)$"))

    def announces(self, parts: int, cost: int | None = None, *, later: bool = False) -> str:
        """The button's label once the number of SMS and their cost are known; by default one credit each."""
        words = self.words
        action = words.app("compose.submit_later" if later else "compose.submit", count=parts)
        cost = parts if cost is None else cost
        return words.app("compose.submit_cost", action=action, cost=words.app("compose.cost", count=cost))

    def send(self) -> None:
        press(self.submit)

    def confirm(self) -> None:
        """Answer the question on a date far away, or on the same SMS a moment ago."""
        press(self.tools.button("compose.ask.yes"))

    @property
    def preview(self) -> Locator:
        """The text as the recipient will read it."""
        return self.says("compose.preview.title").locator("xpath=following-sibling::*[1]")

    @property
    def refusal(self) -> Locator:
        """The alert in the preview with the reason why the message cannot be sent."""
        title = self.words.app("compose.preview.refused")
        return self.root.get_by_role("alert").filter(has_text=title)

    def verdict(self, code: str) -> Locator:
        """The alert in the preview with SMSFactor's verdict on the message."""
        return self.root.get_by_role("alert").filter(has_text=self.words.app(f"compose.verdict.{code}"))

    @property
    def failure(self) -> Locator:
        """The alert above the button with the error of the last attempt."""
        titles = [_pattern(self.words.app(f"compose.{key}_title")) for key in ("not_sent", "undecided")]
        return self.root.get_by_role("alert").filter(has_text=re.compile("|".join(titles)))

    def _section(self, title_key: str) -> Locator:
        """A collapsible section, by the text key of its title, whose slot shows the current value."""
        label = _pattern(self.words.app(title_key, sender="", when="", name="").split("·")[0].strip())
        return self.root.get_by_role("button", name=re.compile(f"^{label}"))

    def _open(self, section: Locator) -> None:
        if section.get_attribute("aria-expanded") == "false":
            press(section)
        expect(section).to_have_attribute("aria-expanded", "true")


def _pattern(text: str) -> str:
    """A text as part of a regular expression, where Playwright does not treat all spaces as equal."""
    return re.sub(r"(?:\\?\s)+", r"\\s", re.escape(text))
