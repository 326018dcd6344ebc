"""A scripted server for faults of connections that no simulator has, and both simulators in separate processes."""

import http.server
import queue
import socket
import socketserver
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.processes import Process, stop_all
from sandbox.stack import BUILD_DIR, free_port

# A script answers one request with bytes, or handles the socket and returns None.
Script = Callable[[socket.socket, "Request"], bytes | None]


@dataclass(frozen=True)
class Request:
    """One request as it arrived."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class ScriptedServer:
    """A server on loopback that passes each request to `script` and holds connections open."""

    script: Script
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    address: str = ""
    #: Set when the test ends: scripts that hold a connection wait for it.
    over: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def scripted() -> Iterator[Callable[[Script], ScriptedServer]]:
    """Starts scripted servers, which end with the test."""
    running: list[tuple[ScriptedServer, socketserver.ThreadingTCPServer]] = []

    def start(script: Script) -> ScriptedServer:
        scripted_server = ScriptedServer(script)

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                scripted_server.connections += 1
                try:
                    while serve_one(scripted_server, self):
                        pass
                except OSError:
                    pass  # the client closed the connection

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        scripted_server.address = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        running.append((scripted_server, server))
        return scripted_server

    yield start
    for scripted_server, server in running:
        scripted_server.over.set()
        server.shutdown()
        server.server_close()


def serve_one(server: ScriptedServer, handler: socketserver.StreamRequestHandler) -> bool:
    """Read one request and run the script; False when the connection is closed."""
    if handler.rfile.peek(1)[:1] == b"\x16":  # type: ignore[attr-defined]  # a TLS handshake
        handler.connection.sendall(b"no TLS here\r\n")
        return False
    line = handler.rfile.readline().decode("latin-1").strip()
    if not line:
        return False
    headers = {}
    while row := handler.rfile.readline().decode("latin-1").strip():
        name, _, value = row.partition(":")
        headers[name.lower()] = value.strip()
    body = handler.rfile.read(int(headers.get("content-length", "0")))
    request = Request(line, headers, body)
    server.requests.append(request)
    answer = server.script(handler.connection, request)
    if answer is None:
        return False
    handler.connection.sendall(answer)
    return True


@pytest.fixture
def answer_with() -> Callable[..., bytes]:
    """Composes a complete HTTP answer: answer_with(status, body, **headers)."""

    def compose(status: int, body: bytes | str = b"", **headers: str) -> bytes:
        content = body.encode() if isinstance(body, str) else body
        rows = [f"HTTP/1.1 {status} Reason", f"Content-Length: {len(content)}"]
        rows += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return "\r\n".join([*rows, "", ""]).encode() + content

    return compose


@pytest.fixture
def closed_address() -> str:
    """An address of this machine with a closed port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@dataclass(frozen=True)
class Simulator:
    """A running simulator and its control API."""

    url: str

    def control(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """GET, or POST with a body; the answer's JSON. Raises for anything but 2xx."""
        address = f"{self.url}/_control/{path}"
        answer = (
            requests.get(address, timeout=15)
            if body is None
            else requests.post(address, json=body, timeout=15)
        )
        answer.raise_for_status()
        return answer.json()

    def break_next(self, method: str, path: str, kind: str, **details: Any) -> None:
        """Plan a fault for the next call of that method and path."""
        self.control("faults", {"method": method, "path": path, "kind": kind, **details})

    def calls(self, path: str) -> list[dict[str, Any]]:
        """The calls received for a path, oldest first."""
        found = self.control(f"calls?path={path}")["calls"]
        assert isinstance(found, list)
        return found


def run_simulator(name: str, directory: Path, *options: str) -> tuple[Process, Simulator]:
    """Start a simulator on a free port and wait until it can serve."""
    port = free_port()
    command = [sys.executable, "-m", f"sandbox.{name}", "--port", str(port), *options]
    simulator = Simulator(f"http://127.0.0.1:{port}")
    process = Process(name, command, {}, directory / f"{name}.log", f"{simulator.url}/_control/ready")
    process.start()
    process.wait_until_ready()
    return process, simulator


GATEWAY_TOKEN = "contract-test-token"
PUBLIC_ORIGIN = "https://connector.sandbox.example"


@dataclass(frozen=True)
class ReceivedWebhook:
    """One webhook call of the gateway simulator."""

    path: str
    headers: dict[str, str]
    body: bytes


@pytest.fixture(scope="session")
def webhook_receiver() -> Iterator[tuple[str, "queue.Queue[ReceivedWebhook]"]]:
    """A web server for the gateway simulator's webhooks: its address and the calls received."""
    arrived: queue.Queue[ReceivedWebhook] = queue.Queue()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            arrived.put(ReceivedWebhook(self.path, dict(self.headers.items()), body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Write no log to the test's output."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", arrived
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def gateway_process(
    webhook_receiver: tuple[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Simulator]:
    """The gateway simulator of this test session."""
    origin = f"{PUBLIC_ORIGIN}={webhook_receiver[0]}"
    directory = tmp_path_factory.mktemp("gateway")
    process, simulator = run_simulator(
        "smsfactor_sim", directory, "--token", GATEWAY_TOKEN, "--origin", origin
    )
    yield simulator
    stop_all([process])


@pytest.fixture
def gateway(gateway_process: Simulator) -> Simulator:
    """The gateway simulator with a new world."""
    gateway_process.control("reset", {})
    return gateway_process


CLIENT_ID, CLIENT_SECRET = "contract-client", "contract-secret"


@pytest.fixture(scope="session")
def crm_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """The HubSpot simulator of this test session, with the real project installed from its build."""
    if not (BUILD_DIR / "project.json").exists():
        pytest.fail("The extensions are not built: run `make setup` first.")
    process, simulator = run_simulator(
        "hubspot_sim",
        tmp_path_factory.mktemp("crm"),
        *("--client-id", CLIENT_ID, "--client-secret", CLIENT_SECRET, "--assets", str(BUILD_DIR)),
        *("--origin", f"{PUBLIC_ORIGIN}=http://127.0.0.1:9"),
    )
    yield simulator
    stop_all([process])


@pytest.fixture
def crm(crm_process: Simulator) -> Simulator:
    """The HubSpot simulator with a new world, in which the app is not installed yet."""
    crm_process.control("reset", {})
    return crm_process
