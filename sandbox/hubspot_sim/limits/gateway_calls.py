"""How often the app has called SMSFactor, as that simulator counts it: shown beside the calls of HubSpot's APIs."""

from collections import Counter
from typing import Any

import requests

_TIMEOUT_S = 5.0
# Counts alone are asked for: no call has such a number.
_AFTER_ALL = 2**53


class GatewayCalls:
    """Totals since the last reset, by method and the first part of the path: ids of messages are no endpoints."""

    def __init__(self, gateway_url: str) -> None:
        self._url = gateway_url
        self._before: Counter[str] = Counter()

    def reset(self) -> None:
        """Begin to count anew; the simulator itself goes on counting."""
        self._before = self._read() or Counter()

    def as_json(self) -> dict[str, Any] | None:
        """`{"total", "endpoints": {"POST /send": 3}}`; None when the simulator is not there."""
        now = self._read()
        if now is None:
            return None
        endpoints = now - self._before  # where its world was begun anew, nothing is left of the difference
        return {"total": endpoints.total(), "endpoints": dict(sorted(endpoints.items()))}

    def _read(self) -> Counter[str] | None:
        try:
            answer = requests.get(
                f"{self._url}/_control/calls", params={"since": _AFTER_ALL}, timeout=_TIMEOUT_S
            )
            answer.raise_for_status()
        except requests.RequestException:
            return None
        counts: Counter[str] = Counter()
        for call, number in answer.json()["counts"].items():
            method, path = call.split(" ", 1)
            counts[f"{method} /{path.split('/')[1]}"] += number
        return counts
