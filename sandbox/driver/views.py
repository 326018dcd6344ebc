"""The calls that the simulated HubSpot's pages make, including `hubspot.fetch` of the app's views."""

import json
from typing import Any

import requests

from sandbox.driver.control import TIMEOUT_S, Control
from sandbox.stack import PUBLIC_ORIGIN

VIEW_PREFIX = "/view"  # before every path of the views
CARD, SETTINGS = "sms_card_sidebar", "sms_settings"


class Views(Control):
    """The HubSpot simulator at `url`, used through its pages."""

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Call the simulator; return the JSON of its answer. Raises requests.HTTPError when the call is refused."""
        answer = requests.request(method, self.url + path, json=body, timeout=TIMEOUT_S)
        answer.raise_for_status()
        parsed: dict[str, Any] = answer.json() if answer.content else {}
        return parsed

    def session(self) -> dict[str, Any]:
        """The portal, its user and the installed app."""
        return self.call("GET", "/sandbox-api/session")

    def speak(self, language: str) -> None:
        """Set the language of the person at the screen."""
        self.call("POST", "/sandbox-api/session", {"language": language})

    def fetch(self, extension: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The result of a view's `hubspot.fetch` below VIEW_PREFIX: the backend's body, or the proxy's own error."""
        url = PUBLIC_ORIGIN + VIEW_PREFIX + path
        order = {"extension_uid": extension, "url": url, "method": "POST", "body": body}
        parsed: dict[str, Any] = json.loads(self.call("POST", "/sandbox-api/hubspot-fetch", order)["body"])
        return parsed

    def ask(self, extension: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return the answer's data; fail unless the call succeeds."""
        answer = self.fetch(extension, path, body)
        assert answer.get("ok"), answer
        data: dict[str, Any] = answer["data"]
        return data
