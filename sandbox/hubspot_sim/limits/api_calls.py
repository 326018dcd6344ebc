"""Counts every call of HubSpot's APIs by family, and records when calls were refused as too many.

A budget counts calls by family: "objects: batch update", "events: batch" and so on. Calls that a fault left without an
answer count too, with the status "none".
"""

import re
import threading
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import Any

from sandbox.control.calls import Call

# First match wins: (method, path, family).
_FAMILIES = tuple(
    (method, re.compile(path), family)
    for method, path, family in (
        (None, r"/oauth/", "oauth"),
        (None, r"/(account-info|appinstalls)/", "account"),
        (None, r"/crm/objects/[^/]+/[^/]+/search$", "search"),
        (None, r"/crm/objects/[^/]+/[^/]+/batch/read$", "objects: batch read"),
        ("POST", r"/crm/objects/[^/]+/tasks/batch/create$", "tasks: batch create"),
        ("POST", r"/crm/objects/[^/]+/communications/batch/create$", "communications: batch create"),
        ("POST", r"/crm/objects/[^/]+/[^/]+/batch/create$", "objects: batch create"),
        (None, r"/crm/objects/[^/]+/[^/]+/batch/", "objects: batch update"),
        ("PUT", r"/crm/objects/[^/]+/[^/]+/[^/]+/associations/", "associations: create"),
        ("GET", r"/crm/objects/[^/]+/[^/]+/[^/]+/associations/", "associations: read"),
        (None, r"/crm/associations/", "associations: batch read"),
        ("POST", r"/crm/objects/[^/]+/communications$", "communications: create"),
        ("POST", r"/crm/objects/[^/]+/tasks$", "tasks: create"),
        ("POST", r"/crm/objects/[^/]+/[^/]+$", "objects: create"),
        ("PATCH", r"/crm/objects/", "objects: update"),
        ("DELETE", r"/crm/objects/", "objects: archive"),
        ("GET", r"/crm/objects/", "objects: read"),
        (None, r"/crm/properties/", "properties"),
        (None, r"/crm/owners/", "owners"),
        (None, r"/integrators/timeline/.*/batch$", "events: batch"),
        (None, r"/integrators/timeline/", "events: single"),
        (None, r"/automation/actions/callbacks/[^/]+/complete$", "callbacks: batch"),
        (None, r"/automation/actions/callbacks/", "callbacks: single"),
        (None, r"/(crm|automation|integrators|conversations|webhooks)/", "other"),
    )
)
_KEPT_TIMES = 10_000


def family_of(method: str, path: str) -> str | None:
    """The family of a call; None for a call that is not an API call (a page, hubspot.fetch)."""
    for wanted, pattern, family in _FAMILIES:
        if wanted in (None, method) and pattern.match(path):
            return family
    return None


class ApiCalls:
    """Totals since the last reset. Instants are real seconds since the first call after it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Set all counts to zero."""
        with self._lock:
            self._statuses: defaultdict[str, Counter[str]] = defaultdict(Counter)
            self._too_many_at: list[float] = []
            self._too_many: Counter[str] = Counter()
            self._first: float | None = None
            self._since = datetime.now(UTC)

    def note(self, call: Call) -> None:
        """Count a call that is finished, answered or not."""
        family = family_of(call.method, call.path)
        if family is None:
            return
        with self._lock:
            now = time.monotonic()
            if self._first is None:
                self._first = now
            self._statuses[family][str(call.status or "none")] += 1
            if call.status == 429:
                at_s = now - self._first
                self._too_many[str(call.notes.get("too_many", "fault"))] += 1
                self._too_many["first_second" if at_s <= 1 else "later"] += 1
                if len(self._too_many_at) < _KEPT_TIMES:
                    self._too_many_at.append(round(at_s, 3))

    def as_json(self) -> dict[str, Any]:
        """The shape of GET /sandbox-api/api-calls. too_many: all 429, by cause (limit: the app called too often,
        ordered: setting answer_429_percent, fault: ordered at /_control/faults) and by time. since: the last reset, in
        real time.
        """
        with self._lock:
            families = {
                family: {"calls": statuses.total(), "statuses": dict(statuses)}
                for family, statuses in sorted(self._statuses.items())
            }
            return {
                "since": self._since.isoformat(timespec="seconds"),
                "total": sum(family["calls"] for family in families.values()),
                "families": families,
                "too_many": {
                    "total": self._too_many["first_second"] + self._too_many["later"],
                    **{
                        name: self._too_many[name]
                        for name in ("limit", "ordered", "fault", "first_second", "later")
                    },
                    "at_s": list(self._too_many_at),
                },
            }
