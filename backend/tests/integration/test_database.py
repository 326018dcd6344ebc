"""The pool: connections that the server closed are replaced at once, and a database that is back is found soon."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg_pool.pool
import pytest
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import ConnectionPool
from psycopg_pool.sched import Scheduler

from connector.store.database import RECONNECT_S, Conn, connect, open_pool
from sandbox.stack import free_port

SIZE = 8


@pytest.fixture
def pool(fresh_database: str) -> Iterator[ConnectionPool[Conn]]:
    made = open_pool(fresh_database, SIZE)
    yield made
    made.close()


def kill_all(pool: ConnectionPool[Conn], database_url: str) -> set[int]:
    """Fill the pool, then end each of its sessions; returns their process ids."""
    with ExitStack() as lent:
        pids = {lent.enter_context(pool.connection()).info.backend_pid for _ in range(SIZE)}
    with connect(database_url) as other:
        for pid in pids:
            other.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))
    return pids


def test_killed_connections_are_replaced_without_a_pause(
    pool: ConnectionPool[Conn], fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(psycopg_pool.pool, "sleep", pauses.append)
    killed = kill_all(pool, fresh_database)
    with pool.connection() as conn:
        row = conn.execute("SELECT pg_backend_pid() AS pid").fetchone()
    assert row is not None
    assert row["pid"] not in killed
    assert pauses == []


def test_killed_connection_is_noticed_right_after_its_check(
    pool: ConnectionPool[Conn], fresh_database: str
) -> None:
    """It was checked a moment ago, so only its socket shows that the server has closed it."""
    kill_all(pool, fresh_database)
    for _ in range(SIZE):
        with pool.connection() as conn:
            conn.execute("SELECT 1")


def test_pauses_between_attempts_to_connect_do_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    enough = threading.Event()
    scheduled = Scheduler.enter

    def enter(scheduler: Scheduler, delay: float, task: Callable[[], Any] | None) -> Any:
        if task is None or delay > 60:  # the end of the pool, and its upkeep every ten minutes
            return scheduled(scheduler, delay, task)
        pauses.append(delay)
        return enough.set() if len(pauses) == 6 else task()

    monkeypatch.setattr(Scheduler, "enter", enter)
    pool = open_pool(f"postgresql://127.0.0.1:{free_port()}/nobody", 1)
    try:
        assert enough.wait(30)
    finally:
        pool.close()
    assert pauses == [RECONNECT_S] * 6


def test_address_given_by_the_operator_replaces_our_defaults(fresh_database: str) -> None:
    separator = "&" if "?" in fresh_database else "?"
    with connect(f"{fresh_database}{separator}connect_timeout=7") as conn:
        assert conninfo_to_dict(conn.info.dsn)["connect_timeout"] == "7"
        assert conninfo_to_dict(conn.info.dsn)["keepalives_idle"] == "10"
