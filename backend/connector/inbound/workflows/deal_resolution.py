"""Resolves an execution within its request, for portals whose workflows cannot be blocked (protocol P19).

Requests of one portal that arrive together share their calls to HubSpot: while one batch is read, the next gathers.
Nothing is stored here. Executions that take too long or exceed HubSpot's limits are answered 429, and HubSpot repeats
them. Calls draw on the background share, because the other share is reserved for users (protocol P23).
"""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog

from connector.crm.access import NotConnected
from connector.crm.properties import PortalDefinitions
from connector.crm.reads import Reads
from connector.crm.resolution import MAX_EXECUTIONS, Unread, resolve, understand, with_templates
from connector.domain.workflows.fields import Execution
from connector.hubspot.client import PortalClient
from connector.hubspot.errors import HubSpotError, Unavailable
from connector.inbound.http.coalescer import Coalescer, Overloaded
from connector.store.portals import portals
from connector.use_cases.workflows.compose_executions import Ready
from connector.use_cases.workflows.decide_executions import NotReady
from connector.wiring import Wiring

log = structlog.get_logger()
T = TypeVar("T")

#: Longest wait for the batch before this one, and longest time in which a batch begins another call. HubSpot's timeout
#: is unconfirmed; other apps assume 20 s or more.
BATCH_PATIENCE_S = 3.0

Resolving = Coalescer[int, Execution, Ready | NotReady]


def open_coalescer(wiring: Wiring) -> Resolving:
    """The coalescer of a process: simultaneous executions of one portal are resolved together.

    Its `submit` raises Overloaded when HubSpot is unavailable, too slow or limits us. Nothing is stored.
    """

    def run(portal_id: int, executions: Sequence[Execution]) -> Sequence[Ready | NotReady | Overloaded]:
        return _resolve(wiring, portal_id, executions)

    return Coalescer(run, max_batch=MAX_EXECUTIONS, patience_s=BATCH_PATIENCE_S)


def _resolve(
    wiring: Wiring, portal_id: int, executions: Sequence[Execution]
) -> Sequence[Ready | NotReady | Overloaded]:
    deadline = time.monotonic() + BATCH_PATIENCE_S

    def ask(call: Callable[[PortalClient], T], /) -> T:
        if time.monotonic() > deadline:
            raise Unavailable("out of time")
        return wiring.hubspot.call_portal(portal_id, call, patient=True, brief=True)

    with wiring.pool.connection() as conn:
        portal = portals.find_installed(conn, portal_id)
        if portal is None:
            raise Overloaded  # it was uninstalled just now; the repeated call shows this
        prepared = with_templates(conn, portal_id, [understand(execution) for execution in executions])
    try:
        reads = Reads(ask, PortalDefinitions(wiring.pool, portal, ask))
        resolution = resolve(reads, portal, prepared)
    except (HubSpotError, NotConnected) as fault:
        _log(portal_id, executions, fault)
        raise Overloaded from fault
    if resolution.fault:
        _log(portal_id, executions, resolution.fault)
    return [Overloaded() if isinstance(answer, Unread) else answer for answer in resolution.answers]


def _log(portal_id: int, executions: Sequence[Execution], fault: Exception) -> None:
    log.warning("resolution_failed", portal_id=portal_id, size=len(executions), error=type(fault).__name__)
