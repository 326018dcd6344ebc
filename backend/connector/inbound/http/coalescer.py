"""Calls that arrive together share one run: the first call leads, the others wait for its result.

Each call still gets its own answer, and none before the run ends. Keys (portals) never wait for each other. While a
leader runs its batch, the next batch gathers. Its leader waits for as many calls as were just answered: a sender of a
burst sends the next call on an answer, and a batch costs as much as twenty calls in it. A lone call does not wait.

A waiting call occupies one of the server's few threads, and more calls wait unseen in front of the server. So a call
whose estimated wait is too long is refused at once; the estimate uses the durations of the current batch and the one
before. This frees threads to refuse the others too, and callers return when there is room.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
R = TypeVar("R")

MAX_BATCH: Final = 100
# About the time to answer a full batch and to read the calls that follow; it ends early when those have arrived.
LINGER_S: Final = 0.03
# Longer than any commit worth waiting for, and shorter than callers wait: HubSpot does not document its timeout, and
# other apps assume 20 s or more.
PATIENCE_S: Final = 5.0


class Overloaded(Exception):
    """The call did not begin and nothing was stored: it may be repeated later."""


class Exhausted(Overloaded):
    """A resource shared by all keys is used up. Until it is free again, calls are refused without waiting."""


class _Interrupted(Exception):
    """No outcome: the process was stopped in the middle of the batch."""


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


class _Queue(Generic[T, R]):
    """The calls that wait for the next batch of a key, and the number that its leader waits for."""

    __slots__ = ("began_at", "filled", "is_probe", "seats", "wanted")

    def __init__(self, *, is_probe: bool) -> None:
        self.seats: deque[_Seat[T, R]] = deque()
        self.is_probe = is_probe  # its leader finds out whether the exhausted resource is free again
        self.began_at: float | None = (
            None  # the batch under way (monotonic seconds); None: it is still gathering
        )
        self.wanted = 0  # 0: no wait (any more)
        self.filled: threading.Lock | None = (
            None  # of the next batch; closed until `wanted` are here; None: no wait
        )

    def wait_s(self, took_s: float) -> float:
        """Wait of a call that arrives now (seconds), if the latest batch took `took_s`."""
        if self.began_at is None:
            return took_s
        lasts_s = time.monotonic() - self.began_at
        took_s = max(took_s, lasts_s)
        return took_s - lasts_s + took_s  # the rest of the batch under way, then its own

    def linger_for(self, wanted: int) -> None:
        self.wanted = wanted
        self.filled = threading.Lock() if wanted else None
        if self.filled:
            self.filled.acquire()

    def add(self, seat: _Seat[T, R]) -> None:
        self.seats.append(seat)
        if self.filled and self.wanted and len(self.seats) >= self.wanted:
            self.wanted = 0
            self.filled.release()


class Coalescer(Generic[K, T, R]):
    """`run(key, items)` does the work of a batch and returns a result for each item, in order.

    An exception in place of a result is raised for that call alone. An exception raised by `run` is raised for the
    whole batch.
    """

    def __init__(
        self,
        run: Callable[[K, Sequence[T]], Sequence[R | Exception]],
        *,
        max_batch: int = MAX_BATCH,
        patience_s: float = PATIENCE_S,
        linger_s: float = LINGER_S,
    ) -> None:
        self._run = run
        self._max_batch = max_batch
        self._patience_s = patience_s
        self._linger_s = linger_s
        self._mutex = threading.Lock()
        self._queues: dict[K, _Queue[T, R]] = {}  # a key is here while a call leads it
        self._took_s: dict[K, float] = {}  # the latest batch of keys whose batches take long
        self._is_exhausted = self._is_probing = False
        # The latest batch after which no call waited: its key, its calls, when (monotonic seconds).
        self._latest: tuple[K | None, int, float] = (None, 0, 0.0)

    def is_open(self, key: K) -> bool:
        """Whether a call of this key runs or waits."""
        return key in self._queues

    def submit(self, key: K, item: T) -> R:
        """Do the work for `item` and return its result. Raises Overloaded, or the exception of item or batch."""
        seat: _Seat[T, R] = _Seat(item)
        with self._mutex:
            queue = self._queues.get(key)
            if self._is_probing or (
                queue is not None and queue.wait_s(self._took_s.get(key, 0.0)) > self._patience_s
            ):
                raise Overloaded
            seat.is_leader = queue is None
            if queue is None:
                self._is_probing = self._is_exhausted
                queue = self._queues[key] = _Queue(is_probe=self._is_probing)
                answered_key, answered, at = self._latest
                if answered_key == key and time.monotonic() - at < self._linger_s:
                    queue.linger_for(answered)
            queue.add(seat)
        if not seat.is_leader:
            self._wait(key, seat)
        if not seat.is_done:
            self._lead(key)
        if isinstance(seat.outcome, Exception):
            raise seat.outcome
        return seat.outcome

    def _wait(self, key: K, seat: _Seat[T, R]) -> None:
        """Wait until the seat has an outcome or is to lead. Raises Overloaded when its batch does not begin in time."""
        if seat.gate.acquire(timeout=self._patience_s):
            return
        with self._mutex:
            queue = self._queues.get(key)
            if queue is not None and seat in queue.seats and not seat.is_leader:
                queue.seats.remove(seat)
                raise Overloaded
        # Its batch runs, or it has just become the leader: both end, because statements have a time-out.
        seat.gate.acquire()

    def _lead(self, key: K) -> None:
        """Run one batch, which begins with the leader's own seat; then the next in the queue leads."""
        queue = self._queues[key]
        if queue.filled:
            queue.filled.acquire(timeout=self._linger_s)
        with self._mutex:
            queue.wanted = 0
            queue.began_at = time.monotonic()
            batch = [queue.seats.popleft() for _ in range(min(len(queue.seats), self._max_batch))]
        try:
            for seat, result in zip(batch, self._run(key, [seat.item for seat in batch]), strict=True):
                seat.outcome = result
        except Exception as fault:
            for seat in batch:
                seat.outcome = fault
        finally:
            self._hand_over(key, queue, batch)

    def _note(self, key: K, queue: _Queue[T, R], batch: list[_Seat[T, R]]) -> None:
        """Note how long the batch took and whether it found the shared resource; if not, refuse the calls behind it."""
        assert queue.began_at is not None
        took_s = time.monotonic() - queue.began_at
        if took_s * 2 > self._patience_s:
            self._took_s[key] = took_s
        else:
            self._took_s.pop(key, None)
        self._is_exhausted = isinstance(batch[0].outcome, Exhausted)
        if queue.is_probe:
            self._is_probing = queue.is_probe = False
        if self._is_exhausted:
            for seat in queue.seats:
                seat.outcome = Overloaded()
            batch += queue.seats
            queue.seats.clear()

    def _hand_over(self, key: K, queue: _Queue[T, R], batch: list[_Seat[T, R]]) -> None:
        with self._mutex:
            self._note(key, queue, batch)
            queue.began_at = None
            if queue.seats:
                # Two calls in a row are no burst.
                wanted = min(len(queue.seats) + len(batch), self._max_batch) if len(batch) > 1 else 0
                queue.linger_for(wanted if wanted > len(queue.seats) else 0)
                queue.seats[0].is_leader = True
                queue.seats[0].gate.release()
            else:
                del self._queues[key]
                self._latest = (key, len(batch) if len(batch) > 1 else 0, time.monotonic())
        for seat in batch:
            seat.is_done = True
            if not seat.is_leader:
                seat.gate.release()
