"""The control API that both simulators have: faults and barriers, clock, settings, the log of calls."""

from typing import Any

import requests

TIMEOUT_S = 30.0


class Control:
    """The control API of the simulator at `url` (its /_control/help lists everything)."""

    def __init__(self, url: str) -> None:
        self.url = url

    def fault(self, kind: str, path: str, method: str = "POST", **details: Any) -> str:
        """Order a fault for the next call of a path and return the fault's id."""
        order = {"method": method, "path": path, "kind": kind, **details}
        return str(self.control("faults", order)["id"])

    def wait_for_hit(self, fault_id: str, timeout_s: float = 20.0) -> None:
        """Return once the fault has taken effect, e.g. a call stands at the barrier."""
        state = self.look(f"faults/{fault_id}?wait_hits=1&timeout_s={timeout_s}", timeout_s + 5)
        assert state["hits"] >= 1, f"nothing met fault {fault_id}: {state}"

    def release(self, fault_id: str) -> None:
        """Let the calls at a barrier go on."""
        self.control(f"faults/{fault_id}/release", {})

    def clear_faults(self) -> None:
        """End all faults and barriers."""
        requests.delete(f"{self.url}/_control/faults", timeout=TIMEOUT_S).raise_for_status()

    def reset(self) -> None:
        """Bring the simulator back to its start."""
        self.control("reset", {})

    def advance(self, seconds: float) -> None:
        """Move the simulator's clock forward."""
        self.control("clock", {"advance_s": seconds})

    def set(self, **settings: Any) -> None:
        """Change settings of the simulator."""
        self.control("settings", settings)

    def settings(self) -> dict[str, Any]:
        """The settings of the simulator."""
        found: dict[str, Any] = self.look("settings")["settings"]
        return found

    def logged_calls(self, path: str) -> list[dict[str, Any]]:
        """The calls of a path, oldest first, with their bodies."""
        found: list[dict[str, Any]] = self.look(f"calls?path={path}")["calls"]
        return found

    def count_calls(self, path: str, method: str = "POST") -> int:
        """How often an endpoint was called."""
        counts = self.look(f"calls?path={path}&method={method}")["counts"]
        return int(counts.get(f"{method} {path}", 0))

    def look(self, path: str, timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
        """Read from the control API."""
        answer = requests.get(f"{self.url}/_control/{path}", timeout=timeout_s)
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        return body

    def control(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Give an order to the control API."""
        answer = requests.post(f"{self.url}/_control/{path}", json=body, timeout=TIMEOUT_S)
        answer.raise_for_status()
        result: dict[str, Any] = answer.json() if answer.content else {}
        return result
