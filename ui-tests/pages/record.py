"""A contact's page: properties on the left, activities in the middle, our card on the right."""

from playwright.sync_api import Locator, Page

from pages.card import Card
from pages.press import press
from pages.words import Words


class RecordPage:
    def __init__(self, page: Page, words: Words) -> None:
        self.page, self.words = page, words
        self.card = Card(page, words)

    @property
    def properties(self) -> Locator:
        return self.page.get_by_role("complementary", name=self.words.page("record.about"))

    def value_of(self, name: str) -> Locator:
        """The value of a property, by its internal name: labels of properties may begin alike."""
        return self.properties.locator(f"[data-property={name}]").get_by_role("definition")

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
