"""Paris dates across the change of clocks, and the legal hours of marketing."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.smsfactor_sim.sending.legal_hours import next_slot
from sandbox.smsfactor_sim.wire import paris_text, read_paris


@pytest.mark.parametrize(
    ("asked", "leaves"),
    [
        ("2026-11-23 08:00:00", "2026-11-23 08:00:00"),
        ("2026-11-23 07:59:59", "2026-11-23 08:00:00"),
        ("2026-11-23 19:59:59", "2026-11-23 19:59:59"),
        ("2026-11-23 20:00:00", "2026-11-24 08:00:00"),
        ("2026-11-28 20:00:00", "2026-11-30 08:00:00"),
        ("2026-11-29 10:00:00", "2026-11-30 08:00:00"),
        ("2026-04-06 10:00:00", "2026-04-07 08:00:00"),
        ("2026-05-14 10:00:00", "2026-05-15 08:00:00"),
        ("2027-05-17 10:00:00", "2027-05-18 08:00:00"),
        ("2026-07-13 21:00:00", "2026-07-15 08:00:00"),
        ("2026-12-31 20:30:00", "2027-01-02 08:00:00"),
    ],
)
def test_next_slot(asked: str, leaves: str) -> None:
    assert paris_text(next_slot(read_paris(asked))) == leaves


def test_paris_time_over_the_change_of_clocks() -> None:
    before, after = read_paris("2026-10-25 01:30:00"), read_paris("2026-10-25 03:30:00")
    assert after - before == timedelta(hours=3)
    assert read_paris("2026-03-29 03:00:00") == datetime(2026, 3, 29, 1, tzinfo=UTC)
