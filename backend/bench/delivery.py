"""Measures delivery: gateway calls for equal texts, delays that big portals cause small ones, waiting times.

`make bench T=delivery`. A real worker process with four threads, the gateway's simulator over HTTP, accounts
at their default pace of five calls a second. The product's own use case queues the messages; SQL copies in only the
backlog of 20,000 in each big portal. Times run from storing a message to its claim, by the database's clock.
"""

import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from backend.tests.factories import a_command, a_portal
from connector.domain.phone_numbers import PhoneNumber
from connector.domain.vocabulary import NumberKind
from connector.settings import Settings
from connector.store.database import Conn, connect
from connector.store.portals.portals import Portal
from connector.store.vault import Vault
from connector.use_cases.messages.queue_message import queue_message
from sandbox.postgres import ensure_server
from sandbox.processes import ROOT, Process, stop_all
from sandbox.stack import Stack, free_port

WORK_DIR = ROOT / ".sandbox"
SLOTS = 4
BIG_PORTALS, WAITING = 3 * SLOTS, 20_000
PROBES, PROBE_APART_S = 40, 1.0
STREAM_S, EQUAL_PER_S, PERSONAL_PER_S = 30, 50, 4
MAX_CALLS, MAX_WAIT_S = 10, 2.0

_COPY = """
INSERT INTO messages (portal_id, message_id, direction, state, state_at, object_type_id, object_id, recipient,
    recipient_raw, recipient_property, recipient_country, source, priority, push_type, text, unicode, encoding, parts,
    gateway_id, created_at, due_at, expires_at)
SELECT portal_id, gen_random_uuid(), direction, 'queued', now(), object_type_id, object_id,
    '+336' || 10000099 + n * 100, 'raw', recipient_property, recipient_country, source, priority, push_type, text,
    unicode, encoding, parts, 'big-' || portal_id || '-' || n, now(), now(), now() + interval '1 day'
FROM messages, generate_series(1, %s) AS n WHERE message_id = %s
"""


@dataclass(frozen=True)
class Bench:
    """A database, a gateway and the means to queue messages. Each measurement starts its own worker."""

    conn: Conn
    vault: Vault
    gateway_url: str
    environment: dict[str, str]
    directory: Path

    def portal(self) -> Portal:
        portal = a_portal(self.conn, self.vault)
        account = {"email": f"{portal.portal_id}@example.org", "password": "password", "credits": 10_000_000}
        answer = requests.post(
            f"{self.gateway_url}/_control/accounts",
            json={**account, "token": f"token-of-{portal.portal_id}"},
            timeout=30,
        )
        answer.raise_for_status()
        return portal

    def queue(self, portal: Portal, number: int, text: str, source: str) -> str:
        # The simulator sends no receipt for numbers that end in 99, so only delivery is measured.
        recipient = PhoneNumber(f"+336{100_000 + number}99", "FR", NumberKind.MOBILE)
        command = a_command(recipient=recipient, text=text, source=source)
        message = queue_message(self.conn, portal, command, deployment_prefix="bench").message
        self.conn.commit()
        return str(message.message_id)

    def calls(self) -> int:
        counts = requests.get(f"{self.gateway_url}/_control/calls", timeout=30).json()["counts"]
        return int(counts.get("POST /send", 0))

    @contextmanager
    def worker(self, warm_up: Portal | None = None) -> Iterator[None]:
        log = self.directory / "worker.log"
        process = Process("worker", [sys.executable, "-m", "connector", "worker"], self.environment, log)
        process.start()
        try:
            if warm_up:  # the time to start the worker does not count
                self.waits([self.queue(warm_up, 60_000, "Bonjour", "card")])
            yield
        finally:
            stop_all([process])

    def waits(self, message_ids: list[str], timeout_s: float = 120.0) -> list[float]:
        """Seconds from storing to claim of each message, once all are claimed."""
        ends = time.monotonic() + timeout_s
        while time.monotonic() < ends:
            rows = self.conn.execute(
                "SELECT EXTRACT(EPOCH FROM min(s.at) - m.created_at)::float AS s FROM messages m"
                " JOIN message_states s USING (portal_id, message_id)"
                " WHERE m.message_id = ANY(%s::uuid[]) AND s.state = 'sending' GROUP BY m.message_id, m.created_at",
                (message_ids,),
            ).fetchall()
            self.conn.commit()
            if len(rows) == len(message_ids):
                return [row["s"] for row in rows]
            threading.Event().wait(0.2)
        raise TimeoutError("not every message was claimed")


@contextmanager
def bench() -> Iterator[Bench]:
    """A migrated database, the gateway's simulator and the settings of a worker."""
    with ExitStack() as stack:
        server = stack.enter_context(ensure_server(WORK_DIR / "postgres"))
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server.drop_database("bench_delivery")
        url = server.create_database("bench_delivery")
        stack.callback(server.drop_database, "bench_delivery")
        plan = Stack(directory, url)
        plan.migrate()
        port = free_port()
        gateway_url = f"http://127.0.0.1:{port}"
        environment = {
            **plan.environment(),
            "SMSFACTOR_API_URL": gateway_url,
            "HUBSPOT_API_URL": "http://127.0.0.1:9",  # writes to HubSpot wait; only delivery is measured
            "WORKER_THREADS": str(SLOTS),
            "WORKER_HEALTH_PORT": "0",
            "LOG_LEVEL": "WARNING",
        }
        command = [sys.executable, "-m", "sandbox.smsfactor_sim", "--port", str(port), "--token", "bench"]
        gateway = Process("gateway", command, {}, directory / "gateway.log", f"{gateway_url}/_control/ready")
        stack.callback(stop_all, [gateway])
        gateway.start()
        gateway.wait_until_ready()
        settings = Settings.from_environment({**os.environ, **environment})
        conn = stack.enter_context(connect(url))
        yield Bench(conn, Vault.of(settings.secret_keys), gateway_url, environment, directory)


def calls_for_equal_texts(world: Bench) -> bool:
    """1,000 equal messages to different numbers, queued before the worker starts."""
    portal = world.portal()
    ids = [world.queue(portal, n, "Votre commande est partie", "workflow") for n in range(1000)]
    before = world.calls()
    with world.worker():
        world.waits(ids)
    calls = world.calls() - before
    print(f"gateway calls for 1,000 equal texts: {calls} (budget {MAX_CALLS})")
    return calls <= MAX_CALLS


def fairness(world: Bench) -> bool:
    """Single messages of a small portal, and card sends in a big one, while all big portals have a backlog."""
    small, big = world.portal(), [world.portal() for _ in range(BIG_PORTALS)]
    for portal in big:
        pattern = world.queue(portal, 0, "Votre commande est partie", "workflow")
        world.conn.execute(_COPY, (WAITING, pattern))
        world.conn.commit()
    world.conn.execute("ANALYZE messages")
    world.conn.commit()
    singles, cards = [], []
    with world.worker(small):
        for n in range(PROBES):
            singles.append(world.queue(small, 10_000 + n, f"Bonjour {n}", "workflow"))
            cards.append(world.queue(big[n % BIG_PORTALS], 20_000 + n, f"Bonjour {n}", "card"))
            threading.Event().wait(PROBE_APART_S)
        left = world.conn.execute(
            "SELECT count(*) AS n, count(DISTINCT portal_id) AS portals FROM messages WHERE state = 'queued'"
        ).fetchone()
        waits = {"another portal's message": world.waits(singles), "card send inside": world.waits(cards)}
    assert left is not None
    print(
        f"{BIG_PORTALS} portals with {WAITING:,} waiting, {SLOTS} worker slots; still waiting after the last probe:"
        f" {left['n']:,} in {left['portals']} portals"
    )
    return all([_within(name, seconds) for name, seconds in waits.items()])


def streams(world: Bench) -> bool:
    """Equal texts at 50 a second in one portal, personalised ones at 4 a second in another."""
    equal, personal = world.portal(), world.portal()
    ids: dict[str, list[str]] = {"equal texts at 50/s": [], "personalised at 4/s": []}
    with world.worker(personal):
        started = time.monotonic()
        for n in range(STREAM_S * EQUAL_PER_S):
            threading.Event().wait(max(0.0, started + n / EQUAL_PER_S - time.monotonic()))
            ids["equal texts at 50/s"].append(world.queue(equal, 30_000 + n, "Il est là", "workflow"))
            if n * PERSONAL_PER_S % EQUAL_PER_S < PERSONAL_PER_S:
                ids["personalised at 4/s"].append(
                    world.queue(personal, 50_000 + n, f"Bonjour {n}", "workflow")
                )
        rate = STREAM_S * EQUAL_PER_S / (time.monotonic() - started)
        print(f"streams: {rate:.0f} equal texts a second were reached")
        return all([_within(name, world.waits(of)) for name, of in ids.items()])


def hanging(world: Bench) -> bool:
    """Card sends while every call of a workflow times out: each of four portals has 30 calls of 15 s to make."""
    portals = [world.portal() for _ in range(SLOTS)]
    order = {
        "kind": "timeout_before",
        "method": "POST",
        "path": "/send",
        "contains": "Campagne",
        "count": 10_000,
    }
    requests.post(f"{world.gateway_url}/_control/faults", json=order, timeout=30).raise_for_status()
    cards = []
    with world.worker(world.portal()):
        for portal in portals:
            for n in range(30):
                world.queue(portal, 70_000 + n, f"Campagne {n}", "workflow")
        for n in range(PROBES):
            threading.Event().wait(PROBE_APART_S)
            cards.append(world.queue(portals[n % SLOTS], 80_000 + n, f"Bonjour {n}", "card"))
        is_good = _within("card send while the gateway hangs", world.waits(cards))
    requests.delete(f"{world.gateway_url}/_control/faults", timeout=30).raise_for_status()
    return is_good


def _within(name: str, seconds: list[float]) -> bool:
    p95 = statistics.quantiles(seconds, n=20)[-1]
    print(
        f"  {name}: p95 {p95:.2f} s, median {statistics.median(seconds):.2f} s, worst {max(seconds):.2f} s"
        f" of {len(seconds)} (budget {MAX_WAIT_S:.0f} s)"
    )
    return p95 <= MAX_WAIT_S


def run() -> bool:
    with bench() as world:
        return all([calls_for_equal_texts(world), streams(world), hanging(world), fairness(world)])


if __name__ == "__main__":
    sys.exit(0 if run() else 1)
