"""Generates load in a separate process: signed executions over keep-alive sockets, built before the clock starts.

`python -m backend.bench.load '{...}'` (see `main`) prints one JSON object. It does as little as possible for each
answer. Its printed share of a core shows that it is not the bottleneck.
"""

import json
import resource
import selectors
import socket
import sys
import time
from collections import Counter
from typing import Any

from backend.tests import workflow_calls


def request(path: str, portal_id: int, number: int, text: str, secret: str, base: str) -> bytes:
    """One execution for a new contact, as bytes on the wire."""
    body = workflow_calls.execution(portal_id, recipient=f"+336{number % 100_000_000:08d}", message=text)
    body["callbackId"] = f"ap-{portal_id}-{number}-1-0"
    raw = json.dumps(body).encode()
    head = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    head += [
        f"{name}: {value}" for name, value in workflow_calls.headers(path, raw, "v3", secret, base).items()
    ]
    head += [f"Content-Length: {len(raw)}", "", ""]
    return "\r\n".join(head).encode() + raw


class Load:
    """A closed loop: each connection sends its next request once it has received the answer."""

    def __init__(self, port: int, requests: list[bytes], connections: int) -> None:
        self.port = port
        self.requests = iter(requests)
        self.answers: Counter[str] = Counter()
        self.unanswered = 0
        self.selector = selectors.DefaultSelector()
        for _ in range(connections):
            self._connect()

    def _connect(self) -> None:
        """Open a connection and send its first request."""
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.selector.register(connection, selectors.EVENT_READ, bytearray())
        self._send(connection)

    def _send(self, connection: socket.socket) -> None:
        following = next(self.requests, None)
        if following is not None:
            connection.sendall(following)
            self.unanswered += 1

    def run(self, seconds: float) -> float:
        """Seconds until every sent request is answered."""
        started = time.perf_counter()
        ends = started + seconds
        while self.unanswered:
            for key, _ in self.selector.select(10.0):
                self._receive(key, sends=time.perf_counter() < ends)
        return time.perf_counter() - started

    def _receive(self, key: selectors.SelectorKey, *, sends: bool) -> None:
        connection: Any = key.fileobj
        buffer: bytearray = key.data
        buffer += connection.recv(65536)
        head, _, body = buffer.partition(b"\r\n\r\n")
        length = int(head.partition(b"Content-Length: ")[2].split(b"\r\n", 1)[0] or -1) if body else -1
        if len(body) != length:
            return
        kind = head[9:12].decode() + (" SUCCESS" if b'"SUCCESS"' in body else "")
        self.answers[kind] += 1
        self.unanswered -= 1
        buffer.clear()
        if sends:
            self._send(connection)


def main() -> None:
    """Argument: {"port", "path", "portal_id", "first", "count", "text", "connections", "seconds", "secret", "base"};
    `{number}` in the text makes each one personal.
    """
    wanted = json.loads(sys.argv[1])
    requests = [
        request(
            wanted["path"],
            wanted["portal_id"],
            number,
            wanted["text"].replace("{number}", str(number)),
            wanted["secret"],
            wanted["base"],
        )
        for number in range(wanted["first"], wanted["first"] + wanted["count"])
    ]
    before = resource.getrusage(resource.RUSAGE_SELF)
    load = Load(wanted["port"], requests, wanted["connections"])
    taken = load.run(wanted["seconds"])
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"answers": load.answers, "seconds": taken, "cpu_s": cpu}))


if __name__ == "__main__":
    main()
