"""Callbacks: settle the waits that are due, and tell HubSpot the outcomes of executions it was asked to wait for.

Telling is repeated until HubSpot has taken it or no longer waits; an outcome never changes, so telling it twice is
harmless (protocol P17).
"""

from collections.abc import Sequence

import structlog

from connector.domain.workflow_action import hs_state
from connector.hubspot.errors import Conflict, HubSpotError, NotFound, OutcomeUnknown, Rejected
from connector.hubspot.payloads import Completion
from connector.portal_access import NotConnected, call_portal
from connector.store import callbacks, lanes, portals, problems
from connector.store.callbacks import Callback
from connector.store.lanes import Turn
from connector.use_cases.settle_waits import settle_waits
from connector.wiring import Wiring
from connector.worker.hubspot_faults import backing_off
from connector.worker.runner import BackOff

log = structlog.get_logger()

WAITS = 500  # looked at in one transaction
TOLD = 100  # outcomes in one call
# A problem about outcomes that came too late is shown for this long at least, then the next success closes it.
PROBLEM_SHOWN_S = 86_400.0


def complete_callbacks(wiring: Wiring, turn: Turn) -> bool:
    """One batch of waits and one call; True when there may be more."""
    with wiring.pool.connection() as conn:
        if portals.find_installed(conn, turn.portal_id) is None:
            return False
        lanes.enter(conn, turn.portal_id, "callbacks")
        settled = settle_waits(conn, turn.portal_id, WAITS)
        expired = callbacks.expire(conn, turn.portal_id)
        if expired:
            problems.open_problem(conn, turn.portal_id, "callbacks_expired", {"count": expired})
    if expired:
        log.error("callbacks_expired", count=expired)
    with wiring.pool.connection() as conn:
        due = callbacks.due(conn, turn.portal_id, TOLD)
    if due:
        with backing_off(wiring, turn):
            told = _tell(wiring, turn, due)
        if told == 0 and len(due) > 1:
            # Each alone was refused: something is wrong with all, and splitting more batches would only cost calls.
            raise BackOff("callbacks_refused")
    return bool(due) or settled == WAITS


def output_fields(outputs: dict[str, str]) -> dict[str, str]:
    """The output fields as HubSpot takes them; the state tells the workflow how to go on."""
    return {**outputs, "hs_execution_state": hs_state(outputs["status"])}


def _tell(wiring: Wiring, turn: Turn, due: Sequence[Callback]) -> int:
    """Tell all in one call; refused, each half, down to the one that is refused alone. Returns how many are settled."""
    try:
        _call(wiring, turn, due)
    except (Conflict, NotFound, Rejected) as refusal:
        if len(due) > 1:
            middle = len(due) // 2
            return _tell(wiring, turn, due[:middle]) + _tell(wiring, turn, due[middle:])
        if not _is_known(due[0], refusal):
            _refused(wiring, turn, due[0], refusal)
            return 0
    with wiring.pool.connection() as conn:
        callbacks.mark_told(conn, turn.portal_id, [one.callback_id for one in due])
        problems.close_problem(conn, turn.portal_id, "callbacks_expired", open_for_s=PROBLEM_SHOWN_S)
    return len(due)


def _call(wiring: Wiring, turn: Turn, due: Sequence[Callback]) -> None:
    """One call. That it leaves is noted first, so that a refusal of the next one can be understood."""
    with wiring.pool.connection() as conn:
        callbacks.begin(conn, turn.portal_id, [one.callback_id for one in due])
    completions = [Completion(one.callback_id, output_fields(one.outputs)) for one in due]
    try:
        call_portal(wiring, turn.portal_id, lambda client: client.complete_executions(completions))
    except OutcomeUnknown:
        raise
    except (HubSpotError, NotConnected):
        untold = [one.callback_id for one in due if not one.is_unanswered]
        with wiring.pool.connection() as conn:
            callbacks.not_told(conn, turn.portal_id, untold)
        raise


def _is_known(callback: Callback, refusal: HubSpotError) -> bool:
    """HubSpot refuses an outcome because it has it: it says so, or an earlier call or answer has told it."""
    return refusal.says_done or callback.is_unanswered or not callback.is_blocked


def _refused(wiring: Wiring, turn: Turn, callback: Callback, refusal: HubSpotError) -> None:
    error = f"{refusal.status} {refusal.category}".strip()
    log.warning("callback_refused", error=error, failures=callback.callback_failures + 1)
    with wiring.pool.connection() as conn:
        callbacks.mark_refused(conn, turn.portal_id, callback.callback_id, error)
