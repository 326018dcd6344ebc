"""Calls that arrive together share one transaction, whatever their portals (protocol P28).

Portals must not hold each other up. In the shared transaction a lock is waited for only briefly; if one is not to be
had, each portal's calls run in a transaction of their own, in their own threads, and later calls of a portal whose
transaction has not ended join that one. `work` may send calls there too (`NeedsOwnTransaction`).
"""

from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

import psycopg
import structlog
from psycopg_pool import ConnectionPool, PoolTimeout, TooManyRequests

from connector.inbound.http.coalescer import Coalescer, Exhausted
from connector.store.database import Conn, NeedsOwnTransaction, limit_lock_waits
from connector.store.faults import TRIES, is_momentary, repeated

log = structlog.get_logger()
T = TypeVar("T")
R = TypeVar("R")

#: Longest wait for a connection: a process without a free one is overloaded.
POOL_PATIENCE_S = 2.0
#: Longest wait for a lock in the shared transaction. Locks are held for milliseconds; longer means that a
#: process has stopped, or that someone looks into the database by hand.
LOCK_PATIENCE_S: Final = 0.25

_SHARED: Final = 0  # the key of all portals together; no portal has this id

#: A call with its portal.
Addressed = tuple[int, T]


class PortalBatches(Generic[T, R]):
    """`work(conn, calls)` does the calls in the transaction of `conn`, and returns their results in order.

    An exception in place of a result is raised for that call alone.
    """

    def __init__(
        self,
        pool: ConnectionPool[Conn],
        work: Callable[[Conn, Sequence[Addressed[T]]], Sequence[R | Exception]],
    ) -> None:
        self._pool = pool
        self._work = work
        self._coalescer: Coalescer[int, Addressed[T], R] = Coalescer(self._run)

    def submit(self, portal_id: int, call: T) -> R:
        """The result of the call, after its commit. Raises Overloaded, psycopg.Error or the call's own exception."""
        try:
            key = portal_id if self._coalescer.is_open(portal_id) else _SHARED
            return self._coalescer.submit(key, (portal_id, call))
        except NeedsOwnTransaction:
            return self._coalescer.submit(portal_id, (portal_id, call))

    def _run(self, key: int, calls: Sequence[Addressed[T]]) -> Sequence[R | Exception]:
        return self.run(calls, is_shared=key == _SHARED)

    def run(self, calls: Sequence[Addressed[T]], *, is_shared: bool = True) -> list[R | Exception]:
        """Do the calls in one transaction. If the database or our code refuses it, find the culprit by halving.

        With `is_shared`, calls that meet a lock get NeedsOwnTransaction. Else it is waited for, and a transaction that
        loses against another is repeated at once.
        """
        try:
            return repeated(lambda: self._in_transaction(calls, is_shared), 1 if is_shared else TRIES)
        except (PoolTimeout, TooManyRequests) as fault:
            log.warning("overloaded", waiting=len(calls))
            raise Exhausted from fault
        except psycopg.OperationalError as fault:
            if is_shared and is_momentary(fault):
                log.info("batch_contended", size=len(calls), sqlstate=fault.sqlstate)
                return [NeedsOwnTransaction() for _ in calls]
            raise  # whether it was committed is unknown
        except Exception as fault:
            if len(calls) == 1:
                return [fault]
            log.exception("batch_failed", size=len(calls))
            return self._halved(calls, is_shared=is_shared)

    def _in_transaction(self, calls: Sequence[Addressed[T]], is_shared: bool) -> list[R | Exception]:
        with self._pool.connection(timeout=POOL_PATIENCE_S) as conn:
            if is_shared:
                limit_lock_waits(conn, LOCK_PATIENCE_S)
            return list(self._work(conn, calls))

    def _halved(self, calls: Sequence[Addressed[T]], *, is_shared: bool) -> list[R | Exception]:
        """Run both halves, in the order of their portals; each has its own fault."""
        ordered = sorted(range(len(calls)), key=lambda place: calls[place][0])
        results: dict[int, R | Exception] = {}
        middle = len(ordered) // 2
        for half in (ordered[:middle], ordered[middle:]):
            try:
                outcome = self.run([calls[place] for place in half], is_shared=is_shared)
            except Exception as fault:
                outcome = [fault for _ in half]
            results.update(zip(half, outcome, strict=True))
        return [results[place] for place in range(len(calls))]
