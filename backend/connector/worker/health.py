"""A worker's local port: whether its threads work, for operators and for what supervises it.

It answers from memory, so it also answers while the database is away. Only this machine can reach it: it has no proof
of callers.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import structlog

from connector.worker.vitals import Pulse, Vitals
from connector.worker.watch import Limits, fault_of

log = structlog.get_logger()

HOST: Final = "127.0.0.1"
CALLER_S: Final = 5.0  # longest wait for a caller's request


def state_of(pulse: Pulse, limits: Limits) -> str:
    """One thread: ok | waits (for the database) | fails (a defect, tried again) | ends (the process will end)."""
    if fault_of(pulse, limits):
        return "ends"
    if pulse.defect:
        return "fails"
    return "waits" if pulse.waits_for else "ok"


def report(vitals: Vitals, limits: Limits) -> dict[str, Any]:
    """`{"status", "threads"}`: the worst state of the threads, and each thread."""
    threads = [
        {
            "name": pulse.name,
            "status": state_of(pulse, limits),
            "doing": pulse.doing,
            "beat_s": round(vitals.clock() - pulse.beat_at, 1),
            "fault": pulse.defect or pulse.waits_for,
        }
        for pulse in vitals.pulses()
    ]
    states = {str(thread["status"]) for thread in threads}
    worst = next((state for state in ("ends", "fails", "waits") if state in states), "ok")
    return {"status": worst, "threads": threads}


def serve(vitals: Vitals, limits: Limits, port: int) -> ThreadingHTTPServer | None:
    """Answer on the port until the process ends; 0: no port. None: there is none, or another process has it.

    Delivery matters more than this port, so a port in use is only reported.
    """
    if port == 0:
        return None

    class Handler(BaseHTTPRequestHandler):
        timeout = CALLER_S

        def do_GET(self) -> None:
            found = report(vitals, limits)
            is_good = {
                "/health/live": found["status"] != "ends",
                "/health/ready": found["status"] == "ok",
            }.get(self.path.partition("?")[0])
            self._answer(
                404 if is_good is None else 200 if is_good else 503, found if is_good is not None else {}
            )

        def _answer(self, status: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Requests are not logged."""

    try:
        server = ThreadingHTTPServer((HOST, port), Handler)
    except OSError as fault:
        log.error("health_port_taken", port=port, error=str(fault))
        return None
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server
