"""One HTTP/1.1 connection to a process on loopback, left open between calls. No TLS, no redirects, no pipelining."""

import asyncio
import contextlib
from dataclasses import dataclass

LARGEST_ANSWER = 1_000_000


@dataclass(frozen=True)
class Answer:
    """The server's answer; names of headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Connection:
    """Makes calls one after the other. Each sender has its own connection."""

    def __init__(self) -> None:
        self._address: tuple[str, int] | None = None
        self._wire: _Wire | None = None

    async def call(self, address: tuple[str, int], request: bytes, timeout_s: float) -> Answer:
        """Send a whole request, return the whole answer. Raises OSError (TimeoutError among them) or ValueError.

        The server may have closed an idle connection meanwhile: the request is then sent once more on a new one.
        """
        if self._wire is not None and self._wire.is_open and self._address == address:
            try:
                return await self._wire.exchange(request, timeout_s)
            except ConnectionError:
                pass
        self.close()
        async with asyncio.timeout(timeout_s):
            _, self._wire = await asyncio.get_running_loop().create_connection(_Wire, *address)
        self._address = address
        return await self._wire.exchange(request, timeout_s)

    def close(self) -> None:
        """Close it; the next call opens another."""
        if self._wire is not None:
            self._wire.close()
        self._wire = None


class _Wire(asyncio.Protocol):
    """One socket; closed for good after a failure."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Answer] | None = None
        self._received = bytearray()

    @property
    def is_open(self) -> bool:
        """Whether another request may be tried on it."""
        return self._transport is not None and not self._transport.is_closing()

    async def exchange(self, request: bytes, timeout_s: float) -> Answer:
        """One request and its answer. Raises OSError or ValueError."""
        if self._transport is None:
            raise ConnectionResetError("closed")
        loop = asyncio.get_running_loop()
        self._received.clear()
        self._waiter = loop.create_future()
        timer = loop.call_later(timeout_s, self._fail, TimeoutError())
        self._transport.write(request)
        try:
            answer = await self._waiter
        except BaseException:
            self.close()
            raise
        finally:
            timer.cancel()
        if answer.headers.get("connection", "").lower() == "close":
            self.close()
        return answer

    def close(self) -> None:
        """Close the socket."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Collect data until the answer is complete."""
        self._received += data
        try:
            if len(self._received) > LARGEST_ANSWER:
                raise ValueError("the answer is too large")
            answer = read_answer(bytes(self._received), ended=False)
        except (ValueError, IndexError) as error:
            self._fail(ValueError(str(error)))
        else:
            self._finish(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        """The server has closed the connection. This ends an answer without a length; any other answer is lost."""
        self._transport = None
        with contextlib.suppress(ValueError, IndexError):
            self._finish(read_answer(bytes(self._received), ended=True))
        self._fail(exc or ConnectionResetError("closed before the answer"))

    def _finish(self, answer: Answer | None) -> None:
        if answer is not None and self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(answer)

    def _fail(self, error: Exception) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)


def read_answer(data: bytes, *, ended: bool) -> Answer | None:
    """The answer in `data`, None while it is incomplete. ended: no more data will arrive. Raises ValueError."""
    head, mark, rest = data.partition(b"\r\n\r\n")
    if not mark:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    status = int(first.split(" ", 2)[1])
    body: bytes | None = None
    if status in (204, 304):
        body = b""
    elif "content-length" in headers:
        length = int(headers["content-length"])
        body = rest[:length] if len(rest) >= length else None
    elif headers.get("transfer-encoding", "").lower() == "chunked":
        body = _unchunked(rest)
    elif ended:
        body = rest
    return None if body is None else Answer(status, headers, body)


def _unchunked(data: bytes) -> bytes | None:
    """The content of a chunked body, None while chunks are missing."""
    body = bytearray()
    while True:
        line, mark, data = data.partition(b"\r\n")
        if not mark:
            return None
        size = int(line.split(b";")[0], 16)
        if size == 0:
            return bytes(body)
        if len(data) < size + 2:
            return None
        body += data[:size]
        data = data[size + 2 :]
