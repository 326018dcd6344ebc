"""The web application, in a process that is killed once at a chosen moment of an execution.

DYING_AT: `stored` (before the commit) or `committed` (before the answer). DYING_ONCE: a file that says that it did.
"""

import os
import signal
from pathlib import Path
from typing import Any

from flask import Flask

import connector
from connector.inbound.workflows import executions


def _die_once() -> None:
    done = Path(os.environ["DYING_ONCE"])
    if not done.exists():
        done.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def create_app() -> Flask:
    accept, render = executions.accept_executions, executions.render

    def dying_accept(*args: Any, **kwargs: Any) -> Any:
        answers = accept(*args, **kwargs)
        if os.environ["DYING_AT"] == "stored":
            _die_once()
        return answers

    def dying_render(answer: Any) -> Any:
        if os.environ["DYING_AT"] == "committed":
            _die_once()
        return render(answer)

    executions.accept_executions, executions.render = dying_accept, dying_render
    return connector.create_app()
