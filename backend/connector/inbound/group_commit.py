"""Calls that arrive together share one transaction: the first one leads, the others wait for its commit.

Each call still gets an answer of its own, and none before the commit. Keys (portals) never wait for each other. While
a leader commits, the next batch gathers by itself, so a lone call waits for nobody.
"""

import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
R = TypeVar("R")

MAX_BATCH: Final = 100
# A process that has so many calls waiting does not get faster by taking more: whoever calls may come again.
MAX_WAITING: Final = 500
# Longer than any commit that is worth waiting for.
PATIENCE_S: Final = 5.0


class Overloaded(Exception):
    """The call was not begun and nothing was stored: it may be repeated later."""


class _Interrupted(Exception):
    """No outcome (yet); what a call gets whose process was told to end in the middle of its batch."""


class _Seat(Generic[T, R]):
    """One waiting call. Its gate is closed until it has an outcome, or is asked to lead."""

    __slots__ = ("gate", "is_done", "is_leader", "item", "outcome")

    def __init__(self, item: T) -> None:
        self.item = item
        self.outcome: R | Exception = _Interrupted()
        self.is_done = False
        self.is_leader = False
        self.gate = threading.Lock()
        self.gate.acquire()


class GroupCommit(Generic[K, T, R]):
    """`run(key, items)` does the work of a batch in one transaction and returns, in order, a result for each.

    An exception in place of a result is raised for that call alone; one raised by `run`, for all of its batch.
    """

    def __init__(
        self,
        run: Callable[[K, Sequence[T]], Sequence[R | Exception]],
        *,
        max_batch: int = MAX_BATCH,
        max_waiting: int = MAX_WAITING,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._run = run
        self._max_batch = max_batch
        self._max_waiting = max_waiting
        self._patience_s = patience_s
        self._mutex = threading.Lock()
        self._queues: dict[K, deque[_Seat[T, R]]] = {}  # a key is here while somebody leads it
        self._waiting = 0

    def submit(self, key: K, item: T) -> R:
        """Do the work for `item` and return its result once it is committed. Raises Overloaded, or what went wrong."""
        seat: _Seat[T, R] = _Seat(item)
        with self._mutex:
            if self._waiting >= self._max_waiting:
                raise Overloaded
            self._waiting += 1
            seat.is_leader = key not in self._queues
            self._queues.setdefault(key, deque()).append(seat)
        if not seat.is_leader:
            self._wait(key, seat)
        if not seat.is_done:
            self._lead(key)
        if isinstance(seat.outcome, Exception):
            raise seat.outcome
        return seat.outcome

    def _wait(self, key: K, seat: _Seat[T, R]) -> None:
        """Until the seat has an outcome or is to lead. Raises Overloaded when its batch does not begin in time."""
        if seat.gate.acquire(timeout=self._patience_s):
            return
        with self._mutex:
            queue = self._queues.get(key, ())
            if seat in queue and not seat.is_leader:
                self._queues[key].remove(seat)
                self._waiting -= 1
                raise Overloaded
        # Its batch runs, or it was made the leader just now: either ends, because statements have a time-out.
        seat.gate.acquire()

    def _lead(self, key: K) -> None:
        """Run one batch, which begins with the leader's own seat; then the next in the queue leads."""
        with self._mutex:
            queue = self._queues[key]
            batch = [queue.popleft() for _ in range(min(len(queue), self._max_batch))]
        try:
            for seat, result in zip(batch, self._run(key, [seat.item for seat in batch]), strict=True):
                seat.outcome = result
        except Exception as fault:
            for seat in batch:
                seat.outcome = fault
        finally:
            self._hand_over(key, queue, batch)

    def _hand_over(self, key: K, queue: deque[_Seat[T, R]], batch: list[_Seat[T, R]]) -> None:
        with self._mutex:
            self._waiting -= len(batch)
            if queue:
                queue[0].is_leader = True
                queue[0].gate.release()
            else:
                del self._queues[key]
        for seat in batch:
            seat.is_done = True
            if not seat.is_leader:
                seat.gate.release()
