"""Runs scheduled actions: one thread follows the simulator's clock. Moving the clock wakes it."""

import heapq
import sys
import threading
import time
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sandbox.control import Clock

Action = Callable[[], object]


class Scheduler:
    """Runs actions in the order of their instants, each under `lock`, which is the world's."""

    def __init__(self, clock: Clock, lock: Any) -> None:
        self._clock = clock
        self._lock = lock
        self._changed = threading.Condition()
        self._due: list[tuple[datetime, int, Action]] = []
        self._order = count()
        self._busy = 0
        self._instant: datetime | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="scheduler", daemon=True)
        clock.on_move(self._wake)

    def start(self) -> None:
        """Begin to run due actions."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; due actions are not run."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join(5)

    def now(self) -> datetime:
        """The simulated present, aware UTC: inside an action, the instant it was due; elsewhere, the clock's
        instant.
        """
        running = self._instant if threading.current_thread() is self._thread else None
        return running or self._clock.now()

    def at(self, instant: datetime, action: Action) -> None:
        """Run `action` at an aware instant, or at once if that has passed."""
        with self._changed:
            heapq.heappush(self._due, (instant, next(self._order), action))
            self._changed.notify_all()

    def after(self, seconds: float, action: Action) -> None:
        """Run `action` after this many simulated seconds, counted inside an action from the instant it was due."""
        self.at(self.now() + timedelta(seconds=seconds), action)

    def clear(self) -> None:
        """Drop all scheduled actions."""
        with self._changed:
            self._due.clear()
            self._changed.notify_all()

    def begin(self) -> None:
        """Note that work outside this thread has begun (a webhook is under way): the simulator is not idle."""
        with self._changed:
            self._busy += 1

    def end(self) -> None:
        """Note that such work is done."""
        with self._changed:
            self._busy -= 1
            self._changed.notify_all()

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait (real time) until nothing is due, running or under way; False at the timeout."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while self._busy or (self._due and self._due[0][0] <= self._clock.now()):
                left_s = deadline - time.monotonic()
                if left_s <= 0:
                    return False
                self._changed.wait(left_s)
            return True

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            action = self._next()
            if action is None:
                return
            try:
                with self._lock:
                    action()
            except Exception:
                traceback.print_exc(file=sys.stderr)
            finally:
                self.end()

    def _next(self) -> Action | None:
        """Wait for the next due action; counts it as begun. None when stopped."""
        with self._changed:
            while not self._stopped:
                now = self._clock.now()
                if self._due and self._due[0][0] <= now:
                    self._busy += 1
                    self._instant, _, action = heapq.heappop(self._due)
                    return action
                self._changed.wait((self._due[0][0] - now).total_seconds() if self._due else None)
            return None
