"""The web application, in a process that is killed once at a chosen moment of an execution.

DYING_AT: `stored` (before the commit) or `committed` (before the answer). DYING_ONCE: a file that marks the death.
"""

import os
import signal
from pathlib import Path
from typing import Any

from flask import Flask

import connector
from connector.inbound.workflows import executions
from connector.use_cases.workflows.accept_executions import accept_executions


def _die_once() -> None:
    done = Path(os.environ["DYING_ONCE"])
    if not done.exists():
        done.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def create_app() -> Flask:
    accept, render = accept_executions, executions.render

    def dying_accept(*args: Any, **kwargs: Any) -> Any:
        answers = accept(*args, **kwargs)
        if os.environ["DYING_AT"] == "stored":
            _die_once()
        return answers

    def dying_render(answer: Any) -> Any:
        if os.environ["DYING_AT"] == "committed":
            _die_once()
        return render(answer)

    setattr(executions, "accept_executions", dying_accept)  # noqa: B010 - a name that the module imports
    setattr(executions, "render", dying_render)  # noqa: B010
    return connector.create_app()
