"""Deliver: hand queued messages to the gateway, one claim and one call at a time; a call carries equal messages.

The claim (state `sending`, attempt, gateway ids) is committed before the call. The result is recorded against that
attempt; a call without a result is `unknown`, never `queued` (protocol P3, P5, P8-P12). Nothing sleeps here: a lane
that must wait for its account's pace is released until then.
"""

from connector.store.lanes import Turn
from connector.wiring import Wiring
from connector.worker.delivery.call import call
from connector.worker.delivery.claim import claim, settle_met
from connector.worker.delivery.prepare import prepare
from connector.worker.delivery.record import record
from connector.worker.delivery.take_over import take_over


def deliver(wiring: Wiring, turn: Turn) -> bool:
    """Deliver one batch; True when there may be more."""
    take_over(wiring, turn)
    prepare(wiring, turn)
    found = claim(wiring, turn)
    if found.batch:
        # Before anything else that may fail: a claimed message without a call would be looked up for minutes.
        record(wiring, turn, found.batch, call(wiring, turn, found.batch))
    settle_met(wiring, turn, found.claimed)
    return found.may_be_more
