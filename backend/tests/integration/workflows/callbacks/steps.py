"""Initial rows for tests of callbacks: outcomes to report to HubSpot, and a turn of the lane that reports them."""

from typing import Any

from backend.tests.integration.workflows.executions import accept, an_execution, let_pass
from connector.domain.call_budget import CALLS
from connector.domain.vocabulary import LaneKind
from connector.store import lanes
from connector.store.database import Conn
from connector.store.lanes import Turn
from connector.store.portals import problems
from connector.store.portals.portals import Portal
from connector.store.workflows import outcomes
from connector.wiring import Wiring
from connector.worker.workflows.callbacks import complete_callbacks


def blocked(own: Conn, portal: Portal, count: int) -> list[str]:
    """Executions whose wait ended because their message never left: their outcome is `not_sent`."""
    executions = [an_execution(wait_for="delivered", wait_hours="1") for _ in range(count)]
    accept(own, portal, *executions)
    ids = [execution.callback_id for execution in executions]
    let_pass(own, portal, hours=1, only=ids)
    return ids


def turn_of(own: Conn, portal: Portal) -> Turn:
    """A turn of the callbacks lane, despite any back-off."""
    own.execute(
        "UPDATE lanes SET next_due_at = now(), not_before = NULL, lease_until = NULL, failures = 0"
        " WHERE kind = 'callbacks'"
    )
    own.commit()
    turn = lanes.take(own, owner="test", lease_s=60.0, kinds=[LaneKind.CALLBACKS])
    assert turn is not None
    return turn


def tell(own: Conn, telling: Wiring, portal: Portal) -> None:
    """Drain the lane in one turn with a full budget; outcomes due later stay."""
    own.execute(
        "INSERT INTO call_budgets (portal_id, bucket, tokens, background_tokens, max_calls, interval_s, refilled_at)"
        " VALUES (%s, %s, 10000, 10000, 100000, 1, clock_timestamp()) ON CONFLICT (portal_id, bucket) DO UPDATE SET"
        " tokens = 10000, background_tokens = 10000, max_calls = 100000, paused_until = NULL",
        (portal.portal_id, CALLS),
    )
    own.commit()
    turn = turn_of(own, portal)
    try:
        is_more = True
        while is_more:
            # End the gathering of outcomes, which has its own tests.
            own.execute(
                "UPDATE write_streams SET quiet_until = now() WHERE portal_id = %s", (portal.portal_id,)
            )
            own.commit()
            is_more = complete_callbacks(telling, turn)
    finally:
        lanes.release(own, turn, next_due_at=outcomes.next_due_at(own, turn.portal_id))


def states(own: Conn, portal: Portal) -> dict[str, int]:
    own.commit()
    rows = own.execute(
        "SELECT state, count(*) FROM workflow_executions WHERE portal_id = %s GROUP BY 1", (portal.portal_id,)
    ).fetchall()
    own.commit()
    return {row["state"]: row["count"] for row in rows}


def open_codes(own: Conn, portal: Portal) -> list[tuple[str, Any]]:
    found = problems.open_problems(own, portal.portal_id)
    own.commit()
    return [(row["code"], row["params"]) for row in found]
