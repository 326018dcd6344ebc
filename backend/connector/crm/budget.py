"""One process's share of the portals' call budgets: small leases, so that not every call asks the database (P23).

Lanes that get nothing do not sleep: they set their due time. User-facing calls block for up to 1.5 s, then fail.
Calls of workflows and set-ups do too, but draw on the background share: workflows come by the thousand.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog
from psycopg import Cursor
from psycopg.rows import DictRow
from psycopg_pool import ConnectionPool

from connector.domain.call_budget import ASSOCIATIONS, CALLS
from connector.hubspot.errors import NoBudget, RateLimited
from connector.hubspot.payloads import RateLimit
from connector.store.crm import call_budgets
from connector.store.database import Conn
from connector.store.session import Last

log = structlog.get_logger()

# Calls granted at once to a lane. All but one may leave the process a moment after they were counted.
LEASE_CALLS: Final = 4
LEASE_S: Final = 1.0
# Longest wait of a view or a workflow for one call; HubSpot gives a view 15 s in total.
URGENT_WAIT_S: Final = 1.5


@dataclass(slots=True)
class _Lease:
    left: int
    ends: float  # this process's monotonic clock


class CallBudget:
    """The leases of one process, for all its threads."""

    def __init__(self, pool: ConnectionPool[Conn]) -> None:
        self._pool = pool
        self._lock = threading.Lock()
        self._leases: dict[tuple[int, str], _Lease] = {}
        self._limits: dict[int, tuple[int, float]] = {}  # portal -> calls, seconds; as the database has them

    def enter(self, portal_id: int, bucket: str, *, urgent: bool, patient: bool = False) -> None:
        """Count one call that is about to be made. Raises NoBudget.

        `urgent`: a user waits; `patient`: a workflow, or a pass of the set-up.
        """
        deadline = time.monotonic() + (URGENT_WAIT_S if urgent or patient else 0.0)
        while wait_s := self._wait_s(portal_id, bucket, urgent=urgent, patient=patient):
            if time.monotonic() + wait_s > deadline:
                raise NoBudget(f"bucket {bucket}", retry_after_s=wait_s)
            time.sleep(wait_s)

    def count(self, portal_id: int, bucket: str) -> None:
        """Count one call that is made in any case."""
        with self._pool.connection() as conn:
            call_budgets.take(conn, portal_id, bucket, 1, urgent=True)

    def count_urgent(self, conn: Conn, portal_id: int) -> Callable[[], bool]:
        """Count one call of a user with the commit of the caller's transaction.

        After it, the returned function says whether the call was counted (`call_budgets.count_urgent`).
        """
        found: list[Cursor[DictRow]] = []

        def count(last: Conn) -> None:
            found.append(call_budgets.count_urgent(last, portal_id))

        def is_counted() -> bool:
            row = found[-1].fetchone() if found else None
            if row:
                self._limits[portal_id] = (row["max_calls"], row["interval_s"])
            return row is not None

        conn.put_off((Last.COUNTERS, portal_id, CALLS), count)
        return is_counted

    def _wait_s(self, portal_id: int, bucket: str, *, urgent: bool, patient: bool) -> float:
        """0: the call is counted; else the wait before the next try, in seconds."""
        if not urgent and self._use_lease(portal_id, bucket):
            return 0.0
        wanted = 1 if urgent or patient else LEASE_CALLS
        with self._pool.connection() as conn:
            grant = call_budgets.take(conn, portal_id, bucket, wanted, urgent=urgent)
        if bucket == CALLS:
            self._limits[portal_id] = (grant.max_calls, grant.interval_s)
        if grant.count == 0:
            return max(grant.wait_s, 0.01)
        if grant.count > 1:
            with self._lock:
                self._leases[portal_id, bucket] = _Lease(grant.count - 1, time.monotonic() + LEASE_S)
        return 0.0

    def _use_lease(self, portal_id: int, bucket: str) -> bool:
        with self._lock:
            lease = self._leases.get((portal_id, bucket))
            if lease is None:
                return False
            is_good = time.monotonic() < lease.ends
            lease.left -= 1
            if lease.left <= 0 or not is_good:
                del self._leases[portal_id, bucket]
            return is_good

    def heard(self, portal_id: int, rate_limit: RateLimit) -> None:
        """Store the portal's limit from HubSpot's answer, if it is new."""
        if not rate_limit.max_calls or not rate_limit.interval_ms:
            return
        limit = (rate_limit.max_calls, rate_limit.interval_ms / 1000)
        if self._limits.get(portal_id, limit) == limit:
            return
        self._limits[portal_id] = limit
        log.info("rate_limit_learnt", portal_id=portal_id, max_calls=limit[0], interval_s=limit[1])
        with self._pool.connection() as conn:
            call_budgets.learn(conn, portal_id, *limit)

    def refused(self, portal_id: int, bucket: str, refusal: RateLimited) -> None:
        """HubSpot answered 429: no process calls before the time that HubSpot gives."""
        seconds = refusal.retry_after_s or 10.0
        log.warning("hubspot_rate_limited", portal_id=portal_id, bucket=bucket, seconds=seconds)
        with self._lock:
            self._leases.pop((portal_id, bucket), None)
        with self._pool.connection() as conn:
            call_budgets.pause(conn, portal_id, bucket, seconds)

    def gate(self, portal_id: int, *, urgent: bool, patient: bool = False, counted: int = 0) -> "PortalGate":
        """The gate that a client of the portal passes before each call; `counted` calls are counted already."""
        return PortalGate(self, portal_id, urgent, patient, counted)

    def counting_gate(self, portal_id: int) -> "CountingGate":
        """The gate of a person's install: its single call is counted, and never refused by us."""
        return CountingGate(self, portal_id)


@dataclass(slots=True)
class PortalGate:
    """The budget of one portal, as `hubspot.client.Gate`."""

    budget: CallBudget
    portal_id: int
    urgent: bool
    patient: bool
    counted: int  # calls of the bucket CALLS that need not be counted any more

    def enter(self, bucket: str) -> None:
        """Count one call. An association call counts in its own bucket and in that of all calls."""
        for wanted in [CALLS, ASSOCIATIONS] if bucket == ASSOCIATIONS else [bucket]:
            if wanted == CALLS and self.counted:
                self.counted -= 1
            else:
                self.budget.enter(self.portal_id, wanted, urgent=self.urgent, patient=self.patient)

    def heard(self, rate_limit: RateLimit) -> None:
        self.budget.heard(self.portal_id, rate_limit)

    def refused(self, bucket: str, refusal: RateLimited) -> None:
        # HubSpot does not say which of the two limits of an association call was reached: the wider one pauses.
        self.budget.refused(self.portal_id, CALLS if bucket == ASSOCIATIONS else bucket, refusal)


@dataclass(frozen=True, slots=True)
class CountingGate:
    """Counts a portal's calls without refusing any, as `hubspot.client.Gate`: for a person who installs the app."""

    budget: CallBudget
    portal_id: int

    def enter(self, bucket: str) -> None:
        """Count one call, if a call is left to count."""
        self.budget.count(self.portal_id, bucket)

    def heard(self, rate_limit: RateLimit) -> None:
        self.budget.heard(self.portal_id, rate_limit)

    def refused(self, bucket: str, refusal: RateLimited) -> None:
        self.budget.refused(self.portal_id, bucket, refusal)
