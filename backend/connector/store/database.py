"""Connections to PostgreSQL: one pool per process, rows as dictionaries.

Every connection runs READ COMMITTED: the lanes and idempotency keys rely on a *new statement* seeing what another
transaction has just committed (protocol P1, P16).
"""

import select
import time
from typing import Any, Final

import psycopg
from psycopg import Connection, IsolationLevel, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool
from psycopg_pool.pool import AddConnection, MaintenanceTask

from connector.store.session import Conn

__all__ = ["Conn", "NeedsOwnTransaction", "columns", "configure", "connect", "limit_lock_waits", "open_pool"]

# A connection checked within this time is not checked by a round trip: a burst would pay for one with every batch.
CHECK_AGAIN_AFTER_S: Final = 1.0
# Longest pause between two attempts to connect. The pool's own pauses double (1, 2, 4 s and so on) and would outlast
# a database that is back.
RECONNECT_S: Final = 0.3
# libpq: a server that vanished without a word is noticed after 15 to 25 s, not after two hours. DATABASE_URL may
# replace each value.
_DEFAULTS: Final = {
    "connect_timeout": "5",  # seconds
    "keepalives_idle": "10",  # seconds
    "keepalives_interval": "5",  # seconds
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",  # milliseconds
}


class NeedsOwnTransaction(Exception):
    """The work takes more locks than a transaction of several portals may. Nothing was stored for it."""


def configure(conn: Connection[Any]) -> None:
    conn.isolation_level = IsolationLevel.READ_COMMITTED
    # UTC on the wire, so that no instant depends on the server's zone. A statement that takes 30 s means a defect.
    conn.execute("SET TIME ZONE 'UTC'")
    conn.execute("SET statement_timeout = '30s'")
    conn.commit()


def _with_defaults(database_url: str) -> str:
    return make_conninfo(**{**_DEFAULTS, **conninfo_to_dict(database_url)})  # type: ignore[arg-type]


def connect(database_url: str, *, autocommit: bool = False) -> Conn:
    """One connection outside the pool, e.g. for LISTEN."""
    conn = Conn.connect(_with_defaults(database_url), row_factory=dict_row, autocommit=autocommit)
    conn.isolation_level = IsolationLevel.READ_COMMITTED
    conn.execute("SET TIME ZONE 'UTC'")
    if not autocommit:
        conn.commit()
    return conn


class _Pool(ConnectionPool[Conn]):
    """A pool that replaces lost connections at once.

    The library's own check sleeps for 1, 2, 4 s and so on between the lost connections that it meets, though the
    database answers. Here each is closed and the next is tried; new ones are opened meanwhile.
    """

    def getconn(self, timeout: float | None = None) -> Conn:
        ends = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            conn = super().getconn(ends - time.monotonic())
            if _is_alive(conn):
                return conn
            conn.close()
            self.putconn(conn)

    def schedule_task(self, task: MaintenanceTask, delay: float) -> None:
        is_attempt = isinstance(task, AddConnection)
        super().schedule_task(task, min(delay, RECONNECT_S) if is_attempt else delay)


def open_pool(database_url: str, size: int) -> ConnectionPool[Conn]:
    """A pool of up to `size` connections; getting one waits at most 5 s, so a full pool fails fast.

    Connections that the server has closed are noticed before a handler uses them.
    """
    return _Pool(
        _with_defaults(database_url),
        connection_class=Conn,
        kwargs={"row_factory": dict_row},
        configure=configure,
        min_size=1,
        max_size=size,
        timeout=5.0,
        open=True,
    )


def _is_alive(conn: Conn) -> bool:
    """Whether the connection works, as far as its socket shows; at most every second by a round trip as well.

    An idle session receives nothing but its end, or a notice, which the round trip reads.
    """
    now = time.monotonic()
    is_recent = now - conn.checked_at < CHECK_AGAIN_AFTER_S
    try:
        if is_recent and not _has_unread_bytes(conn):
            return True
        ConnectionPool.check_connection(conn)
    except psycopg.Error:
        return False
    conn.checked_at = now
    return True


def _has_unread_bytes(conn: Conn) -> bool:
    poll = select.poll()
    poll.register(conn.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def limit_lock_waits(conn: Conn, seconds: float) -> None:
    """Let statements of this transaction wait this long for a lock, then fail with LockNotAvailable."""
    conn.execute("SELECT set_config('lock_timeout', %s, true)", (f"{seconds * 1000:.0f}ms",))


def columns(*names: str) -> sql.Composed:
    """A column list for SELECT or RETURNING, quoted."""
    return sql.SQL(", ").join(sql.Identifier(name) for name in names)
