"""Helpers of the gateway simulator's tests: a running simulator, a webhook receiver, waiting without
sleeping."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests
from flask import Flask

from sandbox.in_process import ORIGIN, in_process_session
from sandbox.origins import Origins
from sandbox.serving import running
from sandbox.smsfactor_sim.app import create_simulator
from sandbox.smsfactor_sim.world import Config

TOKEN = "sandbox-token"
PUBLIC = "https://connector.sandbox.example"


@dataclass
class Gateway:
    """A client of a simulator: `session` asks for JSON and carries the first account's token."""

    url: str
    session: requests.Session
    anonymous: requests.Session  # carries nothing

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> dict[str, Any]:
        """Make an API call whose answer must be HTTP 200 and JSON."""
        answer = self.session.request(method, self.url + path, json=body, timeout=20, **options)
        assert answer.status_code == 200, answer.text
        payload = answer.json()
        assert isinstance(payload, dict)
        return payload

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        return self.call("GET", path, params=params)

    def send(self, text: str, *numbers: str, **message: Any) -> dict[str, Any]:
        """POST /send with the numbers' own text as gsmsmsid, prefixed with m-."""
        return self.call("POST", "/send", send_body(text, *numbers, **message))

    def control(self, path: str, body: Any = None) -> dict[str, Any]:
        """A call of the control API: GET without a body, POST with one."""
        method = "GET" if body is None else "POST"
        answer = self.anonymous.request(method, f"{self.url}/_control{path}", json=body, timeout=130)
        assert answer.status_code in (200, 201), answer.text
        payload = answer.json()
        assert isinstance(payload, dict)
        return payload

    def set(self, **settings: Any) -> None:
        self.control("/settings", settings)

    def reset(self, start: str) -> None:
        """A new world at that instant."""
        self.control("/reset", {})
        self.at(start)

    def advance(self, seconds: float) -> None:
        """Move the clock, then wait until all due actions are done."""
        self.control("/clock", {"advance_s": seconds})
        self.settle()

    def at(self, instant: str) -> None:
        self.control("/clock", {"at": instant})
        self.settle()

    def settle(self) -> None:
        assert self.control("/idle?timeout_s=20")["idle"], "the simulator did not come to rest"

    def accepted(self) -> list[str | None]:
        """The gsmsmsid of every SMS the gateway ever accepted, in order."""
        return [entry["gsmsmsid"] for entry in self.control("/accepted")["accepted"]]

    def register(self, kind: str, url: str, signature: str | None = None) -> str:
        """Register a webhook and return its id."""
        webhook = {"type": kind, "url": url} | ({"signature": signature} if signature else {})
        return str(self.call("POST", "/webhook", {"webhook": webhook})["webhook"]["webhook_id"])


def send_body(text: str, *numbers: str, **message: Any) -> dict[str, Any]:
    """A body for POST /send."""
    gsm = [{"value": number, "gsmsmsid": f"m-{number}"} for number in numbers]
    return {"sms": {"message": {"text": text, **message}, "recipients": {"gsm": gsm}}}


@contextlib.contextmanager
def running_gateway(receiver: "Receiver | None" = None, start: str | None = None) -> Iterator[Gateway]:
    """A fresh simulator on a free port. PUBLIC is mapped to the receiver; `start` sets the clock."""
    with (
        _simulator(receiver, start) as app,
        running(app) as url,
        requests.Session() as session,
        requests.Session() as anonymous,
    ):
        yield Gateway(url, _as_customer(session), anonymous)


@contextlib.contextmanager
def gateway_in_process(receiver: "Receiver | None" = None, start: str | None = None) -> Iterator[Gateway]:
    """As `running_gateway`, without HTTP between test and simulator."""
    with _simulator(receiver, start) as app:
        yield Gateway(ORIGIN, _as_customer(in_process_session(app)), in_process_session(app))


@contextlib.contextmanager
def _simulator(receiver: "Receiver | None", start: str | None) -> Iterator[Flask]:
    target = receiver.url if receiver else "http://127.0.0.1:9"
    simulator = create_simulator(Config(TOKEN, Origins.parse([f"{PUBLIC}={target}"])))
    if start:
        simulator.control.clock.set(datetime.fromisoformat(start))
    try:
        yield simulator.app
    finally:
        simulator.stop()


def _as_customer(session: requests.Session) -> requests.Session:
    session.headers.update({"Authorization": f"Bearer {TOKEN}", "Accept": "application/json"})
    return session


@dataclass
class Received:
    """One request a receiver got."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        payload = json.loads(self.body)
        assert isinstance(payload, dict)
        return payload


class Receiver:
    """An HTTP server that records its requests. It answers the prepared statuses in turn, then 200."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.statuses: list[int] = []
        self._changed = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.keep(Received(self.path, dict(self.headers), body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Receiver":
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def keep(self, request: Received) -> int:
        with self._changed:
            self.received.append(request)
            self._changed.notify_all()
            return self.statuses.pop(0) if self.statuses else 200

    def wait(self, count: int, timeout_s: float = 20) -> list[Received]:
        """The requests, once there are at least `count`."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.received) >= count, timeout_s), self.received
            return list(self.received)


def eventually(holds: Callable[[], bool], what: str, timeout_s: float = 20) -> None:
    """Wait until `holds()` is true, for facts without an event of their own (a thread that ends)."""
    ticks, deadline = threading.Event(), datetime.now(UTC).timestamp() + timeout_s
    while not holds():
        assert datetime.now(UTC).timestamp() < deadline, f"never: {what}"
        ticks.wait(0.02)
