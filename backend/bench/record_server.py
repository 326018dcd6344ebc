"""The least that answers like HubSpot when the card reads a contact: `python -m backend.bench.record_server PORT`."""

import json
import selectors
import socket
import sys

from backend.bench.load import recipient_of


def answer(target: str) -> bytes:
    """The contact of a path that ends in its id, as HubSpot answers it."""
    record_id = target.partition("?")[0].rpartition("/")[2]
    number = int(record_id) if record_id.isdigit() else 0
    body = json.dumps({"id": record_id, "properties": {"mobilephone": recipient_of(number), "phone": None}})
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


def serve(port: int) -> None:
    """Answer GET requests on 127.0.0.1 until killed."""
    selector = selectors.DefaultSelector()
    listener = socket.create_server(("127.0.0.1", port), backlog=1024)
    selector.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                connection, _ = listener.accept()
                selector.register(connection, selectors.EVENT_READ)
                continue
            connection = key.fileobj  # type: ignore[assignment]
            received = connection.recv(65536)  # a GET without a body arrives in one piece on loopback
            if received:
                connection.sendall(answer(received.split(b" ", 2)[1].decode()))
            else:
                selector.unregister(connection)
                connection.close()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
