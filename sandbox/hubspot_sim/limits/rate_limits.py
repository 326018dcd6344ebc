"""Sliding windows over the simulator's clock: how many calls an installed app may still make."""

from collections import deque
from datetime import datetime, timedelta


class SlidingWindow:
    """Counts calls of the last `interval_s` seconds; refused calls are not counted."""

    def __init__(self) -> None:
        self._calls: deque[datetime] = deque()

    def take(self, now: datetime, most: int, interval_s: float) -> int | None:
        """Count one call; returns how many are left in the window, None when there was none left."""
        start = now - timedelta(seconds=interval_s)
        # A clock put back leaves calls in the future; they belong to no window any more.
        while self._calls and (self._calls[0] <= start or self._calls[0] > now):
            self._calls.popleft()
        if len(self._calls) >= most:
            return None
        self._calls.append(now)
        return most - len(self._calls)
