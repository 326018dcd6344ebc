"""The courier: answers of every form, connections closed by the server, time-outs, its end."""

import contextlib
import queue
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from sandbox.courier import CourierLink, Delivery, Parcel
from sandbox.courier.connection import read_answer
from sandbox.processes import ROOT

LONGEST_S = 30
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nRetry-After: 5\r\n\r\nhi"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
UNTIL_CLOSED = b"HTTP/1.0 500 Oops\r\n\r\nhi"


@pytest.mark.parametrize("data", [PLAIN, CHUNKED])
def test_an_answer_is_whole_at_its_last_byte(data: bytes) -> None:
    for length in range(len(data) - (2 if data is CHUNKED else 0)):
        answer = read_answer(data[:length], ended=False)
        assert answer is None or (data is CHUNKED and answer.body == b"hi")
    answer = read_answer(data, ended=False)
    assert answer is not None
    assert (answer.status, answer.body) == (200, b"hi")


def test_an_answer_without_length_ends_with_the_connection() -> None:
    assert read_answer(UNTIL_CLOSED, ended=False) is None
    answer = read_answer(UNTIL_CLOSED, ended=True)
    assert answer is not None
    assert (answer.status, answer.body) == (500, b"hi")
    assert read_answer(PLAIN[:-1], ended=True) is None
    empty = read_answer(b"HTTP/1.1 204 No Content\r\n\r\n", ended=False)
    assert empty is not None
    assert empty.status == 204


class Server:
    """Answers each connection's requests with `answers` in turn; None closes the connection without an answer."""

    def __init__(self, answers: list[bytes | None]) -> None:
        self.answers = answers
        self.connections = 0
        self.requests: list[bytes] = []

    @contextlib.contextmanager
    def running(self) -> Iterator[str]:
        """The address to call."""
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                outer.connections += 1
                connection: socket.socket = self.request
                while data := connection.recv(100_000):
                    outer.requests.append(data)
                    answer = outer.answers.pop(0) if outer.answers else None
                    if answer is None:
                        return
                    connection.sendall(answer)
                    if answer is UNTIL_CLOSED:
                        return

        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
            server.daemon_threads = True
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_address[1]}/hook?a=1"
            finally:
                server.shutdown()
                thread.join()


@pytest.fixture
def desk() -> Iterator[tuple[CourierLink, "queue.Queue[Delivery]"]]:
    returned: queue.Queue[Delivery] = queue.Queue()

    def put(deliveries: list[Delivery]) -> None:
        for each in deliveries:
            returned.put(each)

    link = CourierLink(put)
    yield link, returned
    link.stop()


def parcel(number: int, url: str, timeout_s: float = LONGEST_S, **headers: str) -> Parcel:
    return Parcel(number, url, headers, '{"text":"é"}', timeout_s)


def test_calls_share_a_connection_and_survive_its_end(
    desk: tuple[CourierLink, "queue.Queue[Delivery]"],
) -> None:
    link, returned = desk
    server = Server([PLAIN, None, CHUNKED, UNTIL_CLOSED, PLAIN])
    with server.running() as url:
        statuses = []
        for number in range(4):
            link.send([parcel(number, url, Accept="*/*")], concurrency=1)
            delivery = returned.get(timeout=LONGEST_S)
            statuses.append((delivery.n, delivery.status, delivery.body, delivery.error))
    assert statuses == [
        (0, 200, "hi", None),
        (1, 200, "hi", None),
        (2, 500, "hi", None),
        (3, 200, "hi", None),
    ]
    assert server.connections == 3
    assert server.requests[0].startswith(b"POST /hook?a=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert server.requests[0].endswith('Accept: */*\r\nContent-Length: 13\r\n\r\n{"text":"é"}'.encode())


def test_retry_after_comes_back(desk: tuple[CourierLink, "queue.Queue[Delivery]"]) -> None:
    link, returned = desk
    with Server([PLAIN]).running() as url:
        link.send([parcel(1, url)], concurrency=1)
        assert returned.get(timeout=LONGEST_S).headers == {"retry-after": "5"}


@pytest.mark.parametrize(
    ("answer", "headers", "error"),
    [(b"", {}, "timeout"), (None, {}, "no_connection"), (b"oops\r\n\r\n", {}, "no_connection"),
     (PLAIN, {"X-Secret": "two\nlines"}, "no_connection")],
)  # fmt: skip
def test_no_usable_answer(
    desk: tuple[CourierLink, "queue.Queue[Delivery]"],
    answer: bytes | None,
    headers: dict[str, str],
    error: str,
) -> None:
    link, returned = desk
    with Server([answer]).running() as url:
        link.send([parcel(1, url, 0.3 if error == "timeout" else LONGEST_S, **headers)], concurrency=1)
        delivery = returned.get(timeout=LONGEST_S)
    assert (delivery.status, delivery.error) == (None, error)


def test_the_process_ends_with_its_input() -> None:
    command = [sys.executable, "-S", "-m", "sandbox.courier"]
    done = subprocess.run(command, cwd=ROOT, input=b"", capture_output=True, timeout=LONGEST_S, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
