"""A workflow of the sandbox: its editor, enrolling records, its history."""

from playwright.sync_api import Locator, Page

from pages.press import press
from pages.words import Words


class WorkflowPage:
    def __init__(self, page: Page, words: Words) -> None:
        self.page, self.words = page, words

    def choose_object(self, object_type_id: str) -> None:
        """What is enrolled; the editor then offers the action for it."""
        self.page.get_by_label(self.words.page("workflow.object"), exact=True).select_option(object_type_id)

    def field(self, action: str, name: str) -> Locator:
        """An input of the action, by its label in the action's definition."""
        return self.form.get_by_label(self.words.action(action, "inputFieldLabels", name), exact=True)

    @property
    def form(self) -> Locator:
        return self.page.get_by_role("tabpanel", name=self.words.page("workflow.tab.build"))

    def choose_live(self, action: str, name: str, typed: str) -> None:
        """Search in a list that the app gives, and take the first that fits."""
        label = self.words.action(action, "inputFieldLabels", name)
        press(self.form.get_by_role("button", name=label))
        found = self.page.get_by_role("dialog", name=label)
        found.get_by_role("searchbox").fill(typed)
        press(found.get_by_role("button").filter(has_text=typed).first)

    def insert_property(self, name: str) -> None:
        """Insert a token where the cursor of the message stands."""
        self.form.get_by_label(self.words.page("workflow.insertToken"), exact=True).select_option(name)

    def save(self) -> None:
        press(self.form.get_by_role("button", name=self.words.page("common.save"), exact=True))
        self._tab("enrol").and_(self.page.locator(":enabled")).wait_for()

    def enrol(self, *names: str) -> None:
        """Enrol records by the names that the list shows."""
        press(self._tab("enrol"))
        chosen = self.page.get_by_role("form", name=self.words.page("enrol.chosen"))
        for name in names:
            chosen.get_by_role("searchbox").fill(name)
            chosen.get_by_label(name, exact=True).check()
        form = "one" if len(names) == 1 else "other"
        press(chosen.get_by_role("button", name=self.words.page(f"enrol.start.{form}", count=len(names))))

    def open_enrol(self) -> None:
        press(self._tab("enrol"))

    def generate(self, count: int) -> None:
        """Enrol as many records that the sandbox makes up."""
        press(self._tab("enrol"))
        generated = self.page.get_by_role("form", name=self.words.page("enrol.generated"))
        generated.get_by_label(self.words.page("enrol.count")).fill(str(count))
        press(generated.get_by_role("button", name=self.words.page("enrol.generate")))

    @property
    def newest_run(self) -> Locator:
        """The numbers of the newest enrolment."""
        runs = self.page.get_by_role("region", name=self.words.page("runs.title"))
        return runs.get_by_role("row").filter(has=self.page.get_by_role("rowheader")).first

    def calls(self, service: str, name: str) -> Locator:
        """How often the app has called one endpoint of "HubSpot" or "SMSFactor", by its name on the page."""
        table = self.page.get_by_role("table", name=service)
        row = table.get_by_role("row").filter(has=self.page.get_by_role("rowheader", name=name, exact=True))
        return row.get_by_role("cell").first

    def count_anew(self) -> None:
        """Begin to count calls from now on."""
        press(self.page.get_by_role("button", name=self.words.page("calls.reset")))

    def history_of(self, name: str) -> Locator:
        """The newest line of a record in the history."""
        row = self.page.get_by_role("row").filter(has=self.page.get_by_role("rowheader", name=name))
        return row.first

    def open_history(self) -> None:
        press(self._tab("history"))

    def _tab(self, name: str) -> Locator:
        return self.page.get_by_role("tab", name=self.words.page(f"workflow.tab.{name}"))
