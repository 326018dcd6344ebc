"""A pytest plugin that reports, at the end of a run, the time each area of the tests took and the slowest tests.

The seconds add up over the processes that ran the tests, fixtures included. With two workers of pytest-xdist they are
about twice the time that passed.
"""

from collections import defaultdict
from dataclasses import dataclass, field

import pytest

# The first folder that matches the beginning of a test's path names its area.
AREAS = {
    "backend/tests/unit/": "unit",
    "backend/tests/integration/": "integration",
    "backend/tests/acceptance/": "acceptance",
    "backend/tests/contract/": "contract",
    "backend/tests/house/": "house",
    "sandbox/host/": "host",
    "sandbox/": "simulators",
    "tools/": "tools",
    "ui-tests/": "journeys",
}
LIMIT_S = 10.0  # a test that takes longer belongs behind `-m long` (CONTRIBUTING.md)


def area_of(node_id: str) -> str:
    """The area of a test, by its path."""
    return next((area for folder, area in AREAS.items() if node_id.startswith(folder)), "other")


@dataclass(eq=False)  # a plugin must be hashable
class Areas:
    """Adds up the reports of all workers."""

    tests: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    calls: dict[str, float] = field(default_factory=dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        area = area_of(report.nodeid)
        self.seconds[area] += report.duration
        if report.when == "call":
            self.tests[area] += 1
            self.calls[report.nodeid] = report.duration

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("areas, in seconds of the processes that ran them")
        for line in self.lines():
            terminalreporter.line(line)

    def lines(self) -> list[str]:
        """The table, slowest area first, then the tests over the limit."""
        rows = sorted(self.seconds.items(), key=lambda row: -row[1])
        shown = [f"{area:<12} {seconds:8.1f} s  {self.tests[area]:5} tests" for area, seconds in rows]
        shown.append(
            f"{'together':<12} {sum(self.seconds.values()):8.1f} s  {sum(self.tests.values()):5} tests"
        )
        long = {node_id: seconds for node_id, seconds in self.calls.items() if seconds > LIMIT_S}
        shown += [
            f"longer than {LIMIT_S:.0f} s: {node_id} ({seconds:.1f} s)" for node_id, seconds in long.items()
        ]
        return shown


def pytest_configure(config: pytest.Config) -> None:
    """Register in the main process, where the reports of all workers arrive."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Areas(), "areas")
