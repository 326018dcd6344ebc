"""A worker with claim and call swapped: it calls inside the claim's transaction and commits afterwards.

It shows that the kill tests detect such a worker; see test_kills.py.
"""

import sys
from functools import partial

from connector.domain.vocabulary import Cause, LaneKind
from connector.settings import Settings
from connector.store import lanes
from connector.store.lanes import Turn
from connector.store.messages import claims, queue
from connector.store.portals import accounts
from connector.use_cases.delivery.accept_attempt import accept_attempt
from connector.wiring import Wiring
from connector.worker import main
from connector.worker.delivery.call import call_of
from connector.worker.runner import Drain


def deliver_swapped(wiring: Wiring, turn: Turn) -> bool:
    """Claim, call, record and only then commit: a kill in between loses the call."""
    with wiring.pool.connection() as conn:
        entered = lanes.enter(conn, turn.portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM)
        claim = claims.claim(conn, turn, call_s=wiring.settings.gateway_timeout_s).claim
        if claim is None:
            return False
        link = accounts.link(conn, wiring.vault, turn.portal_id, claim.link_id)
        assert link is not None
        answer = wiring.smsfactor.send(link.api_token or "", call_of(claim))
        accept_attempt(
            entered,
            claim.attempt_id,
            ticket=answer.ticket,
            cost_credits=answer.cost,
            sent_count=answer.sent,
            cause=Cause.ANSWER,
        )
    return True


if __name__ == "__main__":
    kind = LaneKind.DELIVER_PERSONAL
    main.DRAINS = {**main.DRAINS, kind: Drain(deliver_swapped, partial(queue.next_delivery_at, kind=kind))}
    sys.exit(main.run(Settings.from_environment()))
