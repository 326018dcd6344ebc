"""A simulator's handle on its control API: clock, settings, fault board and call log."""

from collections.abc import Callable, Sequence

from sandbox.control.calls import Call, CallLog
from sandbox.control.clock import Clock
from sandbox.control.faults import FaultBoard
from sandbox.control.settings import Settings


class Control:
    """The handle a simulator keeps: clock, settings, fault board and call log of one application."""

    def __init__(
        self, name: str, settings: Settings, on_reset: Sequence[Callable[[], None]], help_text: str
    ) -> None:
        self.name = name
        self.settings = settings
        self.clock = Clock()
        self.faults = FaultBoard()
        self.calls = CallLog()
        self.help_text = help_text
        self._on_reset = list(on_reset)
        self._before_reset: list[Callable[[], None]] = []
        self.is_ready: Callable[[], bool] = lambda: True
        self.call_listeners: list[Callable[[Call], None]] = []

    def on_reset(self, hook: Callable[[], None]) -> None:
        """Call `hook` on POST /_control/reset, after clock and settings are back at their start."""
        self._on_reset.append(hook)

    def on_call(self, listener: Callable[[Call], None]) -> None:
        """Call `listener` after every logged call, also when its answer was lost (status None)."""
        self.call_listeners.append(listener)

    def before_reset(self, hook: Callable[[], None]) -> None:
        """Call `hook` at the very start of a reset. Schedulers use it: setting the clock back would wake them."""
        self._before_reset.append(hook)

    def reset(self) -> None:
        """Back to the state after start: no faults, no calls, real time, default settings, then the hooks."""
        for hook in self._before_reset:
            hook()
        self.faults.clear()
        self.calls.clear()
        self.settings.reset()
        self.clock.reset()
        for hook in self._on_reset:
            hook()
