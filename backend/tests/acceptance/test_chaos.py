"""One fault after another on running processes: no SMS is lost or sent twice, and each recovery has its budget."""

import pytest

from backend.bench import chaos


@pytest.mark.long
def test_every_fault_loses_and_doubles_nothing() -> None:
    assert chaos.run()
