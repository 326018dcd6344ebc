"""Outcomes that become known in sequence share calls; a single one is reported at once (protocol P17)."""

from backend.tests.integration.workflows.callbacks.callback_hubspot import CallbackHubSpot
from backend.tests.integration.workflows.callbacks.steps import blocked, turn_of
from backend.tests.integration.workflows.executions import accept, an_execution, let_pass, row_of
from backend.tests.integration.workflows.test_settle_waits import settle
from connector.domain.vocabulary import LaneKind
from connector.store import lanes
from connector.store.database import Conn
from connector.store.portals.portals import Portal
from connector.store.workflows import outcomes, waits
from connector.wiring import Wiring
from connector.worker.workflows.callbacks import complete_callbacks


def look(own: Conn, telling: Wiring, portal: Portal) -> None:
    """Run the lane now if its rows make it due."""
    due_at = outcomes.next_due_at(own, portal.portal_id)
    row = own.execute("SELECT now() AS at").fetchone()
    own.commit()
    assert row is not None
    if due_at and due_at <= row["at"]:
        turn = turn_of(own, portal)
        while complete_callbacks(telling, turn):
            pass
        lanes.release(own, turn, next_due_at=None)


def pass_time(own: Conn, portal: Portal, seconds: float) -> None:
    own.execute("UPDATE write_streams SET quiet_until = quiet_until - make_interval(secs => %s)", (seconds,))
    let_pass(own, portal, seconds=seconds)


def conclude(own: Conn, portal: Portal, callback_id: str) -> None:
    """End the workflow's wait with an outcome."""
    entered = lanes.enter(own, portal.portal_id, LaneKind.CALLBACKS)
    waits.conclude(entered, [(callback_id, {"status": "replied"})])
    own.commit()


def waiting(own: Conn, portal: Portal, count: int) -> list[str]:
    executions = [an_execution(wait_for="replied", wait_hours="24") for _ in range(count)]
    accept(own, portal, *executions)
    let_pass(own, portal, seconds=60)
    return [execution.callback_id for execution in executions]


def test_outcomes_at_four_a_second_share_calls(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    ids = waiting(own, portal, 120)
    for callback_id in ids:
        conclude(own, portal, callback_id)
        look(own, telling, portal)
        pass_time(own, portal, 0.25)
    pass_time(own, portal, 20)
    look(own, telling, portal)
    assert set(hubspot.told) == set(ids)
    assert len(hubspot.calls[0]) == 1, "nothing was told just now"
    assert len(hubspot.calls) <= 5


def test_lone_outcome_is_told_at_once(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    first, second = waiting(own, portal, 2)
    conclude(own, portal, first)
    look(own, telling, portal)
    pass_time(own, portal, 4)
    conclude(own, portal, second)
    look(own, telling, portal)
    assert [len(call) for call in hubspot.calls] == [1, 1]


def test_full_call_is_followed_by_the_next_at_once(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    blocked(own, portal, 230)
    look(own, telling, portal)
    assert [len(call) for call in hubspot.calls] == [100, 100, 30]


def test_waits_are_settled_while_outcomes_gather(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    """The timer cancels a message that has not left, whether HubSpot gets the outcome now or later."""
    blocked(own, portal, 20)
    look(own, telling, portal)
    [late] = blocked(own, portal, 1)
    look(own, telling, portal)
    assert row_of(own, portal, late)["state"] == "due"
    assert [len(call) for call in hubspot.calls] == [20]
    at = outcomes.next_due_at(own, portal.portal_id)
    row = own.execute("SELECT quiet_until FROM write_streams WHERE stream = 'callbacks'").fetchone()
    own.commit()
    assert row is not None
    assert at == row["quiet_until"], "and the lane sleeps until then"


def test_timer_of_another_wait_wakes_the_lane_before(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    [other] = waiting(own, portal, 1)
    own.execute(
        "UPDATE workflow_executions SET check_at = now() + interval '5 s', timer_at = now() + interval '5 s'"
    )
    own.commit()
    timer_at = row_of(own, portal, other)["timer_at"]
    blocked(own, portal, 20)
    look(own, telling, portal)
    blocked(own, portal, 1)
    settle(own, portal)
    assert outcomes.next_due_at(own, portal.portal_id) == timer_at


def test_repeated_executions_are_told_together(
    own: Conn, telling: Wiring, portal: Portal, hubspot: CallbackHubSpot
) -> None:
    """HubSpot has these outcomes as answers and may refuse the callbacks, so they share calls only with each other."""
    executions = [an_execution(wait_for="delivered", wait_hours="1") for _ in range(15)]
    accept(own, portal, *executions)
    let_pass(own, portal, hours=1)
    look(own, telling, portal)
    accept(own, portal, *executions)
    pass_time(own, portal, 30)
    look(own, telling, portal)
    assert [len(call) for call in hubspot.calls] == [15, 15]
