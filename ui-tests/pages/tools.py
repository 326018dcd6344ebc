"""The composer's tools: properties, links and emoji below the text, templates above it."""

import re

from playwright.sync_api import Locator, Page, expect

from pages.press import press
from pages.words import Words

TOOLS = ("template", "token", "link", "emoji", "save_template")


class Tools:
    def __init__(self, page: Page, root: Locator, words: Words) -> None:
        self.page, self.root, self.words = page, root, words

    def button(self, key: str, **slots: object) -> Locator:
        """A button of the composer, by its text key."""
        return self.root.get_by_role("button", name=self.words.app(key, **slots), exact=True)

    def tool(self, name: str) -> Locator:
        """The button that opens and closes one of TOOLS."""
        return self.button(f"compose.tool.{name}")

    # Properties

    @property
    def token_property(self) -> Locator:
        return self.root.get_by_role("combobox", name=self.words.app("compose.token.property"))

    @property
    def token_fallback(self) -> Locator:
        return self.root.get_by_role("textbox", name=self.words.app("compose.token.fallback"))

    @property
    def insert_token(self) -> Locator:
        return self.button("compose.insert")

    def find_property(self, typed: str) -> Locator:
        """Open the list of properties, type into its search, and return the options."""
        press(self.token_property)
        self.page.get_by_role("textbox", name=self.words.page("common.search")).fill(typed)
        listed = self.page.get_by_role("listbox", name=self.words.app("compose.token.property"))
        return listed.get_by_role("option")

    def add_token(self, typed: str, fallback: str = "") -> None:
        """Insert the only property that matches the typed text; the tool must be open."""
        found = self.find_property(typed)
        expect(found).to_have_count(1)
        press(found)
        self.token_fallback.fill(fallback)
        press(self.insert_token)

    # Links

    @property
    def link_address(self) -> Locator:
        return self.root.get_by_role("textbox", name=self.words.app("compose.link.address"))

    def add_link(self, address: str) -> None:
        """Insert a link and check that it is there; the tool must be open."""
        self.link_address.fill(address)
        press(self.button("compose.link.add"))
        expect(self.link_address).to_be_hidden()

    def mark(self, number: int) -> str:
        """The mark of a link in the text."""
        return self.words.app("compose.link_mark", number=str(number))

    def remove_link(self, number: int) -> Locator:
        return self.button("compose.link_remove", mark=self.mark(number))

    # Emoji

    @property
    def emoji_search(self) -> Locator:
        return self.root.get_by_role("searchbox", name=self.words.app("compose.emoji.search"))

    def emoji(self, emoji: str) -> Locator:
        return self.root.get_by_role("button", name=emoji, exact=True)

    # Templates

    @property
    def template(self) -> Locator:
        name = re.compile(f"^{self.words.app('compose.template.choose')}")
        return self.root.get_by_role("combobox", name=name)

    def choose_template(self, name: str) -> None:
        """Take a template; the tool must be open."""
        press(self.template)
        press(self.page.get_by_role("option", name=name, exact=True))

    @property
    def template_name(self) -> Locator:
        return self.root.get_by_role("textbox", name=self.words.app("compose.template.name"))

    def save_template(self, name: str) -> None:
        """Save the text under a name; the tool must be open."""
        self.template_name.fill(name)
        press(self.button("compose.template.save"))

    def rename_template(self, name: str) -> None:
        """Rename the chosen template."""
        press(self.button("compose.template.rename"))
        self.template_name.fill(name)
        press(self.button("compose.template.rename"))

    @property
    def template_failure(self) -> Locator:
        """The error of an action on a template."""
        title = self.words.app("compose.template.error_title")
        return self.root.get_by_role("alert").filter(has_text=title)
