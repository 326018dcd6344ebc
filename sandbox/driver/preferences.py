"""The app's settings in the portal: preferences, rights, limits."""

from typing import Any

from sandbox.driver.views import SETTINGS, Views

RIGHTS = ("send", "templates", "consent", "settings")


class Preferences(Views):
    """The calls by which the settings page changes the settings."""

    def preferences(self) -> dict[str, Any]:
        """The portal's settings of the app."""
        found: dict[str, Any] = self.ask(SETTINGS, "/settings/preferences", {})["preferences"]
        return found

    def prefer(self, **changes: Any) -> None:
        """Change some of the app's settings."""
        self.ask(SETTINGS, "/settings/save-preferences", {**self.preferences(), **changes})

    def reserve(self, **rights: list[int] | None) -> None:
        """Grant the named rights to these users only. None, and every right not named: granted to everyone."""
        everybody: dict[str, Any] = dict.fromkeys(RIGHTS)
        self.ask(SETTINGS, "/settings/save-rights", {**everybody, **rights})

    def hold_nothing_back(self) -> None:
        """End a pause and all sending limits."""
        self.ask(SETTINGS, "/settings/resume-outgoing", {})
        ages = dict.fromkeys(("card", "reply", "workflow", "bulk"), 24)
        limits = {"hourly_cap": None, "pace_per_minute": None, "max_ages_h": ages}
        self.ask(SETTINGS, "/settings/limit-outgoing", limits)
