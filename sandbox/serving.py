"""Serves a simulator on loopback: threads, HTTP/1.1 connections that stay open, no request log, SIGTERM ends
it.

werkzeug's own handler closes the connection after every answer and looks for left-over bytes for 10 ms each time. The
real services keep connections open, and clients' pools have bugs of their own, so this handler keeps them open too.
That is safe because it reads every request's body to its end before it answers.
"""

import contextlib
import ipaddress
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wsgi import get_input_stream

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# Idle connections are closed after this time, which is longer than clients' pools usually allow.
IDLE_TIMEOUT_S = 75.0
# Key of the functions to call when serving ends: app.extensions[CLOSE].
CLOSE = "sandbox_close"


class KeepAliveHandler(WSGIRequestHandler):
    """One connection; serves calls on it until the client closes it or a fault does."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_TIMEOUT_S
    # Head and body are collected and leave together (http.server flushes after each call): two small packets
    # would wait 40 ms for each other on a connection that stays open.
    wbufsize = -1
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Serve one call. A ConnectionError (a fault's cut, or a client that left) ends the connection
        silently."""
        if self.headers.get("Expect", "").lower().strip() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.environ = self.make_environ()
        try:
            status, headers, body = self._answer(self.server.app)
        except (ConnectionError, TimeoutError):
            self.close_connection = True
            return
        except Exception:
            traceback.print_exc(file=sys.stderr)
            status, headers, body = (
                "500 Internal Server Error",
                [],
                b"the simulator failed; see its error output",
            )
            self.close_connection = True
        try:
            self._send(status, headers, body)
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def _answer(self, app: "WSGIApplication") -> tuple[str, list[tuple[str, str]], bytes]:
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            begun[:] = [(status, headers)]

        # One stream that knows its own end, for all later readers.
        stream = get_input_stream(self.environ)
        self.environ["wsgi.input"] = stream
        self.environ["wsgi.input_terminated"] = True
        chunks = app(self.environ, start_response)
        try:
            body = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        # Bytes that the application did not read would be taken for the next call.
        stream.read()
        return (*begun[0], body)

    def _send(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        names = {name.lower() for name, _ in headers}
        for name, value in headers:
            self.send_header(name, value)
        has_body = self.command != "HEAD" and int(code) >= 200 and int(code) not in (204, 304)
        if has_body and "content-length" not in names:
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if has_body:
            self.wfile.write(body)

    def log(self, type: str, message: str, *args: Any) -> None:
        """Keep quiet: the call log of the control API says more."""


def build_server(app: Flask, port: int, host: str = "127.0.0.1") -> BaseWSGIServer:
    """A threaded server on loopback. Port 0 picks a free port (see `server.server_port`).

    Raises ValueError for any other host: a simulator trusts every caller, so only this machine may reach it.
    """
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise ValueError(f"simulators listen on loopback only, not on {host}")
    return make_server(host, port, app, threaded=True, request_handler=KeepAliveHandler)


def serve(app: Flask, port: int, name: str, host: str = "127.0.0.1") -> None:
    """Serve until SIGTERM or SIGINT, then return. Prints one line when listening."""
    server = build_server(app, port, host)

    def stop(signum: int, frame: object) -> None:
        # shutdown() waits for serve_forever to return, which runs in this very thread.
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"{name} listening on http://{host}:{server.server_port}", flush=True)  # noqa: T201 - the promised line
    try:
        server.serve_forever(poll_interval=0.1)
    finally:
        server.server_close()
        _close(app)


@contextlib.contextmanager
def running(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve in a thread while the block runs, for tests; gives the base URL without a final slash."""
    server = build_server(app, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
        _close(app)


@contextlib.contextmanager
def closed_at_the_end(app: Flask) -> Iterator[None]:
    """For an application that no server serves: ends its threads when the block ends."""
    try:
        yield
    finally:
        _close(app)


def _close(app: Flask) -> None:
    for close in app.extensions.get(CLOSE, ()):
        close()
