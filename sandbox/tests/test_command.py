"""`python -m sandbox` as a person uses it: one URL, then Ctrl-C, and its messages when something is wrong."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

import psutil
import pytest
import requests

from sandbox.processes import ROOT, wait_for
from sandbox.stack import BUILD_DIR, free_port

WAIT_S = 60.0
URL = re.compile(r"Ready after .* Open (http://127\.0\.0\.1:\d+/)")

Command = subprocess.Popen[str]
Start = Callable[..., Command]


@pytest.fixture
def start() -> Iterator[Start]:
    assert (BUILD_DIR / "project.json").exists(), "run `make setup` first"
    started: list[Command] = []

    def run(*, port: int | None = None, environment: dict[str, str] | None = None) -> Command:
        ports = [port or free_port(), free_port(), free_port()]
        options = zip(("--port", "--gateway-port", "--backend-port"), map(str, ports), strict=True)
        command = [sys.executable, "-m", "sandbox", *(word for option in options for word in option)]
        started.append(
            subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | (environment or {}),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
        return started[-1]

    yield run
    for command in started:
        if command.poll() is None:
            command.send_signal(signal.SIGTERM)
        command.communicate(timeout=WAIT_S)


def lines_until(command: Command, pattern: re.Pattern[str]) -> tuple[list[str], str]:
    """Its output up to the matching line, and that line's first group."""
    assert command.stdout is not None
    lines: list[str] = []
    for line in command.stdout:
        lines.append(line)
        if found := pattern.search(line):
            return lines, found[1]
    raise AssertionError("it ended with:\n" + "".join(lines))


def rest_of(command: Command) -> str:
    """The rest of its output."""
    assert command.stdout is not None
    said = command.stdout.read()
    command.wait(WAIT_S)
    return said


def children_of(command: Command) -> list[psutil.Process]:
    """Its processes, without the PostgreSQL server, which other runs may share."""
    children = psutil.Process(command.pid).children(recursive=True)
    return [child for child in children if not child.name().startswith("postgres")]


def are_gone(processes: list[psutil.Process]) -> bool:
    return all(not process.is_running() or process.status() == psutil.STATUS_ZOMBIE for process in processes)


def listening_addresses(processes: list[psutil.Process]) -> set[str]:
    sockets = [found for process in processes for found in process.net_connections("inet")]
    return {found.laddr.ip for found in sockets if found.status == psutil.CONN_LISTEN}


def test_starts_everything_on_loopback_and_stops_all_of_it(start: Start) -> None:
    command = start()
    _, url = lines_until(command, URL)
    assert requests.get(url, timeout=5).status_code == 200
    children = children_of(command)
    programs = {" ".join(child.cmdline()) for child in children}
    for name in ("sandbox.hubspot_sim", "sandbox.smsfactor_sim", "gunicorn", "connector worker"):
        assert any(name in program for program in programs), name
    assert listening_addresses(children) == {"127.0.0.1"}
    command.send_signal(signal.SIGINT)
    assert rest_of(command).splitlines() == ["Ctrl-C stops everything.", "Stopped."]
    assert command.returncode == 0
    assert are_gone(children)


def test_taken_port_is_said_and_another_one_used(start: Start) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        command = start(port=taken)
        lines, url = lines_until(command, URL)
    assert f"Port {taken} is taken by another program" in lines[0]
    assert url != f"http://127.0.0.1:{taken}/"
    command.send_signal(signal.SIGTERM)
    assert rest_of(command).endswith("Stopped.\n")
    assert command.returncode == 0


def test_nothing_is_left_after_a_sigkill(start: Start) -> None:
    command = start()
    lines_until(command, URL)
    children = children_of(command)
    assert children
    command.kill()
    assert wait_for(lambda: are_gone(children), WAIT_S)


def test_a_process_that_dies_ends_the_sandbox_with_its_words(start: Start) -> None:
    command = start()
    lines_until(command, URL)
    (worker,) = [child for child in children_of(command) if "worker" in child.cmdline()]
    worker.kill()
    rest = rest_of(command)
    assert "worker ended by itself (exit code -9):" in rest
    assert "Traceback" not in rest
    assert command.returncode == 1


def test_wrong_settings_are_shown(start: Start) -> None:
    command = start(environment={"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/app"})
    said = rest_of(command)
    assert "127.0.0.1" in said
    assert "Traceback" not in said
    assert command.returncode == 1
