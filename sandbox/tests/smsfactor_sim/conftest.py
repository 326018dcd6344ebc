"""One gateway for all tests of answers; each test begins with a new world on a Monday morning in Paris."""

from collections.abc import Iterator

import pytest

from sandbox.tests.smsfactor_sim.support import Gateway, gateway_in_process

START = "2026-11-23T10:00:00+01:00"


@pytest.fixture(scope="session")
def simulator() -> Iterator[Gateway]:
    """The simulator in this process, for all tests of a worker."""
    with gateway_in_process() as shared:
        yield shared


@pytest.fixture
def gateway(simulator: Gateway) -> Gateway:
    simulator.reset(START)
    return simulator
