"""Reporting the outcomes of blocked executions to HubSpot: refusals, lost answers, expiry (protocol P17)."""

import threading
from dataclasses import replace
from typing import Any

import pytest

from backend.tests.integration.conftest import drain
from backend.tests.integration.workflows.callbacks.callback_hubspot import CallbackHubSpot
from backend.tests.integration.workflows.callbacks.steps import blocked, open_codes, states, tell, turn_of
from backend.tests.integration.workflows.executions import accept, an_execution, let_pass, row_of
from connector.domain.vocabulary import Action
from connector.hubspot.client import HubSpotApi
from connector.store.database import Conn
from connector.store.portals import portals
from connector.store.portals.portals import Portal
from connector.store.workflows import outcomes
from connector.wiring import Wiring
from connector.worker.runner import BackOff
from connector.worker.workflows.callbacks import complete_callbacks


def test_outcomes_are_told_in_batches_of_a_hundred_with_the_portals_token(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    ids = blocked(own, portal, 130)
    tell(own, telling, portal)
    assert [len(call) for call in hubspot.calls] == [100, 30]
    assert set(hubspot.tokens) == {f"Bearer access-{portal.portal_id}"}
    assert set(hubspot.told) == set(ids)
    [fields] = hubspot.told[ids[0]]
    assert fields["hs_execution_state"] == "FAIL_CONTINUE"
    assert (fields["status"], fields["reason"]) == ("not_sent", "wait_over")
    assert states(own, portal) == {"done": 130}
    assert outcomes.next_due_at(own, portal.portal_id) is None


def test_lane_is_drained_by_the_worker_when_the_time_has_come(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    [callback_id] = blocked(own, portal, 1)
    own.execute("UPDATE lanes SET next_due_at = 'infinity' WHERE kind <> 'callbacks'")
    own.execute("UPDATE lanes SET next_due_at = now() WHERE kind = 'callbacks'")
    own.commit()
    drain(telling)
    assert list(hubspot.told) == [callback_id]
    assert states(own, portal) == {"done": 1}


def test_refused_batch_is_split_until_the_culprit_is_alone(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    ids = blocked(own, portal, 40)
    hubspot.refused = {ids[17]}
    tell(own, telling, portal)
    assert set(hubspot.told) == set(ids) - {ids[17]}
    assert all(len(told) == 1 for told in hubspot.told.values())
    assert states(own, portal) == {"done": 39, "due": 1}
    row = row_of(own, portal, ids[17])
    assert (row["callback_failures"], row["last_error"]) == (1, "404 OBJECT_NOT_FOUND")
    assert not row["is_due"]


def test_one_that_is_refused_alone_is_tried_later_and_later_and_spoils_no_batch(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    [bad] = blocked(own, portal, 1)
    hubspot.refused = {bad}
    delays = []
    for _ in range(4):
        tell(own, telling, portal)
        row = row_of(own, portal, bad)
        last = own.execute("SELECT EXTRACT(EPOCH FROM %s - now())::float AS s", (row["check_at"],)).fetchone()
        assert last is not None
        delays.append(round(last["s"], -1))
        let_pass(own, portal, seconds=last["s"] + 1)
    assert delays == [10.0, 20.0, 40.0, 80.0]
    hubspot.calls.clear()
    good = blocked(own, portal, 5)
    tell(own, telling, portal)
    assert [len(call) for call in hubspot.calls] == [5, 1]
    assert set(good) <= set(hubspot.told)
    hubspot.refused = set()
    let_pass(own, portal, seconds=300)
    tell(own, telling, portal)
    assert bad in hubspot.told


def test_one_that_hubspot_never_takes_expires_and_is_seen(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    [bad] = blocked(own, portal, 1)
    hubspot.refused = {bad}
    tell(own, telling, portal)
    let_pass(own, portal, hours=2)
    tell(own, telling, portal)
    assert len(hubspot.calls) == 1, "HubSpot no longer waits"
    assert states(own, portal) == {"expired": 1}
    assert open_codes(own, portal) == [("callbacks_expired", {"count": 1})]
    blocked(own, portal, 1)
    tell(own, telling, portal)
    assert open_codes(own, portal) == [("callbacks_expired", {"count": 1})], "shown for a day at least"
    own.execute("UPDATE problems SET opened_at = opened_at - interval '1 day'")
    own.commit()
    blocked(own, portal, 1)
    tell(own, telling, portal)
    assert open_codes(own, portal) == []


@pytest.mark.parametrize(
    "refusal",
    [
        (409, {"category": "CONFLICT", "message": "x"}),
        (400, {"category": "VALIDATION_ERROR", "message": "The execution is completed already"}),
    ],
)
def test_refusal_that_says_it_is_done_is_done(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot, refusal: tuple[int, dict[str, Any]]
) -> None:
    ids = blocked(own, portal, 3)
    hubspot.refused, hubspot.refusal = {ids[1]}, refusal
    tell(own, telling, portal)
    assert states(own, portal) == {"done": 3}


@pytest.mark.parametrize("answer", ["lost", (500, {})])
def test_unknown_outcome_is_told_again_unchanged(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot, answer: Any
) -> None:
    ids = blocked(own, portal, 3)
    hubspot.next_answers = [answer]
    with pytest.raises(BackOff, match="OutcomeUnknown"):
        tell(own, telling, portal)
    assert states(own, portal) == {"due": 3}
    tell(own, telling, portal)
    assert hubspot.calls[0] == hubspot.calls[1]
    assert set(hubspot.told) == set(ids)
    assert states(own, portal) == {"done": 3}


def test_refusal_after_a_lost_answer_means_that_it_was_told(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    """HubSpot took the outcomes and its answer was lost; it then refuses ended executions: nothing is left to do."""
    ids = blocked(own, portal, 4)
    hubspot.next_answers, hubspot.once_only = ["lost"], True
    with pytest.raises(BackOff):
        tell(own, telling, portal)
    tell(own, telling, portal)
    assert {callback_id: len(told) for callback_id, told in hubspot.told.items()} == dict.fromkeys(ids, 1)
    assert states(own, portal) == {"done": 4}
    assert open_codes(own, portal) == []


def test_refusal_after_a_call_that_surely_told_nothing_means_nothing(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    [one] = blocked(own, portal, 1)
    hubspot.next_answers = [(429, {"policyName": "TEN_SECONDLY_ROLLING"})]
    with pytest.raises(BackOff, match="rate_limited"):
        tell(own, telling, portal)
    hubspot.refused = {one}
    tell(own, telling, portal)
    assert states(own, portal) == {"due": 1}


def test_batch_of_which_none_is_taken_stops_the_lane_for_a_while(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    ids = blocked(own, portal, 150)
    hubspot.refused = set(ids)
    with pytest.raises(BackOff, match="callbacks_refused"):
        tell(own, telling, portal)
    assert [len(call) for call in hubspot.calls] == [100, 1, 1, 1], "the next batch was not begun"


def test_missing_scope_pauses_and_is_shown(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    blocked(own, portal, 2)
    hubspot.next_answers = [(403, {"category": "MISSING_SCOPES", "message": "x"})]
    with pytest.raises(BackOff) as back_off:
        tell(own, telling, portal)
    assert (back_off.value.cause, back_off.value.seconds) == ("hubspot_scope_missing", 600.0)
    assert open_codes(own, portal) == [("hubspot_scope_missing", {})]
    assert len(hubspot.calls) == 1
    assert states(own, portal) == {"due": 2}


def test_executions_of_a_portal_that_has_left_stop(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    accept(own, portal, an_execution(Action.SEND_SMS_DEAL, "0-3", "1301"))
    blocked(own, portal, 2)
    own.execute("UPDATE portals SET state = 'uninstalled', uninstalled_at = now()")
    own.commit()
    tell(own, telling, portal)
    drain(telling)
    assert hubspot.calls == []
    assert states(own, portal) == {"resolving": 1, "waiting": 2}
    assert portals.find_installed(own, portal.portal_id) is None
    assert outcomes.next_due_at(own, portal.portal_id) is None


# --- a repeated execution


def test_repeated_execution_is_told_its_outcome_and_armed_again(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    """HubSpot lost both our BLOCK and the callback, so it repeats the execution (P17)."""
    execution = an_execution(wait_for="delivered", wait_hours="1")
    accept(own, portal, execution)
    let_pass(own, portal, hours=1)
    tell(own, telling, portal)
    [answer] = accept(own, portal, execution)
    assert (answer.hs_state, answer.outputs["status"]) == ("FAIL_CONTINUE", "not_sent")
    assert row_of(own, portal, execution.callback_id)["state"] == "due"
    tell(own, telling, portal)
    assert len(hubspot.calls) == 1, "not before 10 s"
    let_pass(own, portal, seconds=10)
    tell(own, telling, portal)
    first, second = hubspot.told[execution.callback_id]
    assert first == second
    assert states(own, portal) == {"done": 1}


def test_one_that_was_armed_again_and_is_refused_is_done_and_spoils_no_batch(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    """Our answer already gave HubSpot the outcome, so it is expected to refuse the callback."""
    execution = an_execution(wait_for="delivered", wait_hours="1")
    accept(own, portal, execution)
    let_pass(own, portal, hours=1)
    tell(own, telling, portal)
    accept(own, portal, execution)
    let_pass(own, portal, seconds=20)
    hubspot.once_only = True
    hubspot.calls.clear()
    blocked(own, portal, 5)
    tell(own, telling, portal)
    assert [len(call) for call in hubspot.calls] == [5, 1]
    assert states(own, portal) == {"done": 6}
    assert open_codes(own, portal) == []


def test_execution_repeated_while_its_outcome_is_open_gets_block_again(own: Conn, portal: Portal) -> None:
    execution = an_execution(wait_for="replied", wait_hours="1")
    first, second = accept(own, portal, execution)[0], accept(own, portal, execution)[0]
    assert first == second
    assert first.hs_state == "BLOCK"


# --- two workers


def test_two_workers_tell_the_same_outcome(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    """One worker is paused within its call, and another takes over the lane."""
    [callback_id] = blocked(own, portal, 1)
    hubspot.hold = threading.Event()
    turn = turn_of(own, portal)
    slow = replace(telling, hubspot=replace(telling.hubspot, api=HubSpotApi(hubspot.url, timeout_s=20.0)))
    paused = threading.Thread(target=complete_callbacks, args=(slow, turn))
    paused.start()
    while not hubspot.told:
        paused.join(timeout=0.01)
    held, hubspot.hold = hubspot.hold, None
    tell(own, telling, portal)
    held.set()
    paused.join(timeout=20)
    assert not paused.is_alive()
    first, second = hubspot.told[callback_id]
    assert first == second
    assert states(own, portal) == {"done": 1}
