"""Times by area: a test and its fixtures count for the folder of its file."""

from typing import Literal

import pytest

from tools.areas import Areas, area_of

When = Literal["setup", "call", "teardown"]


@pytest.mark.parametrize(
    ("node_id", "area"),
    [
        ("backend/tests/unit/domain/test_rights.py::test_x", "unit"),
        ("sandbox/host/tests/test_host_rules.py::test_x", "host"),
        ("sandbox/tests/test_serving.py::test_x", "simulators"),
        ("ui-tests/tests/test_send.py::test_x[en]", "journeys"),
        ("elsewhere/test_x.py::test_x", "other"),
    ],
)
def test_area_is_the_folder(node_id: str, area: str) -> None:
    assert area_of(node_id) == area


def test_fixtures_count_and_long_tests_are_named() -> None:
    areas = Areas()
    parts: list[tuple[When, float]] = [("setup", 2.0), ("call", 11.0), ("teardown", 1.0)]
    for when, seconds in parts:
        areas.pytest_runtest_logreport(report("tools/tests/test_x.py::test_x", when, seconds))
    areas.pytest_runtest_logreport(report("backend/tests/house/test_y.py::test_y", "call", 0.5))
    assert [line.split() for line in areas.lines()] == [
        ["tools", "14.0", "s", "1", "tests"],
        ["house", "0.5", "s", "1", "tests"],
        ["together", "14.5", "s", "2", "tests"],
        ["longer", "than", "10", "s:", "tools/tests/test_x.py::test_x", "(11.0", "s)"],
    ]


def report(node_id: str, when: When, seconds: float) -> pytest.TestReport:
    return pytest.TestReport(node_id, (node_id, None, node_id), {}, "passed", None, when, duration=seconds)
