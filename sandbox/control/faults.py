"""Faults that a test orders: wrong answers, lost connections, silence, and barriers that hold a call.

A barrier replaces a sleep. The test orders it, makes the call and waits (long-poll) until the call stands at the
barrier. It then acts "in between" (kills a process, sends a receipt) and releases the call.
"""

import threading
import time
from dataclasses import dataclass
from itertools import count
from typing import Any

from sandbox.control.calls import path_matches
from sandbox.control.connection import Connection

# The longest time a call is held, whatever happens to the test that ordered it.
LONGEST_HOLD_S = 120.0
# How often a held call checks whether its client has gone. A check costs one system call.
LOOK_EVERY_S = 0.05

BEFORE_KINDS = ("status", "timeout_before", "reset_before", "hold_before", "slow")
AFTER_KINDS = ("status_after", "timeout_after", "reset_after", "malformed", "hold_after")
KINDS = BEFORE_KINDS + AFTER_KINDS


class FaultError(ValueError):
    """An invalid fault order. The text names the field and the allowed values."""


@dataclass
class Fault:
    """One order and its effects so far. `remaining` is the number of calls it will still affect."""

    id: str
    kind: str
    method: str | None
    path: str
    remaining: int
    status: int
    body: Any
    headers: dict[str, str]
    drop: bool
    duplicate: bool
    contains: str
    delay_s: float
    hits: int = 0
    waiting: int = 0
    released: bool = False
    discarded: bool = False

    def as_json(self) -> dict[str, Any]:
        """The answer of GET /_control/faults/{id}."""
        return {
            "id": self.id,
            "kind": self.kind,
            "hits": self.hits,
            "waiting": self.waiting,
            "released": self.released,
            "remaining": self.remaining,
        }


_FIELDS: dict[str, tuple[type | tuple[type, ...], Any]] = {
    "kind": (str, None),
    "method": ((str, type(None)), None),
    "path": (str, None),
    "count": (int, 1),
    "status": (int, 503),
    "body": ((dict, list, str, type(None)), None),
    "headers": (dict, {}),
    "drop": (bool, False),
    "duplicate": (bool, False),
    "contains": (str, ""),
    "delay_s": ((int, float), 1.0),
}


def read_order(fault_id: str, order: Any) -> Fault:
    """The fault a JSON order describes. Raises FaultError for an unknown field, kind, or value."""
    if not isinstance(order, dict):
        raise FaultError("the body must be a JSON object")
    unknown = sorted(set(order) - set(_FIELDS))
    if unknown:
        raise FaultError(f"unknown field {unknown[0]!r}; there are: {', '.join(_FIELDS)}")
    values: dict[str, Any] = {}
    for name, (kind, default) in _FIELDS.items():
        value = order.get(name, default)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise FaultError(f"{name} is missing or of the wrong type")
        values[name] = value
    if values["kind"] not in KINDS:
        raise FaultError(f"kind must be one of {', '.join(KINDS)}")
    if values["count"] < 1 or not 100 <= values["status"] <= 599:
        raise FaultError("count must be at least 1, status an HTTP status")
    method = values.pop("method")
    remaining = values.pop("count")
    return Fault(id=fault_id, method=method and method.upper(), remaining=remaining, **values)


class FaultBoard:
    """The orders in force. One condition variable guards them all: every change of an order wakes its waiters."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._faults: dict[str, Fault] = {}
        self._ids = count(1)

    def order(self, order: Any) -> Fault:
        """Put up a new fault. Raises FaultError."""
        with self._changed:
            fault = read_order(f"f{next(self._ids)}", order)
            self._faults[fault.id] = fault
            return fault

    @property
    def is_quiet(self) -> bool:
        """Whether no fault is ordered."""
        return not self._faults

    def take(self, method: str, path: str, content: str) -> Fault | None:
        """The oldest fault that matches this call and has calls left, now one fewer. None if no fault matches."""
        with self._changed:
            for fault in self._faults.values():
                if (
                    fault.remaining > 0
                    and fault.method in (None, method)
                    and path_matches(fault.path, path)
                    and fault.contains in content
                ):
                    fault.remaining -= 1
                    return fault
        return None

    def hit(self, fault: Fault) -> None:
        """Count that the fault has taken effect. For the kinds "after", the call has been processed by then."""
        with self._changed:
            fault.hits += 1
            self._changed.notify_all()

    def hold(self, fault: Fault, connection: Connection) -> str:
        """Stand at the barrier; returns how it ended: "released", "dropped", "gone" (the client) or
        "expired". A slow call ends after its own delay and cannot be released."""
        is_slow = fault.kind == "slow"
        deadline = time.monotonic() + (min(fault.delay_s, LONGEST_HOLD_S) if is_slow else LONGEST_HOLD_S)
        with self._changed:
            fault.hits += 1
            fault.waiting += 1
            self._changed.notify_all()
            try:
                while not fault.released:
                    if connection.is_gone():
                        return "gone"
                    if time.monotonic() >= deadline:
                        return "released" if is_slow else "expired"
                    self._changed.wait(LOOK_EVERY_S)
                return "dropped" if fault.drop or fault.discarded else "released"
            finally:
                fault.waiting -= 1
                self._changed.notify_all()

    def release(self, fault_id: str) -> Fault | None:
        """Open a barrier for waiting and later calls. None when there is no such fault."""
        with self._changed:
            fault = self._faults.get(fault_id)
            if fault is not None:
                fault.released = True
                self._changed.notify_all()
            return fault

    def clear(self) -> None:
        """Remove all orders. Calls still held are discarded, since the test that ordered them has ended."""
        with self._changed:
            for fault in self._faults.values():
                fault.remaining = 0
                fault.discarded = True
                fault.released = True
            self._faults.clear()
            self._changed.notify_all()

    def look(self, fault_id: str, *, hits: int = 0, waiting: int = 0, timeout_s: float = 0.0) -> Fault | None:
        """Return the fault once it has at least `hits` hits and `waiting` calls at its barrier, or at the timeout."""
        deadline = time.monotonic() + min(timeout_s, LONGEST_HOLD_S)
        with self._changed:
            while True:
                fault = self._faults.get(fault_id)
                left_s = deadline - time.monotonic()
                if fault is None or (fault.hits >= hits and fault.waiting >= waiting) or left_s <= 0:
                    return fault
                self._changed.wait(left_s)

    def all(self) -> list[Fault]:
        """Every fault ordered since the last clear, oldest first."""
        with self._changed:
            return list(self._faults.values())
