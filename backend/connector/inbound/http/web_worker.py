"""A process of the web server: gunicorn starts and replaces it, waitress reads, queues and answers its requests.

gunicorn's own worker gives each connection to a thread, which then waits for the request. As many clients as there are
threads, each with half a request, stop such a server (docs/adr/0031-waitress-under-gunicorn.md). waitress reads in one
thread and gives complete requests to the others. This module adds what waitress lacks: a request that takes too long
is dropped, and too many connections displace the slowest instead of keeping everybody out.
"""

import os
import socket
import time
from typing import Any, Final

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

#: Longest time of a request's bytes on their way, and of a connection without a request. HubSpot gives up after 15 s.
ARRIVAL_S: Final = 15.0
#: Longest line and headers of a request; HubSpot's have about 1 kB.
MAX_HEAD_BYTES: Final = 32 * 1024
#: Bytes of a body; most routes' own limit is lower (callers.MAX_BODY_BYTES, callers.MAX_EVENT_BYTES).
MAX_BODY_BYTES: Final = 8_100_000
#: Bytes of a request in memory; more wait in a temporary file.
MEMORY_BYTES: Final = 64 * 1024
_POLL_S: Final = 1.0


class Channel(HTTPChannel):
    """One connection."""

    began_at = (
        0.0  # when the present request began to arrive, or the connection to wait for one (time.time())
    )

    def received(self, data: bytes) -> bool:
        before = self.request
        is_going_on: bool = super().received(data)  # type: ignore[no-untyped-call]
        if self.request is not before or not self.began_at:
            self.began_at = time.time()
        return is_going_on

    def waits_since(self) -> float:
        """When the present wait for a complete request began. Only for channels without one."""
        return self.began_at if self.request is not None else max(self.last_activity, self.creation_time)


class Server(TcpWSGIServer):
    """One listening socket, TCP or Unix."""

    channel_class = Channel
    max_connections = 0

    def getsockname(self) -> tuple[str, str]:
        if self.family == socket.AF_UNIX:
            return "unix", str(self.sockinfo[3])
        name: tuple[str, str] = super().getsockname()  # type: ignore[no-untyped-call]
        return name

    def set_socket_options(self, conn: socket.socket) -> None:
        if self.family != socket.AF_UNIX:
            super().set_socket_options(conn)  # type: ignore[no-untyped-call]

    def fix_addr(self, addr: Any) -> Any:
        return addr or ("localhost", None)

    def handle_accept(self) -> None:
        if len(self.active_channels) >= self.max_connections:
            waiting = [channel for channel in self.active_channels.values() if not channel.requests]
            for channel in sorted(waiting, key=Channel.waits_since)[: 1 + len(waiting) // 100]:
                channel.handle_close()
        super().handle_accept()  # type: ignore[no-untyped-call]

    def maintenance(self, now: float) -> None:
        """Called every second: close what has been waiting too long."""
        for channel in list(self.active_channels.values()):
            if not channel.requests and channel.waits_since() < now - ARRIVAL_S:
                channel.will_close = True

    def end(self) -> None:
        """Accept nothing more, and close the connections that have no complete request."""
        self.accepting = False
        for channel in self.active_channels.values():
            if not channel.requests:
                channel.will_close = True


class WebWorker(Worker):
    """See the module."""

    def run(self) -> None:
        watched: dict[int, object] = {}
        threads = ThreadedTaskDispatcher()
        threads.queue_logger.disabled = (
            True  # a full queue is no event: requests wait as they would in the kernel
        )
        threads.set_thread_count(self.cfg.threads)
        servers = [self._serve(listener.sock, watched, threads) for listener in self.sockets]
        while self.alive and self.ppid == os.getppid():
            self._poll(watched)
        ends = time.monotonic() + self.cfg.graceful_timeout
        for server in servers:
            server.end()
        while any(server.active_channels for server in servers) and time.monotonic() < ends:
            self._poll(watched)
        threads.shutdown(timeout=max(ends - time.monotonic(), 0.0))

    def _serve(
        self, listener: socket.socket, watched: dict[int, object], threads: ThreadedTaskDispatcher
    ) -> Server:
        adjustments = Adjustments(
            backlog=self.cfg.backlog,
            channel_timeout=int(ARRIVAL_S),
            cleanup_interval=1,
            connection_limit=10**9,  # `Server` has a limit of its own
            ident="",
            inbuf_overflow=MEMORY_BYTES,
            max_request_body_size=MAX_BODY_BYTES,
            max_request_header_size=MAX_HEAD_BYTES,
        )
        address = (listener.family, listener.type, listener.proto, listener.getsockname())
        server = Server(  # type: ignore[no-untyped-call]
            self.wsgi, watched, True, listener, threads, adjustments, sockinfo=address, bind_socket=False
        )
        server.max_connections = self.cfg.worker_connections
        return server

    def _poll(self, watched: dict[int, object]) -> None:
        self.notify()  # type: ignore[no-untyped-call]  # gunicorn replaces a process silent for 30 s
        wasyncore.loop(timeout=_POLL_S, use_poll=True, map=watched, count=1)
