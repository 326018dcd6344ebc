"""Sends executions to the app: a process of its own, so that HubSpot's burst does not slow the simulator's APIs.

    python -m sandbox.hubspot_sim.workflows.courier

Standard input: one JSON object a line, {"secret", "signatures", "timeout_s", "concurrency", "jobs": [[n, public URL,
loopback URL, body], ...]}. Standard output: one JSON list a line, [[n, status or null, Retry-After or null, body, error
or null, milliseconds], ...]. It ends when its input does. Signatures carry the real time of the call.
"""

import asyncio
import json
import sys
import time
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from sandbox.hubspot_sim.signing import signature_v2, signed_headers

LARGEST_ANSWER = 1_000_000
_FLUSH_EVERY_S = 0.005
_LONGEST_LINE = 64_000_000


class Connection:
    """A connection that is kept open between calls. Not shared: each sender has its own."""

    def __init__(self) -> None:
        self._address: tuple[str, int] | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def call(self, address: tuple[str, int], request: bytes) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (names in lower case) and body of the answer. Raises OSError or EOFError.

        A connection that the server has closed meanwhile shows before a byte of the answer: then one more, new one.
        """
        fresh = self._writer is None or self._address != address
        if not fresh and self._reader is not None and not self._reader.at_eof():
            with suppress(OSError, EOFError):
                return await self._exchange(request)
        self.close()
        self._reader, self._writer = await asyncio.open_connection(*address, limit=LARGEST_ANSWER)
        self._address = address
        return await self._exchange(request)

    async def _exchange(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        reader, writer = self._reader, self._writer
        assert reader is not None
        assert writer is not None
        try:
            writer.write(request)
            await writer.drain()
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {
                name.strip().lower(): value.strip()
                for name, _, value in (row.partition(":") for row in head[1:])
            }
            body = await _read_body(reader, headers)
        except BaseException:
            self.close()
            raise
        if headers.get("connection", "").lower() == "close" or "content-length" not in headers:
            self.close()
        return int(head[0].split(" ", 2)[1]), headers, body

    def close(self) -> None:
        """Close it; the next call opens another."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


async def _read_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return await reader.read(LARGEST_ANSWER)
    body = b""
    while size := int((await reader.readline()).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readline()
    return body


class Courier:
    """Senders that take jobs from one queue; answers leave in small lots."""

    def __init__(self) -> None:
        self._jobs: asyncio.Queue[tuple[dict[str, Any], list[Any]] | None] = asyncio.Queue()
        self._answers: list[list[Any]] = []
        self._senders: set[asyncio.Task[None]] = set()
        self._wanted = 0

    def take(self, order: dict[str, Any]) -> None:
        """Queue an order's jobs; its concurrency counts from now on."""
        while self._wanted < order["concurrency"]:
            self._wanted += 1
            task = asyncio.create_task(self._send_all())
            self._senders.add(task)
            task.add_done_callback(self._senders.discard)
        while self._wanted > order["concurrency"]:
            self._wanted -= 1
            self._jobs.put_nowait(None)
        for job in order["jobs"]:
            self._jobs.put_nowait((order, job))

    async def report(self) -> None:
        """Write answers as they come, for ever."""
        while True:
            await asyncio.sleep(_FLUSH_EVERY_S)
            if self._answers:
                lot, self._answers = self._answers, []
                sys.stdout.write(json.dumps(lot) + "\n")
                sys.stdout.flush()

    async def _send_all(self) -> None:
        connection = Connection()
        while (item := await self._jobs.get()) is not None:
            order, (number, uri, local, body) = item
            started = time.monotonic()
            answer = await _attempt(connection, order, uri, local, body.encode())
            self._answers.append([number, *answer, (time.monotonic() - started) * 1000])
        connection.close()


async def _attempt(
    connection: Connection, order: dict[str, Any], uri: str, local: str, body: bytes
) -> tuple[int | None, str | None, str, str | None]:
    """One call: status, Retry-After, body, error."""
    parts = urlsplit(local)
    request = _request(order, uri, local, body)
    try:
        async with asyncio.timeout(order["timeout_s"]):
            status, headers, content = await connection.call(
                (parts.hostname or "", parts.port or 80), request
            )
    except TimeoutError:
        return None, None, "", "timeout"
    except (OSError, EOFError, ValueError, IndexError, asyncio.LimitOverrunError):
        return None, None, "", "no_connection"
    return status, headers.get("retry-after"), content.decode("utf-8", "replace"), None


def _request(order: dict[str, Any], uri: str, local: str, body: bytes) -> bytes:
    parts = urlsplit(local)
    headers = {
        "Host": parts.netloc,
        "User-Agent": "HubSpot Connect 2.0 (sandbox)",
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **_signatures(order, uri, body),
    }
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {target} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + body


def _signatures(order: dict[str, Any], uri: str, body: bytes) -> dict[str, str]:
    """Version 2 beside version 3, or version 2 alone: which of them real workflow calls carry is unconfirmed."""
    if order["signatures"] == "both":
        return signed_headers(order["secret"], "POST", uri, body, int(time.time() * 1000))
    version_2 = signature_v2(order["secret"], "POST", uri, body)
    return {"X-HubSpot-Signature": version_2, "X-HubSpot-Signature-Version": "v2"}


async def _serve() -> None:
    reader = asyncio.StreamReader(limit=_LONGEST_LINE)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    courier = Courier()
    reporter = asyncio.create_task(courier.report())
    while line := await reader.readline():
        courier.take(json.loads(line))
    reporter.cancel()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt, BrokenPipeError):
        asyncio.run(_serve())
