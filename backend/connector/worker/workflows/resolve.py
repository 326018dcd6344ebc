"""Resolve: read recipients and merge field values of executions in HubSpot, then queue their SMS (protocol P17).

Up to 1,000 executions share one pair of association reads, and one read for each 100 records. If the portal's calls
are used up in between, executions whose reads completed are settled; the rest resume from cached reads (protocol P23).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from connector.crm.properties import PortalDefinitions
from connector.crm.reads import Reads, Unfinished
from connector.crm.resolution import MAX_EXECUTIONS, Resolution, Unread, resolve, understand, with_templates
from connector.domain.refusals import Code, Refusal
from connector.domain.workflows.fields import BLOCK_MARGIN, Execution
from connector.store.lanes import Turn
from connector.store.portals import portals
from connector.store.portals.portals import Portal
from connector.store.workflows import resolving
from connector.store.workflows.resolving import Resolving
from connector.use_cases.workflows.decide_executions import NotReady
from connector.use_cases.workflows.resolve_executions import note_read_opt_outs, resolve_executions
from connector.wiring import Wiring
from connector.worker.crm.hubspot_faults import backing_off

# Executions that come within this time after a turn share the calls of the next turn. A lone one is read at once.
GATHERS_S = 2.0


def resolve_lane(wiring: Wiring, turn: Turn) -> bool:
    """Resolve one batch; True when there may be more. Unfinished executions are cached for the next turn."""
    unfinished = wiring.unfinished.take(turn.portal_id)
    with wiring.pool.connection() as conn:
        portal = portals.find_installed(conn, turn.portal_id)
        found = resolving.due(conn, turn.portal_id, MAX_EXECUTIONS) if portal else []
        if portal is None or not found:
            return False
        rows, reads = _go_on(found, unfinished, _reads(wiring, portal))
        prepared = with_templates(conn, turn.portal_id, [_understood(row) for row in rows])
    with backing_off():
        resolution = resolve(reads, portal, prepared)
    left = _settle(wiring, turn, rows, resolution)
    if resolution.fault and left:
        wiring.unfinished.put(turn.portal_id, Unfinished(frozenset(left), reads))
        with backing_off():
            raise resolution.fault
    return len(found) == MAX_EXECUTIONS or unfinished is not None


def _reads(wiring: Wiring, portal: Portal) -> Reads:
    ask = wiring.hubspot.asking(portal.portal_id)
    return Reads(ask, PortalDefinitions(wiring.pool, portal, ask))


def _go_on(
    rows: Sequence[Resolving], unfinished: Unfinished | None, fresh: Reads
) -> tuple[Sequence[Resolving], Reads]:
    """The rows of this turn, and the reads known for them.

    Rows left of the batch before are the oldest, and come first and alone. Other rows need fresh reads.
    """
    left = [row for row in rows if unfinished and row.callback_id in unfinished.keys]
    return (left, unfinished.reads) if unfinished and left else (rows, fresh)


def _settle(wiring: Wiring, turn: Turn, rows: Sequence[Resolving], resolution: Resolution) -> list[str]:
    """Store the results of executions with an answer; returns the callback ids of the others."""
    pairs = list(zip(rows, resolution.answers, strict=True))
    settled = [(row, answer) for row, answer in pairs if not isinstance(answer, Unread)]
    if settled:
        with wiring.pool.connection() as conn:
            note_read_opt_outs(conn, turn.portal_id, [answer for _, answer in settled])
        with wiring.pool.connection() as conn:
            resolve_executions(
                conn,
                turn.portal_id,
                [row for row, _ in settled],
                [answer for _, answer in settled],
                deployment_prefix=wiring.settings.deployment_prefix,
            )
    return [row.callback_id for row, answer in pairs if isinstance(answer, Unread)]


def _understood(row: Resolving) -> Unread | NotReady:
    execution = Execution(
        row.callback_id, row.action, row.workflow_id, row.object_type_id, row.object_id, row.request
    )
    if datetime.now(UTC) >= _last_sent_at(row):
        return NotReady(execution, Refusal(Code.TOO_OLD))
    return understand(execution)


def _last_sent_at(row: Resolving) -> datetime:
    """Latest time at which this SMS is still worth sending: HubSpot waits until then, plus the wait and a margin."""
    return row.blocked_until - timedelta(seconds=row.wait_s or 0) - BLOCK_MARGIN
