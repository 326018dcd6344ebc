"""The worker process: threads that drain lanes, and the sweep that should find nothing."""

import signal
import threading
from collections.abc import Mapping
from datetime import datetime
from types import FrameType

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from connector.domain.vocabulary import LaneKind
from connector.settings import Settings
from connector.store import inbox
from connector.store.consent import list_readings
from connector.store.crm import event_writes, record_writes
from connector.store.database import Conn
from connector.store.messages import attempts, forecast, queue
from connector.store.portals import balances, portals
from connector.store.workflows import outcomes, resolving
from connector.use_cases.messages.watch_queue import look_ahead
from connector.wiring import Wiring, wire
from connector.worker.accounts.balance import refresh_balance
from connector.worker.accounts.lists import import_lists
from connector.worker.accounts.setup import setup
from connector.worker.apply_events import apply_events
from connector.worker.crm.sync import sync_crm
from connector.worker.delivery.deliver import deliver
from connector.worker.delivery.reconcile import reconcile
from connector.worker.forgotten_lanes import ForgottenLanes
from connector.worker.runner import Drain, Runner, in_transaction
from connector.worker.workflows.callbacks import complete_callbacks
from connector.worker.workflows.resolve import GATHERS_S, resolve_lane

log = structlog.get_logger()

SWEEP_EVERY_S = 60.0


def _next_write_at(conn: Conn, portal_id: int) -> datetime | None:
    streams = (event_writes.first_stream(conn, portal_id), record_writes.first_stream(conn, portal_id))
    return min((stream.due_at for stream in streams if stream), default=None)


DRAINS: Mapping[LaneKind, Drain] = {
    LaneKind.SETUP: Drain(setup, portals.next_setup_at),
    LaneKind.DELIVER: Drain(deliver, queue.next_delivery_at, queue.is_soon_done),
    LaneKind.RECONCILE: Drain(reconcile, attempts.next_lookup_at),
    LaneKind.EVENTS: Drain(apply_events, inbox.next_due_at),
    LaneKind.RESOLVE: Drain(resolve_lane, resolving.next_due_at, gathers_s=GATHERS_S),
    LaneKind.CALLBACKS: Drain(complete_callbacks, outcomes.next_due_at),
    LaneKind.SYNC_CRM: Drain(sync_crm, _next_write_at),
    LaneKind.OUTLOOK: Drain(in_transaction(look_ahead), forecast.next_due_at, is_opened_by_age=True),
    LaneKind.LISTS: Drain(import_lists, list_readings.next_due_at),
    LaneKind.BALANCE: Drain(
        refresh_balance, balances.next_due_at, is_done_elsewhere=balances.is_asked_by_another_portal
    ),
}


def run(settings: Settings) -> None:
    """Drain until SIGTERM or SIGINT; batches under way are finished first."""
    wiring = wire(settings)
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    threads = [
        threading.Thread(target=Runner(wiring, DRAINS, stop).run, name=f"lanes-{n}")
        for n in range(settings.worker_threads)
    ]
    for thread in threads:
        thread.start()
    log.info("worker_started", threads=len(threads))
    net = ForgottenLanes(DRAINS)
    while not stop.wait(SWEEP_EVERY_S):
        _sweep(wiring, net)
    for thread in threads:
        thread.join()
    wiring.close()


def _sweep(wiring: Wiring, net: ForgottenLanes) -> None:
    """Open closed lanes that have work: the second net of P1, which should catch nothing."""
    try:
        with wiring.pool.connection() as conn:
            opened = net.open_forgotten(conn)
    except (psycopg.Error, PoolTimeout) as fault:
        log.warning("sweep_failed", error=type(fault).__name__)
        return
    forgotten = [lane for lane in opened if not DRAINS[lane.kind].is_opened_by_age]
    if forgotten:
        log.error(
            "lanes_forgotten", count=len(forgotten), kinds=sorted({lane.kind.value for lane in forgotten})
        )
