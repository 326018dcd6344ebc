"""Waiting for something outside the browser, by asking again. In the browser, `expect` does it."""

import time
from collections.abc import Callable

PATIENCE_S = 60.0
ASK_EVERY_S = 0.05


def until(condition: Callable[[], object], what: str) -> None:
    """Return once the condition holds; fail with `what` when it does not within PATIENCE_S."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S:.0f} s in vain: {what}"
        time.sleep(ASK_EVERY_S)
