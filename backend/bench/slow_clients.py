"""Measures whether slow clients hold others up: 500 half heads, half bodies, and clients that never close.

The web server runs under its own settings, with its database and a server that plays HubSpot. Liveness probes and card
sends are timed without slow clients and among them.
"""

import socket
import statistics
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path

from backend.bench.accept import WORK_DIR, Bench, Case, Running, parser, records, running
from sandbox.postgres import ensure_server
from sandbox.processes import ROOT

CLIENTS = 500
PROBES = 200
BUDGET_S = 1.0
SLOW = {
    "half heads": b"POST /view/card/send HTTP/1.1\r\nHost: a\r\nX-Slow: ",
    "half bodies": b"POST /view/card/send HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{",
    "answered, never closed": b"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
}


def probe_s(port: int) -> float:
    """Seconds of one `/health/live` on a connection of its own."""
    started = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(b"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        while client.recv(4096):
            pass
    return time.perf_counter() - started


def p99(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.99)]


def measure(server: Running, bench: Bench, name: str) -> float:
    """Print and return the worst p99, in seconds."""
    probes = [probe_s(server.port) for _ in range(PROBES)]
    sends = bench.load(server, Case("card sends", "card", 64, True, 0.0), 4.0)
    rate = sum(sends["answers"].values()) / sends["seconds"]
    print(
        f"  {name}: /health/live median {statistics.median(probes) * 1e3:.1f} ms, p99 {p99(probes) * 1e3:.1f} ms;"
        f" card sends {rate:,.0f}/s, p99 {sends['p99_s'] * 1e3:.0f} ms"
    )
    return max(p99(probes), float(sends["p99_s"]))


def run() -> bool:
    """False when a p99 exceeds the budget."""
    print(f"slow_clients: {CLIENTS} slow clients; {PROBES} probes and 4 s of card sends, 16 at a time")
    with ExitStack() as stack:
        database = stack.enter_context(ensure_server(WORK_DIR / "postgres"))
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        hubspot_url = stack.enter_context(records(directory))
        server = stack.enter_context(running(database, ROOT, "this", hubspot_url, directory))
        bench = Bench([server], parser().parse_args(["--connections", "16"]))
        measure(server, bench, "warm-up")
        worst = measure(server, bench, "no slow clients")
        for name, begun in SLOW.items():
            with ExitStack() as clients:
                for _ in range(CLIENTS):
                    client = socket.create_connection(("127.0.0.1", server.port))
                    clients.enter_context(closing(client)).sendall(begun)
                worst = max(worst, measure(server, bench, f"{CLIENTS} {name}"))
    print(f"  worst p99 {worst * 1e3:.0f} ms (budget {BUDGET_S * 1e3:.0f} ms)")
    return worst < BUDGET_S
