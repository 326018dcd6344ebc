"""The simulator's clock: real time plus an offset that tests and people can move."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Aware UTC time that runs at real speed and can be moved.

    A scheduler registers with `on_move` and is called after each move, so it wakes at once and need not poll.
    """

    def __init__(self) -> None:
        self._offset = timedelta()
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """The simulator's present instant, aware UTC."""
        with self._lock:
            return datetime.now(UTC) + self._offset

    def advance(self, seconds: float) -> datetime:
        """Move forward by `seconds` (not negative) and wake the listeners; returns the new instant.

        Raises ValueError for a negative number: only `set` moves the clock back.
        """
        if seconds < 0:
            raise ValueError("advance_s must not be negative")
        with self._lock:
            self._offset += timedelta(seconds=seconds)
        self._notify()
        return self.now()

    def set(self, instant: datetime) -> datetime:
        """Put the clock at an aware instant, earlier or later, and wake the listeners; returns the new
        instant."""
        with self._lock:
            self._offset = instant - datetime.now(UTC)
        self._notify()
        return self.now()

    def reset(self) -> None:
        """Go back to real time."""
        with self._lock:
            self._offset = timedelta()
        self._notify()

    def on_move(self, listener: Callable[[], None]) -> None:
        """Call `listener` (no arguments, must be quick) after every move."""
        self._listeners.append(listener)

    def _notify(self) -> None:
        for listener in self._listeners:
            listener()
