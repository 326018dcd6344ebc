"""Everything goes wrong at once, and no SMS is lost or sent twice: the benchmark's storm, ten times smaller."""

import pytest

from backend.bench import storm


@pytest.mark.long
def test_storm_of_a_thousand_enrolments_loses_and_doubles_nothing() -> None:
    assert storm.run(divisor=10)
