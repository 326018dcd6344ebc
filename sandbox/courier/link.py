"""The simulator's end of the courier: starts the process, gives it parcels, reports their deliveries."""

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
# Without site packages, which the courier does not use, it starts in a third of the time.
_COMMAND = [sys.executable, "-S", "-m", "sandbox.courier"]
_STOP_S = 5.0
# Waiting small orders are sent together, up to about this many parcels.
_LOT = 200


@dataclass(frozen=True, slots=True)
class Parcel:
    """One POST. n: the sender's own number for it. url: on loopback. signing: see courier/__main__.py."""

    n: int
    url: str
    headers: Mapping[str, str]
    body: str
    timeout_s: float
    signing: Mapping[str, str] | None = None

    def as_row(self) -> list[Any]:
        """The parcel as sent to the courier."""
        return [self.n, self.url, self.headers, self.body, self.timeout_s, self.signing]


@dataclass(frozen=True, slots=True)
class Delivery:
    """The result of a parcel. status None: no answer; `error` is then "timeout" or "no_connection"."""

    n: int
    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    error: str | None = None
    elapsed_ms: float = 0.0


class CourierLink:
    """One courier process, started with the first parcel. The link calls on_deliveries in its own thread, without any
    lock.
    """

    def __init__(self, on_deliveries: Callable[[list[Delivery]], None]) -> None:
        self._on_deliveries = on_deliveries
        self._orders: queue.SimpleQueue[tuple[int, Sequence[Parcel]] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._threads: list[threading.Thread] = []
        self._is_stopped = False

    def send(self, parcels: Sequence[Parcel], concurrency: int) -> None:
        """Queue parcels and return at once. concurrency: how many calls may be open at the same time, from now on."""
        with self._lock:
            if self._is_stopped:
                return
            if self._process is None:
                self._start()
        self._orders.put((concurrency, parcels))

    def stop(self) -> None:
        """End the courier. Unreported deliveries are lost."""
        with self._lock:
            self._is_stopped = True
            process = self._process
        if process is None:
            return
        self._orders.put(None)
        process.kill()
        process.wait(_STOP_S)
        for thread in self._threads:
            thread.join(_STOP_S)

    def _start(self) -> None:
        process = subprocess.Popen(
            _COMMAND, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self._process = process
        for work in (self._write, self._read):
            thread = threading.Thread(target=work, args=(process,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _write(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin is not None
        try:
            with process.stdin:
                while (order := self._orders.get()) is not None:
                    concurrency, rows = order[0], [parcel.as_row() for parcel in order[1]]
                    while len(rows) < _LOT and not self._orders.empty():
                        more = self._orders.get()  # no other thread takes from this queue
                        if more is None:
                            return
                        concurrency = more[0]
                        rows += [parcel.as_row() for parcel in more[1]]
                    process.stdin.write(json.dumps({"concurrency": concurrency, "parcels": rows}) + "\n")
                    process.stdin.flush()
        except OSError:
            pass  # the courier was stopped; unsent parcels are dropped

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self._on_deliveries([Delivery(*row) for row in json.loads(line)])
