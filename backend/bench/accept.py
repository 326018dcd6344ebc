"""Measures how many executions a second are accepted durably, relative to a minimal Flask answer on the same server.

Both applications run under the web server's own command (`sandbox.stack.web_server`) on the same machine and take
turns, so that a slow moment hits both. Fresh database, PostgreSQL's default durability, no worker draining. The output
also shows the CPU time of servers and database per answer, which explains a rate even on a busy machine.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from backend.tests.factories import a_portal
from connector.store.database import connect
from connector.store.vault import Vault
from sandbox.postgres import Server, ensure_server
from sandbox.processes import ROOT, Process, stop_all
from sandbox.stack import PUBLIC_ORIGIN, Stack, free_port, web_server

WORK_DIR = ROOT / ".sandbox"
BUDGET = 0.6
ROUNDS = 7
SECONDS = 4.0
CONNECTIONS = 128
DATABASE = "bench_accept"
TEXT = "Bonjour, votre commande est prête en boutique. A très vite, l'équipe de l'Atelier Lumen"
TEXTS = {"equal texts": TEXT.replace("ê", "e"), "personal texts": "{number} " + TEXT.replace("ê", "e")}


class Servers:
    """Both applications, each on its own port, and the portal that the requests name."""

    def __init__(
        self, stack: Stack, ports: dict[str, int], processes: dict[str, Process], portal_id: int
    ) -> None:
        self.stack = stack
        self.ports = ports
        self.processes = processes
        self.portal_id = portal_id
        self._next = 0
        self._counted_to = datetime.now(UTC)

    def cpu_s(self) -> dict[str, float]:
        """CPU seconds so far of each application and of the database sessions (0 if the database runs elsewhere)."""
        used = {}
        for name, process in self.processes.items():
            main = psutil.Process(process.pid)
            used[name] = sum(_cpu_s(one.pid) for one in (main, *main.children(recursive=True)))
        with connect(self.stack.database_url) as conn:
            rows = conn.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchall()
        return {**used, "database": sum(_cpu_s(row["pid"]) for row in rows)}

    def stored_together(self) -> float:
        """Executions per transaction since the last call. Rows of one transaction share `created_at`."""
        with connect(self.stack.database_url) as conn:
            row = conn.execute(
                "SELECT count(*) AS n, count(DISTINCT created_at) AS batches FROM workflow_executions"
                " WHERE created_at > %s",
                (self._counted_to,),
            ).fetchone()
        assert row is not None
        self._counted_to = datetime.now(UTC)
        return float(row["n"] / row["batches"])

    def load(self, name: str, text: str, seconds: float, connections: int) -> dict[str, Any]:
        """Send one round of new requests."""
        count = int(6_000 * seconds)
        self._next += count
        wanted = {
            "port": self.ports[name],
            "path": f"/hubspot/workflow/{self.stack.url_segment}/send-sms",
            "portal_id": self.portal_id,
            "first": self._next,
            "count": count,
            "text": text,
            "connections": connections,
            "seconds": seconds,
            "secret": self.stack.secrets.client_secret,
            "base": PUBLIC_ORIGIN,
        }
        command = [sys.executable, "-m", "backend.bench.load", json.dumps(wanted)]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'backend'}"}
        done = subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=environment)
        answer: dict[str, Any] = json.loads(done.stdout)
        assert set(answer["answers"]) == {"200 SUCCESS"}, answer["answers"]
        return answer


def _cpu_s(pid: int) -> float:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system


@contextmanager
def servers(database: Server, directory: Path) -> Iterator[Servers]:
    database.drop_database(DATABASE)
    stack = Stack(directory, database.create_database(DATABASE))
    stack.migrate()
    with connect(stack.database_url) as conn:
        portal = a_portal(conn, Vault.of((stack.secrets.fernet_key,)))
    ports = {"hello": free_port(), "accept": free_port()}
    applications = {"hello": "backend.bench.hello:create_app()", "accept": "connector:create_app()"}
    environment = {**stack.environment(), "PYTHONPATH": f"{ROOT}:{ROOT / 'backend'}"}
    started = {
        name: Process(
            name,
            web_server(ports[name], application),
            environment,
            directory / f"{name}.log",
            f"http://127.0.0.1:{ports[name]}/health/ready",
        )
        for name, application in applications.items()
    }
    try:
        for process in started.values():
            process.start()
        for process in started.values():
            process.wait_until_ready()
        yield Servers(stack, ports, started, portal.portal_id)
    finally:
        stop_all(started.values())
        database.drop_database(DATABASE)


def measure(both: Servers, text: str, options: argparse.Namespace) -> float:
    """Print medians; return the ratio."""
    rates: dict[str, list[float]] = {"hello": [], "accept": []}
    cpu: dict[str, list[float]] = {"hello": [], "accept": [], "database": []}
    shares: list[float] = []
    accepted = 0
    before = stored(both)
    for round_ in range(options.rounds + 1):
        for name, measured in rates.items():
            used = both.cpu_s()
            answer = both.load(name, text, options.seconds if round_ else 1.0, options.connections)
            count = sum(answer["answers"].values())
            accepted += count if name == "accept" else 0
            if round_:  # the first round only warms up
                measured.append(count / answer["seconds"])
                shares.append(answer["cpu_s"] / answer["seconds"])
                now = both.cpu_s()
                for part in (name, "database") if name == "accept" else (name,):
                    cpu[part].append((now[part] - used[part]) / count * 1e6)
    assert stored(both) - before == accepted, "every answer has its row and its message"
    print(f"  a transaction held {both.stored_together():.1f} executions on average")
    return report(rates, cpu, max(shares))


def report(rates: dict[str, list[float]], cpu: dict[str, list[float]], share: float) -> float:
    """Print the figures; return the median ratio of the rounds."""
    hello, accept = (statistics.median(rates[name]) for name in ("hello", "accept"))
    ratios = [mine / theirs for mine, theirs in zip(rates["accept"], rates["hello"], strict=True)]
    ratio = statistics.median(ratios)
    print(
        f"  hello {hello:,.0f}/s, accepted and durable {accept:,.0f}/s; the client took {share:.0%} of a core"
    )
    print(
        f"  ratios by round: {' '.join(f'{one:.2f}' for one in ratios)}; median {ratio:.2f} (budget {BUDGET})"
    )
    of = {part: statistics.median(measured) for part, measured in cpu.items()}
    print(
        f"  CPU for each answer: hello {of['hello']:.0f} us; accepting {of['accept']:.0f} us and database"
        f" {of['database']:.0f} us; ratio {of['hello'] / (of['accept'] + of['database']):.2f}"
    )
    return ratio


def stored(both: Servers) -> int:
    with connect(both.stack.database_url) as conn:
        row = conn.execute(
            "SELECT count(*) AS n FROM workflow_executions e JOIN messages m USING (portal_id, message_id)"
        ).fetchone()
    return int(row["n"]) if row else 0


def run(options: argparse.Namespace | None = None) -> bool:
    """False when a ratio is below the budget."""
    options = options or _parser().parse_args([])
    worst = 1.0
    with (
        ensure_server(WORK_DIR / "postgres") as database,
        tempfile.TemporaryDirectory() as directory,
        servers(database, Path(directory)) as both,
    ):
        for name, text in TEXTS.items():
            print(
                f"accept: one portal, {name}, {options.connections} connections,"
                f" {options.rounds} rounds of {options.seconds:g} s in turns"
            )
            worst = min(worst, measure(both, text, options))
    return worst >= BUDGET


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    return parser


if __name__ == "__main__":
    sys.exit(0 if run(_parser().parse_args()) else 1)
