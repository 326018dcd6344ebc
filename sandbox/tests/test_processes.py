"""The sandbox's child processes: they report readiness, end when asked, and are never left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from sandbox.processes import ROOT, STOP_TIMEOUT_S, Process, ProcessFailed, stop_all, wait_for
from sandbox.stack import free_port, is_free

WAIT_S = 30.0

SERVER = """
import http.server, sys
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == '/ready' else 404)
        self.end_headers()
http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Ready).serve_forever()
"""
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('deaf', flush=True)
time.sleep(120)
"""
PARENT_OF_SLEEPER = """
import subprocess, sys
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
print(child.pid, flush=True)
child.wait()
"""
# Starts a Process and prints its pid, like a sandbox that is killed afterwards.
OWNER = """
import sys
from pathlib import Path
from sandbox.processes import Process
process = Process('sleeper', [sys.executable, '-c', 'import time; time.sleep(60)'], {}, Path(sys.argv[1]))
process.start()
print(process.pid, flush=True)
sys.stdin.read()
"""

Make = Callable[..., Process]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Process] = []

    def build(script: str, *arguments: str, ready_url: str | None = None) -> Process:
        command = [sys.executable, "-c", script, *arguments]
        made.append(Process("child", command, {"COLOUR": "blue"}, tmp_path / f"{len(made)}.log", ready_url))
        return made[-1]

    yield build
    for process in made:
        process.kill()


def test_waits_until_the_program_answers(make: Make) -> None:
    port = free_port()
    process = make(SERVER, str(port), ready_url=f"http://127.0.0.1:{port}/ready")
    process.start()
    process.wait_until_ready()
    assert not is_free(port)
    stop_all([process])
    assert is_free(port)
    assert not process.is_running


def test_never_ready_is_reported(make: Make) -> None:
    port = free_port()
    process = make(SERVER, str(port), ready_url=f"http://127.0.0.1:{port}/elsewhere")
    process.start()
    with pytest.raises(ProcessFailed, match="not ready after 1 s"):
        process.wait_until_ready(timeout_s=1)


def test_a_program_that_ends_is_reported_with_its_last_words(make: Make) -> None:
    process = make("import os, sys; print('my colour is ' + os.environ['COLOUR']); sys.exit(3)")
    process.start()
    assert wait_for(lambda: not process.is_running, WAIT_S)
    with pytest.raises(ProcessFailed, match=r"child ended by itself \(exit code 3\):\nmy colour is blue"):
        process.wait_until_ready()


def test_foreground_program_must_end_with_0(make: Make) -> None:
    make("pass").run_to_end()
    with pytest.raises(ProcessFailed, match="exit code 1"):
        make("raise ValueError").run_to_end()


def test_a_deaf_program_is_killed_in_time(make: Make) -> None:
    process = make(DEAF)
    process.start()
    assert wait_for(lambda: process.log_tail() == "deaf", WAIT_S)
    started = time.monotonic()
    stop_all([process])
    assert STOP_TIMEOUT_S <= time.monotonic() - started < WAIT_S
    assert not process.is_running


def test_a_paused_program_can_be_stopped(make: Make) -> None:
    process = make("import time; time.sleep(60)")
    process.start()
    process.kill(signal.SIGSTOP)
    assert wait_for(lambda: psutil.Process(process.pid).status() == psutil.STATUS_STOPPED, WAIT_S)
    stop_all([process], timeout_s=WAIT_S)
    assert not process.is_running


def test_kill_takes_the_children_too(make: Make) -> None:
    process = make(PARENT_OF_SLEEPER)
    process.start()
    assert wait_for(lambda: process.log_tail().isdigit(), WAIT_S)
    child = psutil.Process(int(process.log_tail()))
    process.kill()
    assert wait_for(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, WAIT_S)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_nothing_outlives_a_killed_parent(tmp_path: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path / "log")],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    sleeper = psutil.Process(int(owner.stdout.readline()))
    owner.kill()
    owner.communicate()
    assert wait_for(lambda: not sleeper.is_running() or sleeper.status() == psutil.STATUS_ZOMBIE, WAIT_S)
