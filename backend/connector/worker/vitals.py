"""Signs of life of a worker's threads, in memory: a database that is read-only or away cannot store them.

Each thread beats when it begins something. The main thread looks at the beats (`watch.py`) and a local port shows them
(`health.py`).
"""

import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class Pulse:
    """One thread's signs of life. Times are of the clock of `Vitals`, in seconds."""

    name: str
    clock: Callable[[], float] = field(repr=False)
    beat_at: float
    doing: str = "starts"
    waits_for: str | None = (
        "start"  # its first success, or the database, by the name of its fault; None: it works
    )
    defect: str | None = None
    defect_since: float | None = None  # the first of the defects without a success in between

    def beat(self, doing: str) -> None:
        """The thread is alive and begins this."""
        self.beat_at, self.doing = self.clock(), doing

    def works(self) -> None:
        """The database and the code work: faults before are over."""
        self.waits_for = self.defect = self.defect_since = None

    def waits(self, fault: str) -> None:
        """The database cannot work now; the thread tries again."""
        self.beat("waits")
        self.waits_for, self.defect, self.defect_since = fault, None, None

    def fails(self, defect: str) -> None:
        """A fault that time does not end; the thread tries again until the main thread ends the process."""
        self.beat("waits")
        self.waits_for, self.defect = None, defect
        self.defect_since = self.defect_since if self.defect_since is not None else self.clock()


class Vitals:
    """The pulses of all threads of a worker."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._lock = threading.Lock()
        self._pulses: list[Pulse] = []

    def pulse(self, name: str) -> Pulse:
        """A new thread's pulse."""
        pulse = Pulse(name, self.clock, self.clock())
        with self._lock:
            self._pulses.append(pulse)
        return pulse

    def pulses(self) -> list[Pulse]:
        with self._lock:
            return list(self._pulses)


_current: ContextVar[Pulse | None] = ContextVar("pulse", default=None)


def adopt(pulse: Pulse) -> None:
    """Functions called by this thread beat for it from now on."""
    _current.set(pulse)


def wait_noted(fault: str) -> None:
    """This thread, if it is one of a worker, waits for the database inside its work."""
    pulse = _current.get()
    if pulse is not None:
        pulse.waits(fault)
