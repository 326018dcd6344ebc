"""Callbacks: settle the waits that are due, and report the outcomes of blocked executions to HubSpot.

After a call, outcomes gather for some seconds to share the next one. A report is repeated until HubSpot has accepted
it or no longer waits. An outcome never changes, so reporting it twice is harmless (protocol P17).
"""

import structlog

from connector.domain.vocabulary import LaneKind, ProblemCode
from connector.hubspot.client import MAX_BATCH_CALLBACKS
from connector.store import lanes
from connector.store.lanes import Turn
from connector.store.portals import portals, problems
from connector.store.workflows import outcomes
from connector.use_cases.workflows.settle_waits import settle_waits
from connector.wiring import Wiring
from connector.worker.crm.hubspot_faults import backing_off
from connector.worker.runner import BackOff
from connector.worker.workflows.outcomes import report

log = structlog.get_logger()

WAITS = 500  # checked in one transaction


def complete_callbacks(wiring: Wiring, turn: Turn) -> bool:
    """Work off one batch of waits and one of outcomes; True when there may be more."""
    with wiring.pool.connection() as conn:
        if portals.find_installed(conn, turn.portal_id) is None:
            return False
        entered = lanes.enter(conn, turn.portal_id, LaneKind.CALLBACKS)
        settled = settle_waits(entered, WAITS)
        expired = outcomes.expire(conn, turn.portal_id)
        if expired:
            problems.open_problem(conn, turn.portal_id, ProblemCode.CALLBACKS_EXPIRED, {"count": expired})
    if expired:
        log.error("callbacks_expired", count=expired)
    with wiring.pool.connection() as conn:
        due = outcomes.due(conn, turn.portal_id, MAX_BATCH_CALLBACKS)
    if due:
        with backing_off():
            is_any_settled = report(wiring, turn, due)
        if not is_any_settled:
            # The fault may concern all outcomes, and more batches would only cost calls.
            raise BackOff("callbacks_refused")
    return bool(due) or settled == WAITS
