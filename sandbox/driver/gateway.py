"""The SMSFactor simulator as its operator sees it: accepted SMS, accounts, lists and webhooks."""

from collections.abc import Sequence
from typing import Any

import requests

from sandbox.driver.control import TIMEOUT_S
from sandbox.driver.handsets import Handsets


class Gateway(Handsets):
    """A running SMSFactor simulator at `url`, whose first account has `token`."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__(url)
        self.token = token

    def accepted(self) -> list[dict[str, Any]]:
        """Every SMS the gateway ever accepted, in order. This log proves that each SMS was sent once."""
        rows: list[dict[str, Any]] = self.look("accepted")["accepted"]
        return rows

    def accepted_ids(self, prefix: str = "") -> list[str]:
        """The ids that the connector gave to the accepted SMS."""
        return [row["gsmsmsid"] for row in self.accepted() if row["gsmsmsid"].startswith(prefix)]

    def fault(self, kind: str, path: str = "/send", method: str = "POST", **details: Any) -> str:
        """Order a fault for the next call of the path, by default the sending route, and return the fault's id."""
        return super().fault(kind, path, method, **details)

    def calls(self, path: str = "/send", method: str = "POST") -> int:
        """How often an endpoint was called, by default the sending one."""
        return self.count_calls(path, method)

    def set_account(self, **values: Any) -> None:
        """Change the first account: credits, postpaid, unlimited, active."""
        client_id = self.look("accounts")["accounts"][0]["client_id"]
        self.control(f"accounts/{client_id}", values)

    def list_numbers(self, name: str, numbers: Sequence[str]) -> None:
        """Put numbers (E.164) on the account's "blacklist" or "npai" list, as SMSFactor's own platform would."""
        contacts = {"gsm": [{"value": number.lstrip("+")} for number in numbers]}
        requests.post(
            f"{self.url}/{name}",
            json={name: {"contacts": contacts}},
            headers=self._headers(),
            timeout=TIMEOUT_S,
        ).raise_for_status()

    def stop_list(self) -> frozenset[str]:
        """The numbers on the account's own STOP list, without "+"."""
        return frozenset(row["destination"] for row in self._get("blacklist?length=1000")["list"])

    def webhook_types(self) -> frozenset[str]:
        """The types of event for which the account has a webhook."""
        return frozenset(webhook["type"] for webhook in self._get("webhook").get("webhooks", []))

    def webhooks(self) -> list[dict[str, Any]]:
        """The account's webhooks as the API lists them."""
        rows: list[dict[str, Any]] = self._get("webhook")["webhooks"]
        return rows

    def create_webhook(self, type_: str, url: str) -> str:
        """Register a webhook of another application; returns its id."""
        made = self._call("POST", "webhook", {"webhook": {"type": type_, "url": url}})
        return str(made["webhook"]["webhook_id"])

    def delete_webhook(self, webhook_id: str) -> None:
        """Remove a webhook, as a person on the platform would."""
        self._call("DELETE", f"webhook/{webhook_id}")

    def pause_webhook(self, webhook_id: str) -> None:
        """Pause a webhook, as a person on the platform would."""
        self._call("PUT", f"webhook/{webhook_id}/status", {"webhook": {"status": "paused"}})

    def say(self, number: str, text: str) -> None:
        """An SMS from a handset (E.164); one that begins with the word stop is an opt-out."""
        self.control("mo", {"number": number, "text": text})

    def wait_idle(self) -> None:
        """Return once nothing is due or under way."""
        assert self.look(f"idle?timeout_s={TIMEOUT_S}", TIMEOUT_S + 5)["idle"], (
            "the simulator did not come to rest"
        )

    def has_told(self, kind: str, number: str) -> bool:
        """Whether the subscriber has answered a webhook of this kind ("STOP") about a number."""
        digits = number.lstrip("+")
        return any(
            row["type"] == kind and row["state"] == "delivered" and digits in row["payload"].values()
            for row in self.look("webhooks")["deliveries"]
        )

    def _get(self, path: str) -> dict[str, Any]:
        return self._call("GET", path)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = requests.request(
            method, f"{self.url}/{path}", json=body, headers=self._headers(), timeout=TIMEOUT_S
        )
        answer.raise_for_status()
        answered: dict[str, Any] = answer.json()
        return answered

    def _headers(self) -> dict[str, str]:
        """Headers of a caller with the account's token."""
        return {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
