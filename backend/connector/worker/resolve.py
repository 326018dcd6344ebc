"""Resolve: find in HubSpot whom executions text and what their tokens stand for, then queue the SMS (protocol P17).

Up to 1,000 executions share one pair of association reads, and one read for each 100 records.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar, cast

from connector.domain.refusals import Code, Refusal
from connector.domain.workflow_action import BLOCK_MARGIN, Action, Execution
from connector.hubspot.client import PortalClient
from connector.portal_access import call_portal
from connector.resolution import MOST, Unread, resolve_all, understand, with_templates
from connector.store import portals, resolving
from connector.store.lanes import Turn
from connector.store.resolving import Resolving
from connector.use_cases.accept_executions import NotReady
from connector.use_cases.resolve_executions import resolve_executions
from connector.wiring import Wiring
from connector.worker.hubspot_faults import backing_off

T = TypeVar("T")


def resolve_lane(wiring: Wiring, turn: Turn) -> bool:
    """One batch; True when there may be more."""
    with wiring.pool.connection() as conn:
        portal = portals.find_installed(conn, turn.portal_id)
        rows = resolving.due(conn, turn.portal_id, MOST) if portal else []
        prepared = with_templates(conn, turn.portal_id, [_understood(row) for row in rows])
    if portal is None or not rows:
        return False

    def ask(call: Callable[[PortalClient], T], /) -> T:
        return call_portal(wiring, turn.portal_id, call)

    with backing_off(wiring, turn):
        answers = resolve_all(ask, portal, prepared)
    with wiring.pool.connection() as conn:
        resolve_executions(
            conn, turn.portal_id, rows, answers, deployment_prefix=wiring.settings.deployment_prefix
        )
    return len(rows) == MOST


def _understood(row: Resolving) -> Unread | NotReady:
    action = cast(Action, row.action)  # the column holds nothing else
    execution = Execution(
        row.callback_id, action, row.workflow_id, row.object_type_id, row.object_id, row.request
    )
    if datetime.now(UTC) >= _last_sent_at(row):
        return NotReady(execution, Refusal(Code.TOO_OLD))
    return understand(execution)


def _last_sent_at(row: Resolving) -> datetime:
    """From when the SMS makes no sense any more: acceptance has made HubSpot wait for that, the wait and a margin."""
    return row.blocked_until - timedelta(seconds=row.wait_s or 0) - BLOCK_MARGIN
