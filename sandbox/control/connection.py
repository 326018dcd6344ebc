"""The client's connection of a call: detects that the client has closed it, and cuts it.

Only faults need this: an answer is lost at the socket, below the protocol.
"""

import contextlib
import os
import select
import socket
import struct
import time
from typing import Any


class ConnectionCut(ConnectionError):
    """The connection was closed on purpose; the server must send nothing more on it."""


class Connection:
    """The socket of one call, from the WSGI environment of werkzeug's server (`werkzeug.socket`)."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self._socket: socket.socket | None = environ.get("werkzeug.socket")

    def _required(self) -> socket.socket:
        if self._socket is None:
            raise RuntimeError("this fault needs a real server: there is no socket in a test client's call")
        return self._socket

    def is_gone(self) -> bool:
        """True when the client has closed its end. Call it only when the request's body has been read."""
        sock = self._required()
        try:
            readable, _, _ = select.select([sock], [], [], 0)
            return bool(readable) and sock.recv(1, socket.MSG_PEEK) == b""
        except (OSError, ValueError):
            return True

    def wait_until_gone(self, longest_s: float) -> None:
        """Block until the client closes its end, or for `longest_s`."""
        sock = self._required()
        deadline = time.monotonic() + longest_s
        while not self.is_gone():
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return
            with contextlib.suppress(OSError, ValueError):
                select.select([sock], [], [], left_s)
            if not self.is_gone():
                # The client sent more on this connection, so it is still there: look again, but not in a tight loop.
                time.sleep(min(0.05, left_s))

    def reset(self) -> ConnectionCut:
        """Close with RST, as a crashed peer does; returns the error to raise."""
        sock = self._required()
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            # The server would shut the socket down first, which sends a FIN. Detaching the descriptor and closing it
            # here sends the RST at once. The server's own close then finds nothing to do.
            os.close(sock.detach())
        return ConnectionCut("reset by a fault")

    def close(self) -> ConnectionCut:
        """Close without an answer, in good order (FIN); returns the error to raise."""
        sock = self._required()
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        return ConnectionCut("closed by a fault")
