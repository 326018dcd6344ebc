"""The courier's process: python -m sandbox.courier. It ends when its standard input does.

Standard input: one JSON object a line, {"concurrency": N, "parcels": [[n, loopback URL, headers, body, timeout in s,
signing or null], ...]}. Standard output: one JSON list a line, [[n, status or null, headers, body, error or null,
milliseconds], ...]. signing: {"secret", "uri", "versions"}: HubSpot's signatures, made when the call is made.
"""

import asyncio
import json
import sys
import time
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from sandbox.courier.connection import Connection
from sandbox.hubspot_signing import workflow_headers

_FLUSH_EVERY_S = 0.005
_LONGEST_LINE = 256_000_000
_KEPT_HEADERS = ("retry-after", "content-type")


class Courier:
    """Senders that take parcels from one queue; answers leave in small lots."""

    def __init__(self) -> None:
        self._parcels: asyncio.Queue[list[Any] | None] = asyncio.Queue()
        self._answers: list[list[Any]] = []
        self._has_answers = asyncio.Event()
        self._senders: set[asyncio.Task[None]] = set()
        self._wanted = 0

    def take(self, order: dict[str, Any]) -> None:
        """Queue an order's parcels. Its concurrency applies from now on."""
        while self._wanted < order["concurrency"]:
            self._wanted += 1
            task = asyncio.create_task(self._send_all())
            self._senders.add(task)
            task.add_done_callback(self._senders.discard)
        while self._wanted > order["concurrency"]:
            self._wanted -= 1
            self._parcels.put_nowait(None)
        for parcel in order["parcels"]:
            self._parcels.put_nowait(parcel)

    async def report(self) -> None:
        """Write answers as they arrive, for ever. An idle courier sleeps until the first answer of a lot."""
        while True:
            await self._has_answers.wait()
            await asyncio.sleep(_FLUSH_EVERY_S)
            self._has_answers.clear()
            lot, self._answers = self._answers, []
            sys.stdout.write(json.dumps(lot) + "\n")
            sys.stdout.flush()

    async def _send_all(self) -> None:
        connection = Connection()
        while (parcel := await self._parcels.get()) is not None:
            number, *details = parcel
            started = time.monotonic()
            answer = await _attempt(connection, *details)
            self._answers.append([number, *answer, round((time.monotonic() - started) * 1000, 2)])
            self._has_answers.set()
        connection.close()


async def _attempt(
    connection: Connection, url: str, headers: dict[str, str], body: str, timeout_s: float, signing: Any
) -> tuple[int | None, dict[str, str], str, str | None]:
    """One call: status, headers, body, error ("timeout", "no_connection")."""
    parts = urlsplit(url)
    content = body.encode()
    try:
        request = _request(url, headers, content, signing)
        answer = await connection.call((parts.hostname or "", parts.port or 80), request, timeout_s)
    except TimeoutError:
        return None, {}, "", "timeout"
    except (OSError, ValueError):  # ValueError: the answer is not HTTP, or a header cannot be sent
        return None, {}, "", "no_connection"
    kept = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
    return answer.status, kept, answer.body.decode("utf-8", "replace"), None


def _request(url: str, own: dict[str, str], body: bytes, signing: Any) -> bytes:
    parts = urlsplit(url)
    signatures = {} if signing is None else workflow_headers(body=body, **signing)
    headers = {"Host": parts.netloc, **own, **signatures, "Content-Length": str(len(body))}
    if any("\n" in value or "\r" in value for value in headers.values()):
        raise ValueError("a header holds a line break")
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {target} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + body


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
