"""Second step of delivering: bring the queue up to date before the claim."""

from connector.domain.message import CLASSES_OF_LANE
from connector.domain.vocabulary import Cause, MessageState
from connector.store.lanes import Turn
from connector.store.messages import queue
from connector.store.portals import portals
from connector.use_cases.messages.move_messages import move_messages
from connector.use_cases.messages.watch_queue import drop_too_old, watch_queue
from connector.wiring import Wiring
from connector.worker.accounts.ask_account import ask_when_paused
from connector.worker.delivery.postpone import postpone


def prepare(wiring: Wiring, turn: Turn) -> None:
    """Queue due messages; stop or postpone those that may not leave now (too old, outside legal hours)."""
    ask_when_paused(wiring, turn)
    portal_id, call_s = turn.portal_id, wiring.settings.gateway_timeout_s
    classes = CLASSES_OF_LANE[turn.kind]
    # Each step that moves messages is a transaction of its own, so that it locks them in one order (protocol P26).
    with wiring.pool.connection() as conn:
        come_due = queue.come_due(conn, portal_id, classes)
        if come_due:
            move_messages(conn, portal_id, come_due, MessageState.QUEUED, cause=Cause.SCHEDULE)
    with wiring.pool.connection() as conn:
        late = queue.out_of_hours(conn, portal_id, call_s=call_s)
        too_old = queue.too_old(conn, portal_id, classes)
        watch_queue(conn, portal_id)
        portal = portals.find(conn, portal_id) if late else None
        if portal is not None:
            postpone(conn, portal, late, call_s=call_s)
    if too_old:
        with wiring.pool.connection() as conn:
            drop_too_old(conn, portal_id, too_old)
