"""The unguessable segments in the addresses that HubSpot's services call, and how often each is used.

HubSpot may keep an `actionUrl` for ever and repeats calls for three days. So every segment in HUBSPOT_URL_SEGMENTS is
accepted, and so is one that is no longer listed there until it was not used for 30 days. A process counts in memory and
adds to the database at most once a minute: a count may lose the last minute of a process, no call waits for it.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

import psycopg
import structlog
from psycopg_pool import ConnectionPool, PoolTimeout

from connector.store.database import Conn
from connector.store.portals import url_segments
from connector.store.vault import digest

log = structlog.get_logger()

_AGAIN_AFTER_S: Final = 60.0
_PATIENCE_S: Final = 0.5  # for a connection: the caller waits for it


class UrlSegments:
    """The segments that one web process accepts. `now`: monotonic seconds."""

    def __init__(
        self, listed: Iterable[str], pool: ConnectionPool[Conn], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._listed = frozenset(digest(segment) for segment in listed)
        self._pool = pool
        self._now = now
        self._lock = threading.Lock()
        self._uses: Counter[bytes] = Counter()
        self._counted_at = float("-inf")
        self._former: frozenset[bytes] = frozenset()
        self._former_read_at = float("-inf")

    def accept(self, segment: str) -> bool:
        """Whether HubSpot may call by this segment; the use is counted.

        Raises psycopg.Error or PoolTimeout if the segment is not listed and the database cannot be asked.
        """
        hashed = digest(segment)
        if hashed not in self._listed and hashed not in self._still_used():
            return False
        self._count(hashed)
        return True

    def _still_used(self) -> frozenset[bytes]:
        """The segments used in the last 30 days, read at most once a minute."""
        if self._now() - self._former_read_at >= _AGAIN_AFTER_S:
            with self._pool.connection(timeout=_PATIENCE_S) as conn:
                self._former = url_segments.used_lately(conn)
            self._former_read_at = self._now()
        return self._former

    def _count(self, hashed: bytes) -> None:
        with self._lock:
            self._uses[hashed] += 1
            if self._now() - self._counted_at < _AGAIN_AFTER_S:
                return
            self._counted_at = self._now()
            uses, self._uses = self._uses, Counter()
        try:
            with self._pool.connection(timeout=_PATIENCE_S) as conn:
                url_segments.add_uses(conn, uses, listed=self._listed)
        except (psycopg.Error, PoolTimeout) as fault:
            log.warning("segments_not_counted", error=type(fault).__name__)
            with self._lock:
                self._uses.update(uses)
