"""The loop that drains lanes: take an urgent lane or the longest due, drain it, close it or set its next due time.

Safety comes from `store/lanes.py` and the rows; the loop only sets the order (protocol P1-P4). A turn lasts at most 2
s or 20 batches, and one batch when other lanes wait. One turn of four goes to the lane that is due longest, urgent or
not. A failing lane backs off alone, and a dead worker's lane is due again when its lease ends.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import psycopg
import structlog

from connector.domain.vocabulary import LaneKind
from connector.hubspot.errors import NoBudget
from connector.store import lanes
from connector.store.database import Conn, connect
from connector.store.lanes import Turn
from connector.wiring import Wiring

log = structlog.get_logger()

TURN_S = 2.0
TURN_BATCHES = 20
# One turn in this many goes to the lane that is due longest, even if others are urgent. A served lane is then behind
# those that wait, so each of N due lanes has its turn within N times as many turns (protocol P4).
FAIR_TURN_EVERY = 4
IDLE_S = 30.0  # longest sleep of an idle worker; a notification or a due lane ends it earlier
LOST_DATABASE_S = 1.0
STOP_HEARD_S = 0.5


class BackOff(Exception):
    """Stop draining this lane for `seconds`; operators read `cause` in `lanes.last_error`.

    `seconds` None: a delay that doubles with every failure in a row, from 1 s to 5 min.
    """

    def __init__(self, cause: str, seconds: float | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Drain:
    """The functions and settings for draining one kind of lane."""

    #: Does one batch; True when there may be more right now. It holds no connection across a network call.
    batch: Callable[[Wiring, Turn], bool]
    #: The earliest due time of the lane's rows, read in the closing transaction; the second net uses it too.
    next_due_at: Callable[[Conn, int], datetime | None]
    #: Whether a user still waits for this lane; None: never.
    is_urgent: Callable[[Conn, int], bool] | None = None
    #: Whether an open lane of another portal does this portal's work too; None: no work is shared between portals.
    is_done_elsewhere: Callable[[Conn, int], bool] | None = None
    #: Its rows become work by age, without a writer that opens the lane: the net opens it, which is not a fault.
    is_opened_by_age: bool = False
    #: Delay of new work after a turn that left none (seconds): work that arrives meanwhile shares its calls.
    gathers_s: float = 0.0


def in_transaction(step: Callable[[Conn, int], None]) -> Callable[[Wiring, Turn], bool]:
    """A batch that is one step in one transaction and leaves nothing for a second batch."""

    def batch(wiring: Wiring, turn: Turn) -> bool:
        with wiring.pool.connection() as conn:
            step(conn, turn.portal_id)
        return False

    return batch


class Runner:
    """One thread's loop. `drains` has the drain of each kind of lane."""

    def __init__(self, wiring: Wiring, drains: Mapping[LaneKind, Drain], stop: threading.Event) -> None:
        self.wiring = wiring
        self.drains = drains
        self.stop = stop
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"
        self._turns = 0

    def run(self) -> None:
        """Drain until stopped; wait for a lost database."""
        while not self.stop.is_set():
            try:
                with connect(self.wiring.settings.database_url, autocommit=True) as ears:
                    ears.execute(f"LISTEN {lanes.CHANNEL}")
                    self._run_until_stopped(ears)
            except psycopg.OperationalError as fault:
                log.warning("database_lost", error=type(fault).__name__)
                self.stop.wait(LOST_DATABASE_S)

    def _run_until_stopped(self, ears: Conn) -> None:
        while not self.stop.is_set():
            if not self.run_one():
                self._sleep(ears)

    def run_one(self) -> bool:
        """Take one due lane and drain it for a turn. False: none was due."""
        with self.wiring.pool.connection() as conn:
            turn = lanes.take(
                conn,
                owner=self.owner,
                lease_s=self.wiring.settings.lane_lease_s,
                kinds=list(self.drains),
                urgent_first=(self._turns + 1) % FAIR_TURN_EVERY != 0,
            )
        if turn is None:
            return False
        self._turns += 1
        with structlog.contextvars.bound_contextvars(portal_id=turn.portal_id, lane=turn.kind):
            self._drain(turn)
        return True

    def _drain(self, turn: Turn) -> None:
        drain = self.drains[LaneKind(turn.kind)]
        ends = time.monotonic() + TURN_S
        try:
            for _ in range(TURN_BATCHES):
                if not drain.batch(self.wiring, turn):
                    self._close(turn, drain)
                    return
                if time.monotonic() > ends or self.stop.is_set():
                    break
                with self.wiring.pool.connection() as conn:
                    if lanes.others_wait(conn, list(self.drains)):
                        break
                    if not lanes.renew(conn, turn, self.wiring.settings.lane_lease_s):
                        log.warning("lane_lost")
                        return
            self._release_in(turn, 0.0)
        except BackOff as back_off:
            seconds = back_off.seconds if back_off.seconds is not None else delay_s(turn.failures)
            log.info("lane_backs_off", cause=back_off.cause, seconds=seconds)
            self._release_in(turn, seconds, error=back_off.cause)
        except NoBudget as wait:
            # The lane waits for the portal's budget (protocol P23), which is neither a failure nor worth a log line.
            self._release_in(turn, wait.retry_after_s or 1.0, error="budget", is_failure=False)
        except psycopg.OperationalError:
            raise
        except Exception as defect:
            log.exception("lane_failed")
            self._release_in(turn, delay_s(turn.failures), error=type(defect).__name__)

    def _close(self, turn: Turn, drain: Drain) -> None:
        with self.wiring.pool.connection() as conn:
            if lanes.may_close(conn, turn):
                due_at = drain.next_due_at(conn, turn.portal_id)
                urgent = _is_urgent(conn, turn, drain)
                lanes.release(conn, turn, next_due_at=due_at, stays_urgent=urgent, gathers_s=drain.gathers_s)
            else:
                lanes.release_in(conn, turn, lanes.REVISIT_S, stays_urgent=_is_urgent(conn, turn, drain))

    def _release_in(
        self, turn: Turn, seconds: float, *, error: str | None = None, is_failure: bool = True
    ) -> None:
        with self.wiring.pool.connection() as conn:
            urgent = _is_urgent(conn, turn, self.drains[LaneKind(turn.kind)])
            lanes.release_in(conn, turn, seconds, error=error, is_failure=is_failure, stays_urgent=urgent)

    def _sleep(self, ears: Conn) -> None:
        """Sleep until a lane is opened, or the next one is due."""
        with self.wiring.pool.connection() as conn:
            due_in_s = lanes.next_due_in_s(conn, list(self.drains))
        wait_s = IDLE_S if due_in_s is None else min(max(due_in_s, 0.0) + 0.005, IDLE_S)
        ends = time.monotonic() + wait_s
        while not self.stop.is_set() and (left_s := ends - time.monotonic()) > 0:
            # In slices, so that a stop is obeyed quickly; a notification of an opened lane ends the slice at once.
            if list(ears.notifies(timeout=min(left_s, STOP_HEARD_S), stop_after=1)):
                return


def _is_urgent(conn: Conn, turn: Turn, drain: Drain) -> bool:
    return drain.is_urgent is not None and drain.is_urgent(conn, turn.portal_id)


def delay_s(failures: int) -> float:
    """Back-off after `failures` failed turns in a row: 1, 2, 4 ... 300 seconds."""
    return float(min(300, 2 ** min(failures, 10)))
