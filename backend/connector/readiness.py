"""Whether this process can serve, and why not: database, schema, keys. Web and worker share this."""

import threading
from dataclasses import dataclass, field

import psycopg
import structlog
from psycopg_pool import ConnectionPool, PoolTimeout

from connector.domain.vocabulary import Readiness
from connector.store import readiness
from connector.store.database import Conn
from connector.store.vault import Vault

log = structlog.get_logger()

# Longest wait for a connection: a probe wants an answer, not patience.
PATIENCE_S = 2.0


@dataclass(slots=True)
class ReadinessCheck:
    """The checks of one process."""

    pool: ConnectionPool[Conn]
    vault: Vault
    # Looked at until all stored secrets could be opened once. Later on another process may already use a newer key:
    # a rotation must not take the processes with the older list out of service.
    _opens_all: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self) -> Readiness:
        """The first reason not to serve, or `ok`. Each is logged; secrets that cannot be opened by table and key."""
        try:
            with self.pool.connection(timeout=PATIENCE_S) as conn:
                return self._ask(conn)
        except (psycopg.Error, PoolTimeout) as fault:
            log.warning("not_ready", status=Readiness.DATABASE_UNAVAILABLE, error=type(fault).__name__)
            return Readiness.DATABASE_UNAVAILABLE

    def _ask(self, conn: Conn) -> Readiness:
        if readiness.is_schema_old(conn):
            log.warning(
                "not_ready",
                status=Readiness.SCHEMA_OLD,
                found=readiness.stored_schema(conn),
                wanted=readiness.wanted_schema(),
            )
            return Readiness.SCHEMA_OLD
        with self._lock:
            if not self._opens_all:
                sealed = readiness.sealed_by_others(conn, self.vault.key_ids)
                for rows in sealed:
                    log.error("secrets_unreadable", table=rows.table, key_id=rows.key_id, rows=rows.rows)
                self._opens_all = not sealed
            return Readiness.OK if self._opens_all else Readiness.SECRET_KEYS_WRONG
