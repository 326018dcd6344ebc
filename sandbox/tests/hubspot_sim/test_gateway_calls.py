"""The count of calls to SMSFactor that the HubSpot pages show."""

from collections.abc import Iterator

import pytest

from sandbox.hubspot_sim.limits.gateway_calls import GatewayCalls
from sandbox.tests.smsfactor_sim.support import Gateway, running_gateway


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as running:
        yield running


def test_calls_are_counted_by_endpoint_and_anew_after_a_reset(gateway: Gateway) -> None:
    counts = GatewayCalls(gateway.url)
    gateway.send("Bonjour", "33612345601")
    gateway.get("/credits")
    counts.reset()
    gateway.send("Encore", "33612345601", "33612345602")
    for number in (1, 2):  # whatever the answer is
        gateway.session.get(f"{gateway.url}/message/{number}", timeout=20)
    assert counts.as_json() == {"total": 3, "endpoints": {"GET /message": 2, "POST /send": 1}}


def test_a_simulator_that_is_away_has_no_counts() -> None:
    counts = GatewayCalls("http://127.0.0.1:9")
    counts.reset()
    assert counts.as_json() is None
