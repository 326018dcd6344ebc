"""The web server under its own settings: clients that are slow hold no thread, and requests arrive unchanged.

One process has 64 threads, so twice as many clients would stop a server that gives each a thread.
"""

import hashlib
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from connector.inbound.http.web_worker import MAX_HEAD_BYTES
from sandbox.processes import ROOT, Process, stop_all
from sandbox.stack import free_port, web_server

CLIENTS = 2 * 64
CONNECTIONS = 300  # of the process in this test
TIMEOUT_S = 10.0  # far more than an answer takes, and less than a slow request may


class Server:
    def __init__(self, port: int) -> None:
        self.port = port

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT_S)

    def ask(self, *pieces: bytes) -> dict[str, Any]:
        """The answer to one request on a connection of its own."""
        with self.connect() as client:
            for piece in pieces:
                client.sendall(piece)
            return answers(client, 1)[0]


def answers(client: socket.socket, count: int) -> list[dict[str, Any]]:
    """The bodies of the next answers with status 200."""
    found: list[dict[str, Any]] = []
    with client.makefile("rb") as stream:
        while len(found) < count:
            status, length = stream.readline(), 0
            while (line := stream.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            if status.startswith(b"HTTP/1.1 100"):
                continue
            assert status.startswith(b"HTTP/1.1 200"), status
            found.append(json.loads(stream.read(length)))
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    port = free_port()
    environment = {"WEB_CONCURRENCY": "1", "PYTHONPATH": f"{ROOT}:{ROOT / 'backend'}"}
    application = "backend.tests.integration.http.echo:app"
    command = [*web_server(port, application), "--worker-connections", str(CONNECTIONS)]
    log_path = tmp_path_factory.mktemp("web") / "web.log"
    process = Process("web", command, environment, log_path, f"http://127.0.0.1:{port}/")
    process.start()
    try:
        process.wait_until_ready()
        yield Server(port)
    finally:
        stop_all([process])


GET = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"POST /card/send HT",
        b"POST /card/send HTTP/1.1\r\nHost: a\r\nX-Slow: ",
        b"POST /card/send HTTP/1.1\r\nContent-Length: 100\r\n\r\n{",
        b"POST /card/send HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        GET + b"GET /next HTTP/1.1\r\n",
    ],
    ids=["nothing", "half a line", "half a head", "half a body", "half a chunk", "half of the next request"],
)
def test_clients_that_send_a_part_of_a_request_hold_no_thread(server: Server, begun: bytes) -> None:
    with ExitStack() as clients:
        for _ in range(CLIENTS):
            clients.enter_context(server.connect()).sendall(begun)
        assert server.ask(GET)["target"] == "/health/live"


def test_clients_that_do_not_close_hold_nothing_up(server: Server) -> None:
    """gunicorn's own worker waits up to 2 s for each of them, in the thread that reads for all."""
    with ExitStack() as clients:
        for _ in range(CLIENTS):
            clients.enter_context(server.connect()).sendall(b"GET /close HTTP/1.1\r\nHost: a\r\n\r\n")
        assert server.ask(GET)["target"] == "/health/live"


def test_path_and_query_arrive_exactly_as_sent(server: Server) -> None:
    """HubSpot signs them."""
    target = "//card/%7Eopen/../x%2fy;a=1?userEmail=a%40b.example&portalId=1&&x=%C3%A9+%20"
    assert server.ask(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())["target"] == target


@pytest.mark.parametrize("size", [0, 1, 70_000, 1_000_000])
def test_bodies_arrive_unchanged(server: Server, size: int) -> None:
    body = bytes(number % 251 for number in range(size))
    head = f"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n".encode()
    answer = server.ask(head, body[: size // 2], body[size // 2 :])
    assert (answer["bytes"], answer["sha256"]) == (size, hashlib.sha256(body).hexdigest())


def test_chunks_arrive_unchanged(server: Server) -> None:
    head = b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = server.ask(head, b"3\r\nhel", b"\r\n2;x=y\r\nlo\r", b"\n0\r\n\r\n")
    assert answer["sha256"] == hashlib.sha256(b"hello").hexdigest()


def test_client_that_waits_for_leave_to_send_its_body_gets_it(server: Server) -> None:
    with server.connect() as client:
        client.sendall(b"POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 100 Continue\r\n")
        client.sendall(b"hello")
        assert answers(client, 1)[0]["bytes"] == 5


def test_requests_of_one_connection_are_answered_in_order(server: Server) -> None:
    wanted = [f"/{number}" for number in range(20)]
    with server.connect() as client:
        client.sendall(b"".join(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode() for path in wanted))
        assert [answer["target"] for answer in answers(client, len(wanted))] == wanted
        client.sendall(GET)
        assert answers(client, 1)[0]["target"] == "/health/live"


def test_head_without_end_is_refused(server: Server) -> None:
    with server.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\nX: " + b"a" * (MAX_HEAD_BYTES + 1))
        assert client.recv(100).split()[1] == b"431"


def test_clients_beyond_the_limit_displace_the_slowest(server: Server) -> None:
    """More slow clients than connections: the oldest of them is dropped, and a new request is answered."""
    with ExitStack() as clients:
        first = clients.enter_context(server.connect())
        first.sendall(b"GET /first")
        for _ in range(CONNECTIONS):
            clients.enter_context(server.connect()).sendall(b"GET /")
        assert server.ask(GET)["target"] == "/health/live"
        assert first.recv(1) == b""
