"""The handsets of the SMSFactor simulator: what they received, and their short links."""

from typing import Any

import requests

from sandbox.driver.control import TIMEOUT_S, Control


class Handsets(Control):
    """The phones of the simulated carrier."""

    def messages_on(self, number: str) -> list[dict[str, Any]]:
        """The messages that a handset shows, oldest first."""
        for handset in self.look("handsets")["handsets"]:
            if handset["number"] == number.lstrip("+"):
                messages: list[dict[str, Any]] = handset["messages"]
                return messages
        return []

    def texts_on(self, number: str) -> list[str]:
        """The texts that a handset has received, oldest first, without its own answers."""
        return [row["text"] for row in self.messages_on(number) if row["direction"] == "received"]

    def target_of(self, code: str) -> str:
        """The target of a short link. Reading it counts as a click, as on a handset."""
        answer = requests.get(f"{self.url}/s/{code}", timeout=TIMEOUT_S, allow_redirects=False)
        answer.raise_for_status()
        return answer.headers["Location"]
