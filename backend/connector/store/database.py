"""Connections to PostgreSQL: one pool per process, rows as dictionaries.

Every connection runs READ COMMITTED: the lanes and idempotency keys rely on a *new statement* seeing what another
transaction has just committed (protocol P1, P16).
"""

import time
from typing import Any

from psycopg import Connection, IsolationLevel, sql
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from connector.store.session import Conn

__all__ = ["Conn", "check_ready", "columns", "configure", "connect", "open_pool"]

# A connection checked within this time is not checked again: a burst would pay for the check with every batch.
CHECK_AGAIN_AFTER_S = 1.0


def configure(conn: Connection[Any]) -> None:
    conn.isolation_level = IsolationLevel.READ_COMMITTED
    # UTC on the wire, so that no instant depends on the server's zone. A statement that takes 30 s means a defect.
    conn.execute("SET TIME ZONE 'UTC'")
    conn.execute("SET statement_timeout = '30s'")
    conn.commit()


def connect(database_url: str, *, autocommit: bool = False) -> Conn:
    """One connection outside the pool, e.g. for LISTEN."""
    conn = Conn.connect(database_url, row_factory=dict_row, autocommit=autocommit)
    conn.isolation_level = IsolationLevel.READ_COMMITTED
    conn.execute("SET TIME ZONE 'UTC'")
    if not autocommit:
        conn.commit()
    return conn


def open_pool(database_url: str, size: int) -> ConnectionPool[Conn]:
    """A pool of up to `size` connections; getting one waits at most 5 s, so a full pool fails fast.

    Connections closed by a restarted server are noticed before a handler uses them, except in the second after their
    latest check.
    """
    return ConnectionPool(
        database_url,
        connection_class=Conn,
        kwargs={"row_factory": dict_row},
        configure=configure,
        check=_check,
        min_size=1,
        max_size=size,
        timeout=5.0,
        open=True,
    )


def _check(conn: Conn) -> None:
    """Raises OperationalError when the connection is gone."""
    now = time.monotonic()
    if now - conn.checked_at < CHECK_AGAIN_AFTER_S:
        return
    ConnectionPool.check_connection(conn)
    conn.checked_at = now


def check_ready(conn: Conn) -> None:
    """Raises psycopg.Error unless the database answers and has the app's tables."""
    conn.execute("SELECT 1 FROM portals LIMIT 1")


def columns(*names: str) -> sql.Composed:
    """A column list for SELECT or RETURNING, quoted."""
    return sql.SQL(", ").join(sql.Identifier(name) for name in names)
