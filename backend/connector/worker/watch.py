"""A worker's threads never end before the process does, and the process ends when it cannot work (protocol P4).

A database that is away, full or read-only is waited for. A fault that time does not end (a missing column or
privilege, a defect) ends the process after a while, with a code that makes its supervisor start it again.
"""

import faulthandler
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import structlog

from connector.store.faults import is_away, is_momentary
from connector.worker.vitals import Pulse, Vitals, adopt

log = structlog.get_logger()

PAUSE_S = 1.0  # between two tries of a thread that cannot work
LOOK_S = 0.5


def endure(pulse: Pulse, ending: threading.Event, work: Callable[[], None]) -> None:
    """Run `work` until the process ends, whatever it raises."""
    adopt(pulse)
    while not ending.is_set():
        try:
            work()
        except Exception as fault:
            name = type(fault).__name__
            if is_away(fault) or is_momentary(fault):
                log.warning("database_lost", error=name)
                pulse.waits(name)
            else:
                log.exception("thread_failed", thread=pulse.name)
                pulse.fails(name)
            ending.wait(PAUSE_S)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a thread may fail, and how long it may give no sign of life, in seconds."""

    defect_s: float
    stall_s: float


def fault_of(pulse: Pulse, limits: Limits) -> str | None:
    """The reason to end the process because of this thread; None: there is none."""
    now = pulse.clock()
    if pulse.defect_since is not None and now - pulse.defect_since >= limits.defect_s:
        return f"defect: {pulse.defect}"
    if now - pulse.beat_at >= limits.stall_s:
        return f"stalled: {pulse.doing}"
    return None


def look(vitals: Vitals, threads: Mapping[str, threading.Thread], limits: Limits) -> str | None:
    """The reason to end the process; None: it works, or waits for the database."""
    dead = [name for name, thread in threads.items() if not thread.is_alive()]
    if dead:
        return f"thread ended: {dead[0]}"
    return next((reason for pulse in vitals.pulses() if (reason := fault_of(pulse, limits))), None)


def watch(
    vitals: Vitals,
    threads: Mapping[str, threading.Thread],
    ending: threading.Event,
    limits: Limits,
    *,
    look_s: float = LOOK_S,
) -> int:
    """Watch the threads until the process is asked to end. Returns its exit code: 0, or 1 if it cannot work."""
    while not ending.wait(look_s):
        reason = look(vitals, threads, limits)
        if reason:
            log.critical("worker_ends", reason=reason)
            faulthandler.dump_traceback(file=sys.stderr)
            ending.set()
            return 1
    return 0


def join(threads: Iterable[threading.Thread], timeout_s: float | None) -> None:
    """Wait for the threads to end; `timeout_s` None: as long as their batches take."""
    for thread in threads:
        thread.join(timeout_s)
