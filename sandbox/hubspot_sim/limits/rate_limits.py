"""Sliding windows over the simulator's clock. They limit the calls of an installed app."""

from collections import deque
from datetime import datetime, timedelta


class SlidingWindow:
    """Counts calls of the last `interval_s` seconds; refused calls are not counted."""

    def __init__(self) -> None:
        self._calls: deque[datetime] = deque()

    def take(self, now: datetime, most: int, interval_s: float) -> int | None:
        """Count one call. Returns how many are left in the window, or None when the call exceeds the limit."""
        start = now - timedelta(seconds=interval_s)
        # After the clock has been set back, calls in the future no longer count.
        while self._calls and (self._calls[0] <= start or self._calls[0] > now):
            self._calls.popleft()
        if len(self._calls) >= most:
            return None
        self._calls.append(now)
        return most - len(self._calls)
