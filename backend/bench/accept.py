"""Measures how many card sends and executions a second are accepted durably, relative to a minimal Flask answer.

All applications run under the web server's own command on the same machine and take turns, so that a slow moment hits
all of them. Fresh database, PostgreSQL's default durability, no worker draining. The output also shows the CPU time of
servers and database per answer, which explains a rate even on a busy machine. `--against` adds another checkout of
this project (an earlier commit), on a database of its own, to each turn.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from cryptography.fernet import Fernet

from connector.store.database import connect
from sandbox.postgres import Server, ensure_server
from sandbox.processes import ROOT, Process, stop_all
from sandbox.stack import PUBLIC_ORIGIN, Stack, free_port

WORK_DIR = ROOT / ".sandbox"
PORTALS = 64
ROUNDS = 7
SECONDS = 4.0
CONNECTIONS = 128


@dataclass(frozen=True)
class Case:
    """One kind of call, and the share of Flask's rate that it must reach."""

    name: str
    kind: str  # of backend.bench.load
    portals: int
    personal: bool
    budget: float


CASES = (
    Case(f"card sends, {PORTALS} portals", "card", PORTALS, True, 0.08),
    Case("executions, one portal, equal texts", "execution", 1, False, 0.35),
    Case("executions, one portal, personal texts", "execution", 1, True, 0.35),
    Case(f"executions, {PORTALS} portals", "execution", PORTALS, True, 0.35),
)
HELLO = "hello"


@dataclass(frozen=True)
class Running:
    """A server under load, and the database behind it (None: the minimal application)."""

    name: str
    port: int
    process: Process
    database_url: str | None
    secret: str
    portal_ids: list[int]
    paths: dict[str, str]  # of each kind of call


class Bench:
    """Servers that take turns under load."""

    def __init__(self, servers: list[Running], options: argparse.Namespace) -> None:
        self.servers = servers
        self.options = options
        self._next = 0

    def measure(self, case: Case) -> float:
        """Print medians; return the ratio of this checkout to the minimal application."""
        rates: dict[str, list[float]] = {server.name: [] for server in self.servers}
        cpu: dict[str, list[tuple[float, float]]] = {server.name: [] for server in self.servers}
        p99: dict[str, list[float]] = {server.name: [] for server in self.servers}
        share = 0.0
        for round_ in range(self.options.rounds + 1):
            for server in self.servers:
                used = self._cpu_s(server)
                answer = self.load(server, case, self.options.seconds if round_ else 1.0)
                count = sum(answer["answers"].values())
                if round_:  # the first round only warms up
                    now = self._cpu_s(server)
                    rates[server.name].append(count / answer["seconds"])
                    p99[server.name].append(answer["p99_s"])
                    cpu[server.name].append(
                        ((now[0] - used[0]) / count * 1e6, (now[1] - used[1]) / count * 1e6)
                    )
                    share = max(share, answer["cpu_s"] / answer["seconds"])
        return self._report(case, rates, cpu, p99, share)

    def load(self, server: Running, case: Case, seconds: float) -> dict[str, Any]:
        """Send one round of new calls; every answer must be a success, and every success stored."""
        count = int(3_000 * seconds)
        self._next += count
        wanted = {
            "kind": case.kind,
            "port": server.port,
            "path": server.paths[case.kind],
            "portal_ids": server.portal_ids[: case.portals] or list(range(1, case.portals + 1)),
            "first": self._next,
            "count": count,
            "personal": case.personal,
            "connections": self.options.connections,
            "seconds": seconds,
            "secret": server.secret,
            "base": PUBLIC_ORIGIN,
        }
        before = _stored(server)
        command = [sys.executable, "-m", "backend.bench.load", json.dumps(wanted)]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'backend'}"}
        done = subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=environment)
        answer: dict[str, Any] = json.loads(done.stdout)
        assert set(answer["answers"]) == {"200 done"}, (server.name, answer["answers"])
        if server.database_url:
            assert _stored(server) - before == sum(answer["answers"].values()), "each answer has its message"
        return answer

    def _cpu_s(self, server: Running) -> tuple[float, float]:
        """CPU seconds so far of the web processes, and of the sessions of its database."""
        main = psutil.Process(server.process.pid)
        web = sum(_cpu_s(process.pid) for process in (main, *main.children(recursive=True)))
        if not server.database_url:
            return web, 0.0
        with connect(server.database_url) as conn:
            rows = conn.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchall()
        return web, sum(_cpu_s(row["pid"]) for row in rows)

    def _report(
        self,
        case: Case,
        rates: dict[str, list[float]],
        cpu: dict[str, list[tuple[float, float]]],
        p99: dict[str, list[float]],
        share: float,
    ) -> float:
        print(f"accept: {case.name}; the client took up to {share:.0%} of a core")
        for name, measured in rates.items():
            web, database = (statistics.median(part) for part in zip(*cpu[name], strict=True))
            print(
                f"  {name:8} {statistics.median(measured):7,.0f}/s, p99 {statistics.median(p99[name]) * 1e3:.0f} ms;"
                f" CPU for each: web {web:.0f} us, database {database:.0f} us"
            )
        mine = rates["this"]
        ratio = 0.0
        for other in (name for name in rates if name != "this"):
            ratios = sorted(one / theirs for one, theirs in zip(mine, rates[other], strict=True))
            middle = statistics.median(ratios)
            budget = f" (budget {case.budget})" if other == HELLO else ""
            print(
                f"  ratio to {other}: median {middle:.2f}, rounds {ratios[0]:.2f} to {ratios[-1]:.2f}{budget}"
            )
            ratio = middle if other == HELLO else ratio
        return ratio


def _stored(server: Running) -> int:
    if not server.database_url:
        return 0
    with connect(server.database_url) as conn:
        row = conn.execute("SELECT count(*) AS n FROM messages").fetchone()
    return int(row["n"]) if row else 0


def _cpu_s(pid: int) -> float:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system


def _server(checkout: Path, name: str, application: str, environment: dict[str, str], logs: Path) -> Process:
    """A web server as docs/operations.md starts it, from a checkout."""
    port = environment["BENCH_PORT"]
    backend = checkout / "backend"
    command = [
        *(sys.executable, "-m", "gunicorn", "--config", str(backend / "gunicorn.conf.py")),
        *("--chdir", str(backend), "--bind", f"127.0.0.1:{port}", application),
    ]
    url = f"http://127.0.0.1:{port}/health/ready"
    return Process(name, command, {**environment, **_paths(checkout)}, logs / f"{name}.log", url)


def _paths(checkout: Path) -> dict[str, str]:
    return {"PYTHONPATH": f"{checkout}:{checkout / 'backend'}"}


# Run by each checkout itself: an earlier one has an earlier schema.
_PORTALS = """
import json, os, sys
from backend.tests.factories import a_portal
from connector.store.database import connect
from connector.store.vault import Vault
with connect(os.environ["DATABASE_URL"]) as conn:
    vault = Vault.of((sys.argv[1],))
    print(json.dumps([a_portal(conn, vault).portal_id for _ in range(int(sys.argv[2]))]))
"""


def _run(checkout: Path, environment: dict[str, str], arguments: list[str]) -> str:
    """The output of a Python program of a checkout."""
    done = subprocess.run(
        [sys.executable, *arguments],
        check=True,
        cwd=checkout,
        env={**os.environ, **environment, **_paths(checkout)},
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


@contextmanager
def running(
    database: Server, checkout: Path, name: str, hubspot_url: str, directory: Path
) -> Iterator[Running]:
    """The application of a checkout on its own migrated database, with portals."""
    database_name = f"bench_accept_{name}"
    database.drop_database(database_name)
    changes = {"HUBSPOT_API_URL": hubspot_url, "SECRET_KEYS": Fernet.generate_key().decode()}
    stack = Stack(directory / name, database.create_database(database_name), environment=changes)
    environment = {**stack.environment(), "BENCH_PORT": str(free_port())}
    _run(checkout, environment, ["-m", "connector", "migrate"])
    portal_ids = json.loads(
        _run(checkout, environment, ["-c", _PORTALS, changes["SECRET_KEYS"], str(PORTALS)])
    )
    with connect(stack.database_url) as conn:
        conn.execute("UPDATE hubspot_tokens SET expires_at = now() + interval '1 day'")
        conn.execute(
            "INSERT INTO call_budgets (portal_id, bucket, tokens, background_tokens, max_calls, interval_s,"
            " refilled_at) SELECT portal_id, 'calls', 1e6, 1e6, 10000000, 10, now() FROM portals"
        )
    process = _server(checkout, name, "connector:create_app()", environment, directory)
    try:
        process.start()
        process.wait_until_ready()
        yield Running(
            name,
            int(environment["BENCH_PORT"]),
            process,
            stack.database_url,
            stack.secrets.client_secret,
            portal_ids,
            _paths_of(checkout, stack),
        )
    finally:
        stop_all([process])
        database.drop_database(database_name)


def _paths_of(checkout: Path, stack: Stack) -> dict[str, str]:
    """The paths of the calls; before the table of routes they had neither prefix nor segment."""
    if not (checkout / "backend" / "connector" / "inbound" / "routes.py").exists():
        return {"card": "/card/send", "execution": "/hubspot/workflow/send-sms"}
    return {"card": "/view/card/send", "execution": f"/hubspot/workflow/{stack.url_segment}/send-sms"}


@contextmanager
def minimal(directory: Path) -> Iterator[Running]:
    """The minimal application under this checkout's settings of the web server."""
    environment = {"BENCH_PORT": str(free_port())}
    process = _server(ROOT, HELLO, "backend.bench.hello:create_app()", environment, directory)
    try:
        process.start()
        process.wait_until_ready()
        yield Running(
            HELLO,
            int(environment["BENCH_PORT"]),
            process,
            None,
            "-",
            [],
            {"card": "/card", "execution": "/execution"},
        )
    finally:
        stop_all([process])


@contextmanager
def records(directory: Path) -> Iterator[str]:
    """The URL of the server that plays HubSpot."""
    port = free_port()
    command = [sys.executable, "-m", "backend.bench.record_server", str(port)]
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'backend'}"}
    url = f"http://127.0.0.1:{port}"
    process = Process("records", command, environment, directory / "records.log", url + "/0")
    try:
        process.start()
        process.wait_until_ready()
        yield url
    finally:
        stop_all([process])


def run(options: argparse.Namespace | None = None) -> bool:
    """False when a ratio is below its budget."""
    options = options or parser().parse_args([])
    with ExitStack() as stack:
        database = stack.enter_context(ensure_server(WORK_DIR / "postgres"))
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        hubspot_url = stack.enter_context(records(directory))
        servers = [
            stack.enter_context(minimal(directory)),
            stack.enter_context(running(database, ROOT, "this", hubspot_url, directory)),
        ]
        if options.against:
            other = running(database, options.against.resolve(), "other", hubspot_url, directory)
            servers.append(stack.enter_context(other))
        bench = Bench(servers, options)
        cases = [case for case in CASES if options.only in case.name]
        print(
            f"accept: {options.connections} connections, {options.rounds} rounds of {options.seconds:g} s in turns"
        )
        return all([bench.measure(case) >= case.budget for case in cases])


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--only", default="", help="cases whose name has this")
    parser.add_argument("--against", type=Path, help="another checkout of this project")
    return parser


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    sys.exit(0 if run(parser().parse_args()) else 1)
