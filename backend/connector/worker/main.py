"""The worker process: threads that drain lanes, the sweep that should find nothing, and the watch over them."""

import signal
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from types import FrameType

import structlog

from connector.domain.vocabulary import LaneKind
from connector.settings import Settings
from connector.store import inbox
from connector.store.consent import list_readings
from connector.store.crm import event_writes, record_writes
from connector.store.database import Conn
from connector.store.messages import attempts, checks, forecast, queue
from connector.store.portals import account_webhooks, balances, portals
from connector.store.workflows import outcomes, resolving
from connector.use_cases.delivery.forget_unread import forget_old
from connector.use_cases.messages.watch_queue import look_ahead
from connector.wiring import Wiring, wire
from connector.worker.accounts.balance import refresh_balance
from connector.worker.accounts.lists import import_lists
from connector.worker.accounts.setup import setup
from connector.worker.accounts.watch_webhooks import watch_webhooks
from connector.worker.apply_events import apply_events
from connector.worker.crm.sync import sync_crm
from connector.worker.delivery.check_records import check_records
from connector.worker.delivery.deliver import deliver
from connector.worker.delivery.reconcile import reconcile
from connector.worker.forgotten_lanes import ForgottenLanes
from connector.worker.health import serve
from connector.worker.runner import Drain, Runner, in_transaction
from connector.worker.vitals import Pulse, Vitals
from connector.worker.watch import Limits, endure, join, watch
from connector.worker.workflows.callbacks import complete_callbacks
from connector.worker.workflows.resolve import GATHERS_S, resolve_lane

log = structlog.get_logger()

SWEEP_EVERY_S = 60.0
# Kinds with one more thread of their own: as many hanging portals as there are other threads block all of those,
# however their lanes are divided (protocol P4).
RESERVED = (LaneKind.DELIVER_PERSONAL,)


def _next_write_at(conn: Conn, portal_id: int) -> datetime | None:
    streams = (event_writes.first_stream(conn, portal_id), record_writes.first_stream(conn, portal_id))
    return min((stream.due_at for stream in streams if stream), default=None)


DRAINS: Mapping[LaneKind, Drain] = {
    LaneKind.SETUP: Drain(setup, portals.next_setup_at),
    LaneKind.CHECKS: Drain(check_records, checks.next_due_at),
    LaneKind.DELIVER: Drain(
        deliver, partial(queue.next_delivery_at, kind=LaneKind.DELIVER), queue.is_soon_done
    ),
    LaneKind.DELIVER_PERSONAL: Drain(
        deliver, partial(queue.next_delivery_at, kind=LaneKind.DELIVER_PERSONAL), queue.does_a_person_wait
    ),
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
    LaneKind.WEBHOOKS: Drain(watch_webhooks, account_webhooks.next_check_at, is_opened_by_age=True),
}


def run(settings: Settings) -> int:
    """Drain until SIGTERM or SIGINT; batches under way are finished first. Returns the exit code (`watch`)."""
    wiring = wire(settings)
    wiring.readiness.ask()  # names what is wrong in the log, at start
    ending = wiring.ending

    def end(_signal: int, _frame: FrameType | None) -> None:
        ending.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    vitals = Vitals()
    limits = Limits(settings.worker_defect_s, settings.worker_stall_s)
    port = serve(vitals, limits, settings.worker_health_port)
    threads = {name: _thread(name, loop) for name, loop in loops(wiring, vitals).items()}
    for thread in threads.values():
        thread.start()
    log.info("worker_started", threads=len(threads))
    code = watch(vitals, threads, ending, limits)
    # Without a fault, batches under way are finished; the process ends with its threads otherwise.
    join(threads.values(), None if code == 0 else 0.0)
    if port:
        port.shutdown()
    if code == 0:
        wiring.close()
    return code


def _thread(name: str, loop: Callable[[], None]) -> threading.Thread:
    """A thread that does not hold up the end of the process."""
    return threading.Thread(target=loop, name=name, daemon=True)


def loops(wiring: Wiring, vitals: Vitals) -> dict[str, Callable[[], None]]:
    """The loop of each thread, by its name."""
    ending = wiring.ending
    found: dict[str, Callable[[], None]] = {}
    for number in range(wiring.settings.worker_threads):
        name = f"lanes-{number}"
        found[name] = Runner(wiring, DRAINS, ending, vitals.pulse(name)).run
    reserved = {kind: DRAINS[kind] for kind in RESERVED}
    found["personal"] = Runner(wiring, reserved, ending, vitals.pulse("personal")).run
    pulse, net = vitals.pulse("sweep"), ForgottenLanes(DRAINS)
    found["sweep"] = lambda: endure(pulse, ending, lambda: _sweep_for_ever(wiring, net, pulse))
    return found


def _sweep_for_ever(wiring: Wiring, net: ForgottenLanes, pulse: Pulse) -> None:
    while True:
        pulse.beat("idle")
        pulse.works()
        if wiring.ending.wait(SWEEP_EVERY_S):
            return
        pulse.beat("sweeps")
        sweep(wiring, net)


def sweep(wiring: Wiring, net: ForgottenLanes) -> None:
    """Open closed lanes that have work: the second net of P1, which should catch nothing. Delete what is too old."""
    with wiring.pool.connection() as conn:
        if deleted := forget_old(conn):
            log.info("unread_events_deleted", count=deleted)
    with wiring.pool.connection() as conn:
        opened = net.open_forgotten(conn)
    forgotten = [lane for lane in opened if not DRAINS[lane.kind].is_opened_by_age]
    if forgotten:
        log.error(
            "lanes_forgotten", count=len(forgotten), kinds=sorted({lane.kind.value for lane in forgotten})
        )
