"""Reads the SMSFactor simulator's count of the app's calls, shown beside the calls of HubSpot's APIs."""

from collections import Counter
from typing import Any

import requests

_TIMEOUT_S = 5.0
# No call has such a number, so the log answers with counts alone.
_AFTER_ALL = 2**53


class GatewayCalls:
    """Totals since the last reset, by method and first part of the path, because ids of messages are not endpoints."""

    def __init__(self, gateway_url: str) -> None:
        self._url = gateway_url
        self._before: Counter[str] = Counter()

    def reset(self) -> None:
        """Start counting from zero here. The SMSFactor simulator's own count continues."""
        self._before = self._read() or Counter()

    def as_json(self) -> dict[str, Any] | None:
        """`{"total", "endpoints": {"POST /send": 3}}`; None when that simulator does not answer."""
        now = self._read()
        if now is None:
            return None
        endpoints = now - self._before  # Counter drops negative counts, as after a reset there
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
