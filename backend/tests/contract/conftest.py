"""A scripted server for what no simulator does to a connection, and the two simulators as processes of their
own.
"""

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

# What a script may do with one request: answer with bytes, or handle the socket and return None.
Script = Callable[[socket.socket, "Request"], bytes | None]


@dataclass(frozen=True)
class Request:
    """One request as it arrived."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class ScriptedServer:
    """A server on loopback that does to each request what `script` says; it keeps connections open."""

    script: Script
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    address: str = ""
    #: Set when the test is over: scripts that hold a connection wait for it.
    over: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def scripted() -> Iterator[Callable[[Script], ScriptedServer]]:
    """Starts scripted servers; all of them end with the test."""
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
                    pass  # the client has gone

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
    """Read one request and do what the script says; False when the connection is over."""
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
    """An address of this machine where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
