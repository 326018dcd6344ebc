"""The SMSFactor simulator as tests use it: its control API, by verbs."""

from collections.abc import Sequence
from typing import Any

import requests

TIMEOUT_S = 15.0


class Gateway:
    """A running SMSFactor simulator at `url`, whose first account has `token`."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.token = token

    def accepted(self) -> list[dict[str, Any]]:
        """Every SMS the gateway ever accepted, in order: its own log, the proof of "once"."""
        rows: list[dict[str, Any]] = self._get("accepted")["accepted"]
        return rows

    def accepted_ids(self, prefix: str = "") -> list[str]:
        return [row["gsmsmsid"] for row in self.accepted() if row["gsmsmsid"].startswith(prefix)]

    def fault(self, kind: str, path: str = "/send", method: str = "POST", **details: Any) -> str:
        """Order a fault for the next call; returns its id."""
        return str(self._post("faults", {"method": method, "path": path, "kind": kind, **details})["id"])

    def wait_for_hit(self, fault_id: str, timeout_s: float = 20.0) -> None:
        """Return once the fault has taken effect, e.g. a call stands at the barrier."""
        state = self._get(f"faults/{fault_id}?wait_hits=1&timeout_s={timeout_s}", timeout_s + 5)
        assert state["hits"] >= 1, f"nothing met fault {fault_id}: {state}"

    def release(self, fault_id: str) -> None:
        self._post(f"faults/{fault_id}/release", {})

    def clear_faults(self) -> None:
        requests.delete(f"{self.url}/_control/faults", timeout=TIMEOUT_S).raise_for_status()

    def reset(self) -> None:
        self._post("reset", {})

    def advance(self, seconds: float) -> None:
        self._post("clock", {"advance_s": seconds})

    def set(self, **settings: Any) -> None:
        self._post("settings", settings)

    def calls(self, path: str = "/send", method: str = "POST") -> int:
        """How often an endpoint was called."""
        counts = self._get(f"calls?path={path}&method={method}")["counts"]
        return int(counts.get(f"{method} {path}", 0))

    def messages_on(self, number: str) -> list[dict[str, Any]]:
        """What a handset shows, oldest first."""
        for handset in self._get("handsets")["handsets"]:
            if handset["number"] == number.lstrip("+"):
                messages: list[dict[str, Any]] = handset["messages"]
                return messages
        return []

    def set_account(self, **values: Any) -> None:
        """Change the first account: credits, postpaid, unlimited, active."""
        client_id = self._get("accounts")["accounts"][0]["client_id"]
        self._post(f"accounts/{client_id}", values)

    def list_numbers(self, name: str, numbers: Sequence[str]) -> None:
        """Put numbers (E.164) on the account's "blacklist" or "npai" list, as SMSFactor's own platform would."""
        contacts = {"gsm": [{"value": number.lstrip("+")} for number in numbers]}
        requests.post(
            f"{self.url}/{name}",
            json={name: {"contacts": contacts}},
            headers=self._headers(),
            timeout=TIMEOUT_S,
        ).raise_for_status()

    def texts_on(self, number: str) -> list[str]:
        """What a handset has received, oldest first; its own answers left out."""
        return [row["text"] for row in self.messages_on(number) if row["direction"] == "received"]

    def target_of(self, code: str) -> str:
        """Where a short link leads. Asking is a click, as on a handset."""
        answer = requests.get(f"{self.url}/s/{code}", timeout=TIMEOUT_S, allow_redirects=False)
        answer.raise_for_status()
        return answer.headers["Location"]

    def stop_list(self) -> frozenset[str]:
        """The numbers on the account's own STOP list, without "+"."""
        answer = requests.get(f"{self.url}/blacklist?length=1000", headers=self._headers(), timeout=TIMEOUT_S)
        answer.raise_for_status()
        return frozenset(row["destination"] for row in answer.json()["list"])

    def has_told(self, kind: str, number: str) -> bool:
        """Whether a webhook of this kind ("STOP") about a number has been answered by its subscriber."""
        digits = number.lstrip("+")
        return any(
            row["type"] == kind and row["state"] == "delivered" and digits in row["payload"].values()
            for row in self._get("webhooks")["deliveries"]
        )

    def control(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Any other order of the control API."""
        return self._post(path, body)

    def _headers(self) -> dict[str, str]:
        """Of a caller with the account's token."""
        return {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}

    def _get(self, path: str, timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
        answer = requests.get(f"{self.url}/_control/{path}", timeout=timeout_s)
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        return body

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = requests.post(f"{self.url}/_control/{path}", json=body, timeout=TIMEOUT_S)
        answer.raise_for_status()
        result: dict[str, Any] = answer.json() if answer.content else {}
        return result
