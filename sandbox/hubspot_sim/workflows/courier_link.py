"""The simulator's end of the courier: starts the process, hands it jobs, passes its answers on."""

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[3]
_COMMAND = [sys.executable, "-m", "sandbox.hubspot_sim.workflows.courier"]
_STOP_S = 5.0


class CourierLink:
    """One courier process, started with the first order. on_answers is called in a thread of the link's."""

    def __init__(self, on_answers: Callable[[list[list[Any]]], None]) -> None:
        self._on_answers = on_answers
        self._orders: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._threads: list[threading.Thread] = []

    def send(self, order: dict[str, Any]) -> None:
        """Give the courier an order (see courier.py); returns at once."""
        with self._lock:
            if self._process is None:
                self._start()
        self._orders.put(order)

    def stop(self) -> None:
        """End the courier; answers that have not come are lost."""
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return
        self._orders.put(None)
        process.kill()
        process.wait(_STOP_S)
        for thread in self._threads:
            thread.join(_STOP_S)

    def _start(self) -> None:
        # Its own session: Ctrl-C in a terminal is for the simulator. It ends by itself when its input is closed.
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
                    process.stdin.write(json.dumps(order) + "\n")
                    process.stdin.flush()
        except OSError:
            pass  # the courier was stopped; what was not sent is nobody's any more

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self._on_answers(json.loads(line))
