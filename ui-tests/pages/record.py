"""The page of a contact, company or deal: properties on the left, activities in the middle, our card on the right."""

import re

from playwright.sync_api import Locator, Page

from pages.card import Card
from pages.press import press
from pages.words import Words

KINDS = ("contacts", "companies", "deals")


class RecordPage:
    """The page of any kind of record."""

    def __init__(self, page: Page, words: Words) -> None:
        self.page, self.words = page, words
        self.card = Card(page, words)

    @property
    def properties(self) -> Locator:
        titles = (re.escape(self.words.page(f"record.about.{kind}")) for kind in KINDS)
        return self.page.get_by_role("complementary", name=re.compile(f"^({'|'.join(titles)})$"))

    def value_of(self, name: str) -> Locator:
        """The value of a property, by its internal name, because labels of properties may begin alike."""
        return self.properties.locator(f"[data-property={name}]").get_by_role("definition")

    @property
    def heading(self) -> Locator:
        """The record's name."""
        return self.properties.get_by_role("heading", level=1)

    def associated(self, kind: str) -> Locator:
        """The links to associated records of one of KINDS, in the right sidebar."""
        title = self.words.page(f"list.title.{kind}")
        return self.page.get_by_role("region", name=re.compile(rf"^{title} \(\d+\)$")).get_by_role("link")

    def edit_property(self, label: str, value: str) -> None:
        """Change a phone number as a person does: pencil, type, Enter."""
        press(self.properties.get_by_role("button", name=self.words.page("record.edit", label=label)))
        field = self.properties.get_by_role("textbox", name=label, exact=True)
        field.fill(value)
        field.press("Enter")

    def events(self, variable: str) -> Locator:
        """Timeline events of one type, newest first, by the profile variable that names the type."""
        timeline = self.page.get_by_role("region", name=self.words.page("record.activities"))
        return timeline.get_by_role("article", name=self.words.variable(variable))

    @property
    def toasts(self) -> Locator:
        """The messages that float at the top of the page."""
        close = self.page.get_by_role("button", name=self.words.page("common.close"))
        statuses = self.page.get_by_role("status").or_(self.page.get_by_role("alert"))
        return statuses.filter(has=close)
