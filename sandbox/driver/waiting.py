"""Waits for a condition outside the browser by polling. In the browser, `expect` does this."""

import time
from collections.abc import Callable

PATIENCE_S = 60.0
ASK_EVERY_S = 0.05


def until(condition: Callable[[], object], what: str, patience_s: float = PATIENCE_S) -> None:
    """Return once the condition holds; fail with `what` when it does not within `patience_s`."""
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {patience_s:.0f} s in vain: {what}"
        time.sleep(ASK_EVERY_S)
