"""One child process of the sandbox: its log file, its readiness, its end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parent.parent
READY_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 1.5
POLL_S = 0.02
TAIL_LINES = 30


class ProcessFailed(Exception):
    """A process ended unexpectedly or did not become ready. The text has the end of its log."""


@dataclass
class Process:
    """A program that runs in its own process group and writes to its own log file.

    It ends when this process ends, however that happens (Linux); see die_with_parent.py.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log_path: Path
    ready_url: str | None = None  # answers 200 once the program can serve; None: it can as soon as it runs
    stop_order: signal.Signals = signal.SIGTERM
    _child: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int:
        """Raises ProcessFailed if it was never started."""
        if self._child is None:
            raise ProcessFailed(f"{self.name} was not started")
        return self._child.pid

    def start(self) -> None:
        """Start the program, in the background. Call it from the main thread."""
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        wrapper = [sys.executable, "-IS", str(ROOT / "sandbox" / "die_with_parent.py"), str(os.getpid())]
        with self.log_path.open("ab") as log:
            self._child = subprocess.Popen(
                [*wrapper, *self.command],
                cwd=ROOT,
                env=os.environ | dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal is for us; we then stop it in order
            )

    def wait_until_ready(self, timeout_s: float = READY_TIMEOUT_S) -> None:
        """Return once it can serve. Raises ProcessFailed if it ends before, or takes longer."""

        def is_ready() -> bool:
            self.check()
            return self.ready_url is None or _answers(self.ready_url)

        if not wait_for(is_ready, timeout_s):
            raise ProcessFailed(f"{self.name} is not ready after {timeout_s:.0f} s:\n{self.log_tail()}")

    def check(self) -> None:
        """Raise ProcessFailed if the program has ended."""
        if not self.is_running:
            code = "?" if self._child is None else self._child.returncode
            raise ProcessFailed(f"{self.name} ended by itself (exit code {code}):\n{self.log_tail()}")

    def run_to_end(self) -> None:
        """Run the program in the foreground. Raises ProcessFailed unless it ends with 0."""
        self.start()
        if self._child and self._child.wait() != 0:
            self.check()

    def kill(self, order: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to the program and all its children, for instance SIGKILL or SIGSTOP."""
        if self._child is None or self._child.returncode is not None:
            return
        os.killpg(self._child.pid, order)
        if order == signal.SIGKILL:
            self._child.wait()

    def ask_to_stop(self) -> None:
        """Send its stop signal to the program itself, which then ends its children."""
        if self._child is not None and self._child.poll() is None:
            self._child.send_signal(signal.SIGCONT)  # a paused process would not receive the signal
            self._child.send_signal(self.stop_order)

    def log_tail(self) -> str:
        """The last lines of the log."""
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-TAIL_LINES:])


def stop_all(processes: Iterable[Process], timeout_s: float = STOP_TIMEOUT_S) -> None:
    """Stop processes at the same time. Processes that take longer than `timeout_s` get SIGKILL."""
    running = [process for process in processes if process.is_running]
    for process in running:
        process.ask_to_stop()
    wait_for(lambda: not any(process.is_running for process in running), timeout_s)
    for process in running:
        process.kill()


def wait_for(condition: Callable[[], bool], timeout_s: float) -> bool:
    """Poll until the answer is yes (True) or the time is up (False)."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code == HTTPStatus.OK
    except requests.RequestException:
        return False
