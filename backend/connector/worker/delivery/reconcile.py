"""Reconcile: look up calls whose answer, members or receipts are unknown in the gateway's own listing (P6, P9, P10).

One pass over the listing serves all due calls made around the same time. If the listing shows any
id of a call, the call was accepted. Absence is believed only when the attempt is old enough and two complete look-ups,
far enough apart, both show none of its ids; then, within 24 hours, the messages are queued again under the same ids.
After 24 hours the messages become `unresolved`.
"""

from connector.store.lanes import Turn
from connector.wiring import Wiring
from connector.worker.delivery.due_calls import load_due
from connector.worker.delivery.look_up import look_up
from connector.worker.delivery.settle import settle


def reconcile(wiring: Wiring, turn: Turn) -> bool:
    """Look up the due calls in one pass; True when there may be more."""
    due = load_due(wiring, turn)
    if due is None:
        return False
    found = look_up(wiring, turn, due)
    if found:
        for call in due.calls:
            settle(wiring, turn, call, found)
    return True
