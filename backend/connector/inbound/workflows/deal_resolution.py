"""Resolves an execution within its request, for portals whose workflows cannot be made to wait (protocol P19).

Requests of one portal that arrive together share their calls to HubSpot: while one batch is read the next gathers.
Nothing is stored here, so whatever takes too long or is refused by HubSpot's limits is answered 429 and comes again. It
uses the lanes' part of the portal's calls: what is kept for people is not for workflows (protocol P23).
"""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog

from connector.crm.access import NotConnected
from connector.crm.properties import read_definitions
from connector.crm.reads import Reads
from connector.crm.resolution import MOST, Unread, resolve, understand, with_templates
from connector.domain.workflows.fields import Execution
from connector.hubspot.client import PortalClient
from connector.hubspot.errors import HubSpotError, Unavailable
from connector.inbound.http.coalescer import Coalescer, Overloaded
from connector.store.portals import portals
from connector.use_cases.workflows.accept_executions import NotReady
from connector.use_cases.workflows.compose_executions import Ready
from connector.wiring import Wiring

log = structlog.get_logger()
T = TypeVar("T")

#: Longest wait for the batch before this one, and longest time in which a batch begins another call. HubSpot's own
#: patience is unconfirmed; other apps count on 20 s and more.
PATIENCE_S = 3.0

Resolving = Coalescer[int, Execution, Ready | NotReady]


def open_group(wiring: Wiring) -> Resolving:
    """One per process: who asks at the same time for the same portal is resolved together.

    Its `submit` raises Overloaded when HubSpot is away, too slow or limits us; nothing is stored.
    """

    def run(portal_id: int, executions: Sequence[Execution]) -> Sequence[Ready | NotReady | Overloaded]:
        return _resolve(wiring, portal_id, executions)

    return Coalescer(run, max_batch=MOST, patience_s=PATIENCE_S)


def _resolve(
    wiring: Wiring, portal_id: int, executions: Sequence[Execution]
) -> Sequence[Ready | NotReady | Overloaded]:
    deadline = time.monotonic() + PATIENCE_S

    def ask(call: Callable[[PortalClient], T], /) -> T:
        if time.monotonic() > deadline:
            raise Unavailable("out of time")
        return wiring.hubspot.call_portal(portal_id, call, patient=True)

    with wiring.pool.connection() as conn:
        portal = portals.find_installed(conn, portal_id)
        if portal is None:
            raise Overloaded  # it left just now; the repeated call finds out
        prepared = with_templates(conn, portal_id, [understand(one) for one in executions])
    try:
        reads = Reads(ask, lambda object_type: read_definitions(wiring.pool, portal_id, object_type, ask))
        resolution = resolve(reads, portal, prepared)
    except (HubSpotError, NotConnected) as fault:
        _log(portal_id, executions, fault)
        raise Overloaded from fault
    if resolution.fault:
        _log(portal_id, executions, resolution.fault)
    return [Overloaded() if isinstance(answer, Unread) else answer for answer in resolution.answers]


def _log(portal_id: int, executions: Sequence[Execution], fault: Exception) -> None:
    log.warning("resolution_failed", portal_id=portal_id, size=len(executions), error=type(fault).__name__)
