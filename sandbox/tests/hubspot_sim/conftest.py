"""One simulator for all tests of answers; each test begins with a new world."""

from collections.abc import Iterator

import pytest

from sandbox.hubspot_sim.testing import HubSpot, hubspot_in_process


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubSpot]:
    """The simulator in this process, for all tests of a worker."""
    with hubspot_in_process(tmp_path_factory.mktemp("build"), backend_url="http://127.0.0.1:4802") as shared:
        yield shared


@pytest.fixture
def hubspot(simulator: HubSpot) -> HubSpot:
    """The simulator in a new world, without the app."""
    simulator.reset()
    return simulator


@pytest.fixture
def installed(hubspot: HubSpot) -> HubSpot:
    """The simulator in a new world, with the app installed."""
    hubspot.install()
    return hubspot
