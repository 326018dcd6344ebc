"""First step of delivering: mark the calls of this lane's lost worker as unknown (protocol P3, P5)."""

import structlog

from connector.domain.vocabulary import Cause, LaneKind
from connector.store import lanes
from connector.store.lanes import Turn
from connector.store.messages import attempts
from connector.use_cases.delivery.doubt_attempt import doubt_attempt
from connector.wiring import Wiring

log = structlog.get_logger()


def take_over(wiring: Wiring, turn: Turn) -> None:
    """Doubt messages `sending` under an older fence: their worker is lost, but their call may have left."""
    with wiring.pool.connection() as conn:
        left = attempts.abandoned(conn, turn)
        if not left:
            return
        entered = lanes.enter(conn, turn.portal_id, LaneKind.RECONCILE)
        for attempt_id in left:
            log.warning("attempt_abandoned", attempt_id=str(attempt_id))
            doubt_attempt(
                entered,
                attempt_id,
                Cause.WORKER_LOST,
                lookup_in_s=wiring.settings.unknown_lookup_after_s,
            )
