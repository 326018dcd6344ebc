"""Batches of outcomes that HubSpot refuses, in each of the ways in which it may do so (protocol P17).

HubSpot's behaviour is unconfirmed: it takes none of a refused batch or the good ones, and may name the bad ones.
"""

from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from backend.tests.integration.workflows.callbacks.callback_hubspot import CallbackHubSpot
from backend.tests.integration.workflows.callbacks.steps import blocked, open_codes, states, tell
from backend.tests.integration.workflows.executions import let_pass, row_of
from connector.store.database import Conn
from connector.store.portals.portals import Portal
from connector.wiring import Wiring
from connector.worker.runner import BackOff

REFUSALS = [404, 409, 410]


def refusing(hubspot: CallbackHubSpot, *, takes_part: bool, names: bool, status: int = 404) -> None:
    hubspot.takes_part, hubspot.names, hubspot.once_only = takes_part, names, True
    hubspot.refusal = (status, {"category": "X", "message": "The callback cannot be used"})


def sizes(hubspot: CallbackHubSpot) -> list[int]:
    found = [len(call) for call in hubspot.calls]
    hubspot.calls.clear()
    return found


@pytest.mark.parametrize("takes_part", [False, True])
def test_others_of_a_refusal_that_names_its_culprits_are_told_with_one_more_call(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot, takes_part: bool
) -> None:
    ids = blocked(own, portal, 40)
    hubspot.refused = {ids[17], ids[30]}
    refusing(hubspot, takes_part=takes_part, names=True)
    tell(own, telling, portal)
    assert sizes(hubspot) == [40, 38]
    assert states(own, portal) == {"done": 38, "due": 2}
    assert row_of(own, portal, ids[17])["callback_failures"] == 1
    assert all(len(told) == 1 for told in hubspot.told.values())


def test_culprit_that_was_named_is_tried_until_hubspot_stops_waiting_and_is_then_shown(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    ids = blocked(own, portal, 40)
    hubspot.refused = {ids[17]}
    refusing(hubspot, takes_part=True, names=True)
    tell(own, telling, portal)
    let_pass(own, portal, seconds=20)
    tell(own, telling, portal)
    assert states(own, portal) == {"done": 39, "due": 1}
    let_pass(own, portal, hours=2)
    tell(own, telling, portal)
    assert states(own, portal) == {"done": 39, "expired": 1}
    assert open_codes(own, portal) == [("callbacks_expired", {"count": 1})]


def test_culprit_that_is_not_named_is_found_by_halves_when_nothing_of_a_refused_batch_is_taken(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    ids = blocked(own, portal, 40)
    hubspot.refused = {ids[17]}
    refusing(hubspot, takes_part=False, names=False)
    tell(own, telling, portal)
    assert len(sizes(hubspot)) <= 16
    assert states(own, portal) == {"done": 39, "due": 1}
    row = row_of(own, portal, ids[17])
    assert (row["callback_failures"], row["doubted_at"]) == (1, None), "surely not told"


@pytest.mark.parametrize("status", REFUSALS)
def test_batch_that_was_taken_but_for_its_culprit_costs_few_calls_and_nothing_expires(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot, status: int
) -> None:
    ids = blocked(own, portal, 40)
    hubspot.refused = {ids[17]}
    refusing(hubspot, takes_part=True, names=False, status=status)
    if status == 409:  # says that it is done
        tell(own, telling, portal)
        assert len(sizes(hubspot)) <= 41
        assert states(own, portal) == {"done": 40}
        return
    with pytest.raises(BackOff, match="callbacks_refused"):
        tell(own, telling, portal)
    assert sizes(hubspot) == [40, 1, 1, 1], (
        "it looks as if they were taken, but nothing proves that callbacks work"
    )
    assert states(own, portal) == {"due": 40}
    let_pass(own, portal, seconds=20)
    fresh = blocked(own, portal, 1)
    with capture_logs() as logs:
        tell(own, telling, portal)
    assert fresh[0] in hubspot.told
    assert sizes(hubspot) == [1, 40, *[1] * 40]
    assert states(own, portal) == {"done": 41}
    assert sum(entry["event"] == "callback_presumed_told" for entry in logs) == 40
    let_pass(own, portal, hours=2)
    tell(own, telling, portal)
    assert open_codes(own, portal) == []


def test_outcomes_are_not_given_up_while_hubspot_takes_none_at_all(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    """A removed path looks like a batch that was taken in part, but must not be treated as one."""
    ids = blocked(own, portal, 40)
    hubspot.refused = set(ids)
    for _ in range(3):
        with pytest.raises(BackOff, match="callbacks_refused"):
            tell(own, telling, portal)
        assert sizes(hubspot) == [40, 1, 1, 1]
        let_pass(own, portal, seconds=100)
    assert states(own, portal) == {"due": 40}
    hubspot.refused = set()
    tell(own, telling, portal)
    assert set(hubspot.told) == set(ids)
    assert states(own, portal) == {"done": 40}


def test_batch_that_came_too_early_is_told_whole_a_moment_later(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    ids = blocked(own, portal, 40)
    hubspot.refused = set(ids)
    refusing(hubspot, takes_part=False, names=False)
    with pytest.raises(BackOff, match="callbacks_refused"):
        tell(own, telling, portal)
    sizes(hubspot)
    hubspot.refused = set()
    let_pass(own, portal, seconds=11)
    tell(own, telling, portal)
    assert sizes(hubspot) == [40]
    assert states(own, portal) == {"done": 40}


def test_good_ones_among_many_culprits_are_told_in_the_end(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    """Every half of the batch has a culprit, and the first members tried alone may all be culprits."""
    ids = blocked(own, portal, 40)
    hubspot.refused = set(ids[::2])
    refusing(hubspot, takes_part=False, names=False)
    for _ in range(12):
        with suppress(BackOff):
            tell(own, telling, portal)
        own.execute("UPDATE workflow_executions SET check_at = now() WHERE state = 'due'")
        own.commit()
        if set(ids[1::2]) <= set(hubspot.told):
            return
    pytest.fail(f"{len(hubspot.told)} of 20 told")


def test_success_that_reports_errors_names_who_was_not_taken(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    ids = blocked(own, portal, 4)
    hubspot.refused = {ids[1]}
    refusing(hubspot, takes_part=True, names=True, status=207)
    tell(own, telling, portal)
    assert len(sizes(hubspot)) <= 2
    assert states(own, portal) == {"done": 3, "due": 1}
