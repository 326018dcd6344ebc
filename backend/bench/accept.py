"""How many executions a second are accepted and durable? A ratio to Flask's least answer under the same server.

Both applications run under the web server's own command (`sandbox.stack.web_server`) on the same machine, and take
turns, so that a slow moment hits both. Fresh database, PostgreSQL's default durability, no worker draining.
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
from pathlib import Path
from typing import Any

from backend.tests.factories import a_portal
from connector.store.database import connect
from connector.store.vault import Vault
from sandbox.postgres import Server, ensure_server
from sandbox.processes import ROOT, Process, stop_all
from sandbox.stack import PUBLIC_ORIGIN, Stack, free_port, web_server

WORK_DIR = ROOT / ".sandbox"
PATH = "/hubspot/workflow/send-sms"
BUDGET = 0.6
ROUNDS = 7
SECONDS = 4.0
CONNECTIONS = 32
DATABASE = "bench_accept"
TEXT = "Bonjour, votre commande est prête en boutique. A très vite, l'équipe de l'Atelier Lumen"
TEXTS = {"equal texts": TEXT.replace("ê", "e"), "personal texts": "{number} " + TEXT.replace("ê", "e")}


class Servers:
    """Both applications, each on a port, and the portal that is called."""

    def __init__(self, stack: Stack, ports: dict[str, int], portal_id: int) -> None:
        self.stack = stack
        self.ports = ports
        self.portal_id = portal_id
        self._next = 0

    def load(self, name: str, text: str, seconds: float, connections: int) -> dict[str, Any]:
        """One round of requests, none of which was ever sent before."""
        count = int(6_000 * seconds)
        self._next += count
        wanted = {
            "port": self.ports[name],
            "path": PATH,
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
    started = [
        Process(
            name,
            web_server(ports[name], application),
            environment,
            directory / f"{name}.log",
            f"http://127.0.0.1:{ports[name]}/health/ready",
        )
        for name, application in applications.items()
    ]
    try:
        for process in started:
            process.start()
        for process in started:
            process.wait_until_ready()
        yield Servers(stack, ports, portal.portal_id)
    finally:
        stop_all(started)
        database.drop_database(DATABASE)


def measure(both: Servers, text: str, options: argparse.Namespace) -> float:
    """Print medians; return the ratio."""
    rates: dict[str, list[float]] = {"hello": [], "accept": []}
    shares: list[float] = []
    accepted = 0
    before = stored(both)
    for round_ in range(options.rounds + 1):
        for name, measured in rates.items():
            answer = both.load(name, text, options.seconds if round_ else 1.0, options.connections)
            count = sum(answer["answers"].values())
            accepted += count if name == "accept" else 0
            if round_:  # the first one only warms up
                measured.append(count / answer["seconds"])
                shares.append(answer["cpu_s"] / answer["seconds"])
    assert stored(both) - before == accepted, "every answer has its row and its message"
    hello, accept = (statistics.median(rates[name]) for name in ("hello", "accept"))
    ratios = [mine / theirs for mine, theirs in zip(rates["accept"], rates["hello"], strict=True)]
    ratio = statistics.median(ratios)
    print(
        f"  hello {hello:,.0f}/s, accepted and durable {accept:,.0f}/s; the client took {max(shares):.0%} of a core"
    )
    print(
        f"  ratios by round: {' '.join(f'{one:.2f}' for one in ratios)}; median {ratio:.2f} (budget {BUDGET})"
    )
    return ratio


def stored(both: Servers) -> int:
    with connect(both.stack.database_url) as conn:
        row = conn.execute(
            "SELECT count(*) AS n FROM workflow_executions e JOIN messages m USING (portal_id, message_id)"
        ).fetchone()
    return int(row["n"]) if row else 0


def main() -> int:
    """Exit code 1 when a ratio is below the budget."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    options = parser.parse_args()
    with (
        ensure_server(WORK_DIR / "postgres") as database,
        tempfile.TemporaryDirectory() as directory,
        servers(database, Path(directory)) as both,
    ):
        worst = 1.0
        for name, text in TEXTS.items():
            print(f"{name}, {options.connections} connections:")
            worst = min(worst, measure(both, text, options))
    return 0 if worst >= BUDGET else 1


if __name__ == "__main__":
    sys.exit(main())
