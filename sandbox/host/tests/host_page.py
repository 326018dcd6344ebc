"""One page of the host, for the browser tests."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from sandbox.host.tests.page_server import CONTACT, PageWorld

_SETTLED = re.compile("ready|failed")


@dataclass
class HostPage:
    """A page of the host, and the world behind it."""

    page: Page
    world: PageWorld
    url: str

    def open_card(self, bundle: str = "Tour") -> Locator:
        """Opens the contact with that bundle as its card; returns the card, drawn or failed."""
        with self.world.lock:
            self.world.card = bundle
        self.page.goto(f"{self.url}{CONTACT}")
        card = self.page.locator("[data-extension=card]")
        expect(card).to_have_attribute("data-host-state", "ready" if bundle == "Tour" else _SETTLED)
        return card

    def open_tab(self, name: str) -> Locator:
        """Opens the tour card and returns one of its tabs."""
        card = self.open_card()
        card.get_by_role("tab", name=name).click()
        return card.get_by_role("tabpanel", name=name)

    def look_often(self) -> None:
        """Lets the page look for changes of the record every 200 ms instead of 2 s. Call before opening it."""
        self.page.add_init_script("window.sandboxPace = 10")

    def problems(self) -> list[str]:
        """The kinds of problems that the host has recorded, in order."""
        kinds: list[str] = self.page.evaluate("window.__hostProblems.map((problem) => problem.kind)")
        return kinds
