"""Runs checks and tests: `python -m tools.check [lint] [types] [vitest] [pytest [path...]]`; no name: all.

A part that fails does not stop the others, so one run shows every fault. Exit code 1 if any part failed.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tools.stamps import ROOT

APP = ROOT / "hubspot-project" / "src" / "app"
HOST = ROOT / "sandbox" / "host"
AT_ONCE = 2  # parts that run in parallel; the developers' machines and CI have two cores
PYTEST_WORKERS = 3  # one more than cores: journeys wait for phones and receipts half of their time
PYTHON = sys.executable
MYPY = (PYTHON, "-m", "mypy")


@dataclass(frozen=True)
class Part:
    """One command to run; `kind` is its name on the command line."""

    kind: str
    name: str
    command: Sequence[str]
    cwd: Path = ROOT


@dataclass(frozen=True)
class Result:
    """How a part ended, and how long it took."""

    name: str
    passed: bool
    seconds: float


# The longest first, so that the processes end together.
PARTS = (
    Part("vitest", "vitest of the extensions", ("npm", "run", "--silent", "test"), APP),
    Part("vitest", "tests of the extension host", ("npm", "run", "--silent", "test"), HOST),
    Part(  # all in one run, which reads the libraries once
        "types",
        "mypy",
        (
            *MYPY,
            *("-p", "connector", "-p", "backend.tests", "-p", "backend.bench"),
            *("-p", "sandbox", "-p", "tools", "-m", "conftest"),
        ),
    ),
    Part("types", "tsc of the extensions", ("npm", "run", "--silent", "types"), APP),
    Part("types", "tsc of the extension host", ("npm", "run", "--silent", "typecheck"), HOST),
    Part("lint", "eslint of the extensions", ("npm", "run", "--silent", "lint"), APP),
    Part("lint", "prettier of the extensions", ("npm", "run", "--silent", "format:check"), APP),
    Part("lint", "eslint of the extension host", ("npm", "run", "--silent", "lint"), HOST),
    Part("lint", "prettier of the extension host", ("npm", "run", "--silent", "format:check"), HOST),
    Part("types", "mypy of the journeys", ("env", "MYPYPATH=ui-tests", *MYPY, "ui-tests")),
    Part("lint", "ruff", (PYTHON, "-m", "ruff", "check", "--output-format", "concise", ".")),
    Part(
        "lint", "ruff format", (PYTHON, "-m", "ruff", "format", "--check", "--output-format", "concise", ".")
    ),
)


def main(arguments: list[str]) -> int:
    """Run the requested parts; return the exit code."""
    kinds, paths = arguments, []
    if "pytest" in arguments:
        at = arguments.index("pytest") + 1
        kinds, paths = arguments[:at], arguments[at:]
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        parts = [part for part in PARTS if part.kind in kinds or not kinds]
        results = list(pool.map(_run_part, parts))
    if "pytest" in kinds or not kinds:
        results.append(_run_pytest(paths))
    print("\nWhat each part took:")
    for result in sorted(results, key=lambda result: -result.seconds):
        print(f"  {result.seconds:7.1f} s  {result.name}")
    failed = [result.name for result in results if not result.passed]
    if failed:
        print(f"\nFailed: {', '.join(failed)}")
    print(f"parts: {len(results) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


def _run_part(part: Part) -> Result:
    started = time.monotonic()
    done = subprocess.run(
        part.command,
        cwd=part.cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    passed, seconds = done.returncode == 0, time.monotonic() - started
    line = f"{part.name}: {'passed' if passed else 'FAILED'} ({seconds:.1f} s)\n"
    sys.stdout.write(
        line if passed else f"{line}{done.stdout.rstrip()}\n"
    )  # in one write: parts run in parallel
    sys.stdout.flush()
    return Result(part.name, passed, seconds)


def _run_pytest(paths: list[str]) -> Result:
    command = [
        PYTHON,
        "-m",
        "pytest",
        "-n",
        str(PYTEST_WORKERS),
        "--dist",
        "worksteal",
        "--durations=10",
        *paths,
    ]
    environment = os.environ | {"COLUMNS": "120"}
    started = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    return Result("pytest", code == 0, time.monotonic() - started)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
