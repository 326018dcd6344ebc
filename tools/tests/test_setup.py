"""The set-up: a missing prerequisite gives one sentence and exit code 2; a step runs once for the same inputs."""

import importlib.util
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tools import chromium, install, stamps
from tools.running import CommandError, SetupError, run

Result = subprocess.CompletedProcess[str]


def setup_with(programs: dict[str, str], folder: Path, *arguments: str) -> Result:
    """Run the set-up with nothing on the PATH but these shell scripts."""
    for name, script in programs.items():
        program = folder / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "-m", "tools.setup", *arguments],
        cwd=stamps.ROOT,
        env=environment | {"PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("programs", "sentence"),
    [
        ({}, "Node.js is not installed"),
        ({"node": "echo v18.20.1"}, "Node.js 20 or newer is needed, this is v18.20.1"),
        ({"node": "exit 1"}, "Node.js 20 or newer is needed, this is not working"),
        ({"node": "echo v22.1.0"}, "npm is not installed"),
    ],
)
def test_missing_prerequisite(programs: dict[str, str], sentence: str, tmp_path: Path) -> None:
    done = setup_with(programs, tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(sentence)
    assert done.stderr.count("\n") == 1


def test_old_python_gets_a_sentence(tmp_path: Path) -> None:
    code = "import runpy, sys; sys.version_info = (3, 9, 2); runpy.run_module('tools.setup', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=stamps.ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == "Python 3.11 or newer is needed, this is 3.9: install it, then try again.\n"


def test_musl_needs_a_database_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysconfig, "get_config_var", lambda name: "cpython-312-x86_64-linux-musl")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(SetupError, match="set DATABASE_URL") as refusal:
        install.check_prerequisites(for_tests=False)
    assert refusal.value.exit_code == 2
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1/app")
    assert install.check_prerequisites(for_tests=False).startswith("v")
    with pytest.raises(SetupError, match="does not run on musl"):
        install.check_prerequisites(for_tests=True)


def test_incomplete_venv_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else True)
    with pytest.raises(SetupError, match="python3-venv") as refusal:
        install.check_prerequisites(for_tests=False)
    assert refusal.value.exit_code == 2


def test_stamp_is_current_for_the_same_inputs_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamps, "STAMPS_DIR", tmp_path / "stamps")
    lock = tmp_path / "lock"
    lock.write_text("a")
    stamps.Stamp("step", [lock], ["v20"]).write()
    assert stamps.Stamp("step", [lock], ["v20"]).is_current()
    assert not stamps.Stamp("step", [lock], ["v22"]).is_current()
    lock.write_text("b")
    assert not stamps.Stamp("step", [lock], ["v20"]).is_current()


def test_failing_command_is_reported_with_its_output() -> None:
    with pytest.raises(CommandError, match=r"(?s)the step failed \(exit 7\).*what happened"):
        run("the step", [sys.executable, "-c", "print('what happened'); raise SystemExit(7)"])
    with pytest.raises(CommandError, match="no command `there-is-no-such-command`"):
        run("the step", ["there-is-no-such-command"])


def test_a_chromium_that_does_not_run_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, exit_code in (("chromium", 1), ("google-chrome", 0)):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {exit_code}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    assert chromium.find_chromium() == tmp_path / "google-chrome"
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "chromium"))
    with pytest.raises(SetupError, match="does not run"):
        chromium.find_chromium()


def test_playwrights_newest_download_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    for age, folder in enumerate(["chromium-1200/chrome-linux64", "chromium-1100/chrome-linux"]):
        program = tmp_path / folder / "chrome"
        program.parent.mkdir(parents=True)
        program.write_text("#!/bin/sh\nexit 0\n")
        program.chmod(0o755)
        os.utime(program, (2_000_000_000 - age, 2_000_000_000 - age))
    assert chromium.find_chromium() == tmp_path / "chromium-1200" / "chrome-linux64" / "chrome"
