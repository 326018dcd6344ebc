"""Runs the commands of the set-up quietly; shows the whole output of a command that fails."""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.stamps import ROOT


class SetupError(Exception):
    """The set-up cannot go on; the text says what to do. `exit_code` 2: a prerequisite is missing."""

    def __init__(self, text: str, exit_code: int = 1) -> None:
        super().__init__(text)
        self.exit_code = exit_code


class CommandError(SetupError):
    """A command failed; the text has its output."""


def missing(text: str) -> SetupError:
    """The error for a prerequisite that the user must install."""
    return SetupError(text, exit_code=2)


def say(text: str) -> None:
    """Print a progress message."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def run(what: str, command: Sequence[str], cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
    """Run a command and print what it did and how long it took. Raises CommandError with its output."""
    started = time.monotonic()
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=os.environ | dict(env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError:
        raise CommandError(f"{what} failed: there is no command `{command[0]}`.") from None
    if done.returncode:
        shown = done.stdout.strip()[-6000:]
        raise CommandError(f"{what} failed (exit {done.returncode}): {shlex.join(command)}\n{shown}")
    say(f"  {what}: {time.monotonic() - started:.1f} s")
