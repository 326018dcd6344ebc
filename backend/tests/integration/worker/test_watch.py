"""Worker threads on a real database that is read-only, or lacks a column or a privilege."""

import dataclasses
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql

from backend.tests.factories import a_portal
from backend.tests.integration.delivery.steps import now_of, relink, send
from connector.domain.message import DELIVERY_LANES
from connector.domain.vocabulary import LaneKind
from connector.store.database import Conn
from connector.store.portals.portals import Portal
from connector.wiring import Wiring, wire
from connector.worker import runner as runner_module
from connector.worker import transactions, watch
from connector.worker.main import DRAINS
from connector.worker.runner import Runner
from connector.worker.transactions import until_stored
from connector.worker.vitals import Pulse, Vitals
from connector.worker.watch import Limits, look
from sandbox.driver.gateway import Gateway
from sandbox.driver.waiting import until
from sandbox.processes import ROOT

LIMITS = Limits(defect_s=30.0, stall_s=600.0)


@pytest.fixture
def fresh_database(make_database: Callable[[], str]) -> str:
    """A database of the test's own: these tests end every session and change tables."""
    return make_database()


@pytest.fixture
def portal(own: Conn, linked: Wiring, gateway: Gateway) -> Portal:
    made = a_portal(own, linked.vault, linked=False)
    relink(own, linked, made, gateway.token)
    return made


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Running:
    """One thread that delivers, as in a worker process, and its signs of life."""

    def __init__(self, wiring: Wiring) -> None:
        self.clock = Clock()
        self.vitals = Vitals(self.clock)
        self.pulse: Pulse = self.vitals.pulse("lanes-0")
        self.ending = threading.Event()
        drains = {kind: DRAINS[kind] for kind in DELIVERY_LANES}
        loop = Runner(wiring, drains, self.ending, self.pulse).run
        self.thread = threading.Thread(target=loop, daemon=True)
        self.thread.start()

    def reason_to_end(self) -> str | None:
        return look(self.vitals, {"lanes-0": self.thread}, LIMITS)

    def works(self) -> bool:
        return self.pulse.waits_for is None and self.pulse.defect is None


@contextmanager
def running(wiring: Wiring) -> Iterator[Running]:
    worker = Running(wiring)
    try:
        until(worker.works, "the thread works")
        yield worker
    finally:
        worker.ending.set()
        worker.thread.join()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries follow each other at once."""
    monkeypatch.setattr(watch, "PAUSE_S", 0.02)
    monkeypatch.setattr(transactions, "RETRY_S", 0.02)


def set_read_only(own: Conn, value: str) -> None:
    """The whole database, as during a fail-over: every session ends, and new ones cannot write."""
    own.execute("SET default_transaction_read_only = off")
    own.commit()
    order = sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}")
    own.execute(order.format(sql.Identifier(own.info.dbname), sql.Literal(value)))
    own.commit()
    own.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    own.commit()


@pytest.mark.usefixtures("quick")
def test_read_only_database_is_survived(own: Conn, linked: Wiring, portal: Portal, gateway: Gateway) -> None:
    with running(linked) as worker:
        try:
            set_read_only(own, "on")
            message = send(own, linked, portal)
            until(lambda: worker.pulse.waits_for == "ReadOnlySqlTransaction", "the thread waits")
            worker.clock.now += 12
            assert worker.reason_to_end() is None
            assert now_of(own, message).state == "queued"
        finally:
            set_read_only(own, "off")
        until(lambda: now_of(own, message).state == "accepted", "the message leaves afterwards")
        assert worker.thread.is_alive()
    assert gateway.accepted_ids() == [message.gateway_id]


@pytest.mark.usefixtures("quick")
def test_missing_column_ends_the_process_unless_it_appears(own: Conn, linked: Wiring, portal: Portal) -> None:
    with running(linked) as worker:
        try:
            own.execute("ALTER TABLE lanes RENAME COLUMN urgent_at TO not_migrated_yet")
            own.commit()
            own.execute("NOTIFY lane_due")
            own.commit()
            until(lambda: worker.pulse.defect == "UndefinedColumn", "the thread fails")
            assert worker.thread.is_alive()
            assert worker.reason_to_end() is None
            worker.clock.now += LIMITS.defect_s
            assert worker.reason_to_end() == "defect: UndefinedColumn"
        finally:
            own.execute("ALTER TABLE lanes RENAME COLUMN not_migrated_yet TO urgent_at")
            own.commit()
        until(worker.works, "the migration has run")
        assert worker.reason_to_end() is None


@pytest.fixture
def powerless(own: Conn, linked: Wiring) -> Iterator[Wiring]:
    """A wiring whose role may read every table and write none."""
    role = sql.Identifier(f"powerless_{os.getpid()}")
    own.execute(sql.SQL("CREATE ROLE {}").format(role))
    own.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}").format(role))
    own.commit()
    url = linked.settings.database_url
    options = f"{'&' if '?' in url else '?'}options=-c%20role%3Dpowerless_{os.getpid()}"
    made = wire(dataclasses.replace(linked.settings, database_url=url + options))
    yield made
    made.close()
    own.rollback()
    own.execute(sql.SQL("DROP OWNED BY {}").format(role))
    own.execute(sql.SQL("DROP ROLE {}").format(role))
    own.commit()


@pytest.mark.usefixtures("quick")
def test_missing_privilege_ends_the_process(own: Conn, powerless: Wiring) -> None:
    own.execute("INSERT INTO lanes (portal_id, kind, next_due_at) VALUES (1, 'deliver', now())")
    own.commit()
    worker = Running(powerless)
    try:
        until(lambda: worker.pulse.defect == "InsufficientPrivilege", "the thread fails")
        worker.clock.now += LIMITS.defect_s
        assert worker.reason_to_end() == "defect: InsufficientPrivilege"
        assert worker.thread.is_alive()
    finally:
        worker.ending.set()
        worker.thread.join()


@pytest.mark.usefixtures("quick")
def test_lane_that_the_lost_database_interrupted_is_free_at_once(
    own: Conn, linked: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease would last for 30 s."""
    turns: list[int] = []

    def batch(wiring: Wiring, turn: object) -> bool:
        turns.append(1)
        if len(turns) == 1:
            raise psycopg.errors.ReadOnlySqlTransaction
        return False

    monkeypatch.setitem(DRAINS, LaneKind.DELIVER, runner_module.Drain(batch, lambda conn, portal_id: None))
    own.execute("INSERT INTO lanes (portal_id, kind, next_due_at) VALUES (1, 'deliver', now())")
    own.commit()
    with running(linked):
        until(lambda: len(turns) == 2, "the lane has another turn")


@pytest.mark.usefixtures("quick")
def test_record_of_an_accepted_call_is_repeated_until_it_is_stored(own: Conn, linked: Wiring) -> None:
    faults = [psycopg.errors.DeadlockDetected(), psycopg.errors.ReadOnlySqlTransaction()] * 10
    tries: list[int] = []

    def step(conn: Conn) -> None:
        tries.append(1)
        if faults:
            raise faults.pop()
        conn.execute("INSERT INTO lanes (portal_id, kind, next_due_at) VALUES (1, 'deliver', now())")

    until_stored(linked, step)
    assert len(tries) == 21
    assert own.execute("SELECT portal_id FROM lanes").fetchall() == [{"portal_id": 1}]


def test_defect_in_a_record_is_raised_at_once(linked: Wiring) -> None:
    tries: list[int] = []

    def step(conn: Conn) -> None:
        tries.append(1)
        conn.execute("SELECT missing FROM lanes")

    with pytest.raises(psycopg.errors.UndefinedColumn):
        until_stored(linked, step)
    assert len(tries) == 1


def test_worker_that_cannot_work_ends_with_code_1(own: Conn, linked: Wiring) -> None:
    """Its supervisor starts it again: a migration may have run meanwhile."""
    settings = linked.settings
    environment = {
        "DATABASE_URL": settings.database_url,
        "PUBLIC_BASE_URL": settings.public_base_url,
        "HUBSPOT_CLIENT_ID": settings.hubspot_client_id,
        "HUBSPOT_CLIENT_SECRET": settings.hubspot_client_secrets[0],
        "HUBSPOT_APP_ID": str(settings.hubspot_app_id),
        "HUBSPOT_URL_SEGMENTS": settings.url_segments[0],
        "SECRET_KEYS": settings.secret_keys[0],
        "WORKER_DEFECT_S": "0.1",
        "WORKER_HEALTH_PORT": "0",
        "PYTHONPATH": str(ROOT / "backend"),
    }
    own.execute("ALTER TABLE lanes RENAME COLUMN urgent_at TO not_migrated_yet")
    own.commit()
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "connector", "worker"],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        own.execute("ALTER TABLE lanes RENAME COLUMN not_migrated_yet TO urgent_at")
        own.commit()
    assert ended.returncode == 1
    assert "worker_ends" in ended.stderr
    assert "UndefinedColumn" in ended.stderr
