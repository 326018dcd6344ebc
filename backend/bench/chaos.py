"""Forces one fault after another on running processes; prints SMS lost, SMS sent twice and the time to recover.

A real web server, a real worker and PostgreSQL, with production's time limits. Every SMS is a card send; the gateway's
own log proves that each left once. docs/reliability.md has the table. No test asserts the times.
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from backend.bench.customer import Customer, a_customer
from connector.store.database import Conn, connect
from sandbox.driver.numbers import MOBILE
from sandbox.driver.views import CARD, SETTINGS
from sandbox.driver.waiting import until
from sandbox.postgres import Server, ensure_server
from sandbox.processes import ROOT
from sandbox.stack import Stack

READ_ONLY_S = 12.0
PATIENCE_S = 300.0
SENDS = 5
CARD_SENDS, CARD_APART_S, HANGING_CALLS = 40, 1.0, 200
CARD_P95_S = 2.0


@dataclass(frozen=True)
class Row:
    """The outcome of one fault. `budget_s`: the longest time to recover."""

    fault: str
    lost: int
    twice: int
    recovery_s: float
    budget_s: float
    note: str = ""

    @property
    def is_within(self) -> bool:
        return self.lost == self.twice == 0 and self.recovery_s < self.budget_s


class World:
    """A customer whose card sends are counted."""

    def __init__(self, customer: Customer) -> None:
        self.customer, self.stack, self.portal = customer, customer.stack, customer.portal
        self.record_id = self.portal.rows()[0]["id"]
        self.portal.set_phone(self.record_id, MOBILE)

    def send(self, text: str) -> str:
        """Send from the card; returns the message's id."""
        answer = self.portal.send(self.portal.send_body(self.record_id, MOBILE, text=text))
        assert answer.get("ok"), answer
        return str(answer["data"]["message"]["id"])

    def wait(self, ids: Sequence[str], states: Sequence[str] = ("accepted", "delivered")) -> None:
        with connect(self.stack.database_url, autocommit=True) as conn:
            until(lambda: _count(conn, ids, states) == len(ids), f"all are {states}", PATIENCE_S)

    def row(self, fault: str, ids: Sequence[str], recovery_s: float, budget_s: float, note: str = "") -> Row:
        """The row of the table, with the gateway's own log as the proof."""
        with connect(self.stack.database_url) as conn:
            rows = conn.execute(
                "SELECT gateway_id FROM messages WHERE message_id = ANY(%s::uuid[])", (list(ids),)
            )
            sent = {row["gateway_id"] for row in rows}
        taken = Counter(self.portal.gateway.accepted_ids())
        return Row(
            fault,
            lost=len(ids) - len(sent & taken.keys()),
            twice=sum(1 for gateway_id in sent if taken[gateway_id] > 1),
            recovery_s=recovery_s,
            budget_s=budget_s,
            note=note,
        )


def _count(conn: Conn, ids: Sequence[str], states: Sequence[str]) -> int:
    row = conn.execute(
        "SELECT count(*) AS n FROM messages WHERE message_id = ANY(%s::uuid[]) AND state = ANY(%s)",
        (list(ids), list(states)),
    ).fetchone()
    assert row is not None
    return int(row["n"])


def _end_sessions(conn: Conn) -> None:
    conn.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )


def _set_read_only(conn: Conn, value: str) -> None:
    conn.execute("SET default_transaction_read_only = off")
    order = sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}")
    conn.execute(order.format(sql.Identifier(conn.info.dbname), sql.Literal(value)))
    _end_sessions(conn)


def read_only(world: World) -> Row:
    """A fail-over: messages wait in the queue, the database cannot be written for 12 s."""
    world.portal.ask(SETTINGS, "/settings/pause-outgoing", {})
    ids = [world.send(f"Lecture seule {n}") for n in range(SENDS)]
    world.portal.ask(SETTINGS, "/settings/resume-outgoing", {})
    with connect(world.stack.database_url, autocommit=True) as conn:
        _set_read_only(conn, "on")
        time.sleep(READ_ONLY_S)
        refused = world.portal.send(world.portal.send_body(world.record_id, MOBILE))
        _set_read_only(conn, "off")
    began = time.monotonic()
    world.wait(ids)
    world.stack.check()
    note = f"a send meanwhile was answered {refused.get('error', {}).get('code', refused.get('status'))}"
    return world.row("database read-only for 12 s", ids, time.monotonic() - began, 10.0, note)


def killed_connections(world: World) -> Row:
    """All connections of web and worker end at once; the time until a view's call has its answer."""
    with connect(world.stack.database_url, autocommit=True) as conn:
        _end_sessions(conn)
        began, tries = time.monotonic(), 1
        body = {"object_type_id": "0-1", "object_id": world.record_id}
        while not world.portal.fetch(CARD, "/card/open", body).get("ok"):
            tries += 1
        recovery_s = time.monotonic() - began
    ids = [world.send(f"Connexions {n}") for n in range(SENDS)]
    world.wait(ids)
    return world.row("connections killed", ids, recovery_s, 1.0, f"answered at call {tries}")


def deadlock(world: World) -> Row:
    """Another session locks the portal, then the message: the record of the accepted call is the victim."""
    with connect(world.stack.database_url) as rival:
        rival.execute("SET deadlock_timeout = '60s'")  # the victim is the session that waits first
        rival.execute("UPDATE portals SET sent_count = sent_count")
        ids = [world.send("Interblocage")]
        waiting = (
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        with connect(world.stack.database_url, autocommit=True) as looker:
            until(lambda: looker.execute(waiting).fetchone(), "the record waits for the portal")
        began = time.monotonic()
        rival.execute("UPDATE messages SET read_at = read_at WHERE message_id = %s", (ids[0],))
        rival.commit()
    world.wait(ids)
    repeats = world.stack.log("worker").count("transaction_repeated")
    return world.row("deadlock forced", ids, time.monotonic() - began, 5.0, f"{repeats} repetition")


def killed_in_a_call(world: World) -> Row:
    """`kill -9` while the gateway has the call and has not answered; the time from the start of the next worker."""
    gateway = world.portal.gateway
    barrier = gateway.fault("hold_after")
    ids = [world.send("Arrêt en plein appel")]
    gateway.wait_for_hit(barrier)
    world.stack.kill("worker", signal.SIGKILL)
    gateway.clear_faults()
    gateway.advance(120)  # past the lag of the gateway's listing
    began = time.monotonic()
    world.stack.restart("worker")
    world.wait(ids)
    return world.row(
        "worker killed in a call", ids, time.monotonic() - began, 120.0, "a lease, then a look-up"
    )


def hanging_gateway(world: World) -> Row:
    """Every call of the workflow times out after 15 s; card sends go on. The time: p95 from accepted to handed over."""
    gateway, portal = world.portal.gateway, world.portal
    gateway.fault("timeout_before", contains="LENT", count=100_000)
    workflow = world.customer.workflow("LENT {{contact.email}}")
    portal.enrol_generated(workflow, HANGING_CALLS)
    with connect(world.stack.database_url, autocommit=True) as conn:
        hangs = "SELECT 1 FROM messages WHERE source = 'workflow' AND state IN ('sending', 'unknown')"
        until(lambda: conn.execute(hangs).fetchone(), "a call of the workflow hangs")
        ids = []
        for n in range(CARD_SENDS):
            ids.append(world.send(f"Carte {n}"))
            time.sleep(CARD_APART_S)
        world.wait(ids)
        waits = sorted(
            row["s"]
            for row in conn.execute(
                "SELECT EXTRACT(EPOCH FROM accepted_at - created_at)::float AS s FROM messages"
                " WHERE message_id = ANY(%s::uuid[])",
                (ids,),
            )
        )
        hung = conn.execute("SELECT count(*) AS n FROM attempts WHERE outcome = 'unknown'").fetchone()
    assert hung is not None
    gateway.clear_faults()
    p95 = waits[int(len(waits) * 0.95)]
    note = f"card sends: median {waits[len(waits) // 2]:.2f} s, worst {waits[-1]:.2f} s; {hung['n']} calls timed out"
    return world.row("gateway hangs (p95 of card sends)", ids, p95, CARD_P95_S, note)


FAULTS: Sequence[Callable[[World], Row]] = (
    read_only,
    killed_connections,
    deadlock,
    killed_in_a_call,
    hanging_gateway,
)


# --- a worker that was started before `migrate`


@contextmanager
def _former(server: Server, name: str) -> Iterator[tuple[Conn, Stack]]:
    """A database with all migrations, and the settings of a worker on it."""
    server.drop_database(name)
    url = server.create_database(name)
    with tempfile.TemporaryDirectory(prefix="chaos-") as directory:
        stack = Stack(Path(directory), url)
        stack.migrate()
        with connect(url, autocommit=True) as conn:
            conn.execute("INSERT INTO lanes (portal_id, kind, next_due_at) VALUES (1, 'deliver', now())")
            yield conn, stack
    server.drop_database(name)


def started_before_migrate(server: Server) -> list[Row]:
    """A missing column and a missing privilege: the process ends with code 1, and its supervisor starts it again."""
    role = f"powerless_{os.getpid()}"
    rows: list[Row] = []
    with _former(server, "bench_chaos_column") as (conn, stack):
        conn.execute("ALTER TABLE lanes RENAME COLUMN urgent_at TO not_migrated_yet")
        with _former(server, "bench_chaos_role") as (other, powerless):
            name = sql.Identifier(role)
            other.execute(sql.SQL("CREATE ROLE {}").format(name))
            other.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}").format(name))
            url = powerless.database_url
            as_role = f"{url}{'&' if '?' in url else '?'}options=-c%20role%3D{role}"
            cases = {
                "worker before migrate (missing column)": stack.environment(),
                "worker with a missing privilege": {**powerless.environment(), "DATABASE_URL": as_role},
            }
            threads = [
                threading.Thread(target=lambda n=name, e=env: rows.append(_ended(n, e)))
                for name, env in cases.items()
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            other.execute(sql.SQL("DROP OWNED BY {}").format(name))
            other.execute(sql.SQL("DROP ROLE {}").format(name))
    return rows


def _ended(fault: str, environment: dict[str, str]) -> Row:
    began = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-m", "connector", "worker"],
        env=os.environ | environment,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return Row(
        fault,
        0 if ended.returncode else 1,
        0,
        time.monotonic() - began,
        60.0,
        f"exit code {ended.returncode}",
    )


def run() -> bool:
    """False when an SMS was lost or sent twice, or a recovery took longer than its budget."""
    print("chaos: one fault after another; lost, sent twice, seconds to recover (budget)")
    rows: list[Row] = []
    with ensure_server(ROOT / ".sandbox" / "postgres") as server:
        with a_customer(server, "bench_chaos", {}) as customer:
            customer.set_up()
            world = World(customer)
            for fault in FAULTS:
                rows.append(fault(world))
                _show(rows[-1])
        for row in started_before_migrate(server):
            rows.append(row)
            _show(row)
    return all(row.is_within for row in rows)


def _show(row: Row) -> None:
    print(
        f"  {row.fault}: lost {row.lost}, twice {row.twice}, {row.recovery_s:.2f} s ({row.budget_s:.0f} s);"
        f" {row.note}"
    )
