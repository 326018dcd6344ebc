"""Generates load in a separate process: signed calls over keep-alive sockets, built before the clock starts.

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

TEXT = "Bonjour, votre commande est prete en boutique. A très vite, l'équipe de l'Atelier Lumen"


def recipient_of(number: int) -> str:
    """The mobile number of the contact with this number."""
    return f"+336{number % 100_000_000:08d}"


def execution(path: str, portal_id: int, number: int, text: str) -> tuple[str, dict[str, Any]]:
    """One execution of a workflow for a new contact: URL and body."""
    body = workflow_calls.execution(portal_id, recipient=recipient_of(number), message=text)
    body["callbackId"] = f"ap-{portal_id}-{number}-1-0"
    return path, body


def card_send(path: str, portal_id: int, number: int, text: str) -> tuple[str, dict[str, Any]]:
    """One send from the card of a new contact: URL and body."""
    body: dict[str, Any] = {
        "object_type_id": "0-1",
        "object_id": str(number),
        "property": "mobilephone",
        "recipient": recipient_of(number),
        "push_type": "alert",
        "sender": None,
        "unicode": False,
        "text": text,
        "links": [],
        "idempotency_key": f"bench-{portal_id}-{number}",
    }
    return f"{path}?userId=77&portalId={portal_id}&userEmail=ines@lumen.example&appId=1234567", body


KINDS = {"execution": execution, "card": card_send}


def request(target: str, body: dict[str, Any], secret: str, base: str) -> bytes:
    """A signed call as bytes on the wire."""
    raw = json.dumps(body).encode()
    head = [f"POST {target} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    head += [
        f"{name}: {value}" for name, value in workflow_calls.headers(target, raw, "v3", secret, base).items()
    ]
    head += [f"Content-Length: {len(raw)}", "", ""]
    return "\r\n".join(head).encode() + raw


class Load:
    """A closed loop: each connection sends its next request once it has received the answer."""

    def __init__(self, port: int, requests: list[bytes], connections: int) -> None:
        self.port = port
        self.requests = iter(requests)
        self.answers: Counter[str] = Counter()
        self.waits: list[float] = []
        self.unanswered = 0
        self.selector = selectors.DefaultSelector()
        for _ in range(connections):
            self._connect()

    def _connect(self) -> None:
        """Open a connection and send its first request."""
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.selector.register(connection, selectors.EVENT_READ, [bytearray(), 0.0])
        self._send(connection)

    def _send(self, connection: socket.socket) -> None:
        following = next(self.requests, None)
        if following is not None:
            self.selector.get_key(connection).data[1] = time.perf_counter()
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
        buffer: bytearray = key.data[0]
        buffer += connection.recv(65536)
        head, _, body = buffer.partition(b"\r\n\r\n")
        length = int(head.partition(b"Content-Length: ")[2].split(b"\r\n", 1)[0] or -1) if body else -1
        if len(body) != length:
            return
        is_done = b'"SUCCESS"' in body or b'"ok":true' in body
        self.answers[head[9:12].decode() + (" done" if is_done else "")] += 1
        self.waits.append(time.perf_counter() - key.data[1])
        self.unanswered -= 1
        buffer.clear()
        if sends:
            self._send(connection)


def main() -> None:
    """Argument: {"kind", "port", "path", "portal_ids", "first", "count", "personal", "connections", "seconds",
    "secret", "base"}; the portals take turns. `personal`: each text is another one.
    """
    wanted = json.loads(sys.argv[1])
    portal_ids, first = wanted["portal_ids"], wanted["first"]
    requests = []
    for number in range(first, first + wanted["count"]):
        text = f"{number} {TEXT}" if wanted["personal"] else TEXT
        portal_id = portal_ids[number % len(portal_ids)]
        target, body = KINDS[wanted["kind"]](wanted["path"], portal_id, number, text)
        requests.append(request(target, body, wanted["secret"], wanted["base"]))
    before = resource.getrusage(resource.RUSAGE_SELF)
    load = Load(wanted["port"], requests, wanted["connections"])
    taken = load.run(wanted["seconds"])
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    waits = sorted(load.waits)
    p99 = waits[int(len(waits) * 0.99)] if waits else 0.0
    print(json.dumps({"answers": load.answers, "seconds": taken, "cpu_s": cpu, "p99_s": p99}))


if __name__ == "__main__":
    main()
