"""When a workflow action's "wait until ..." is over, and with which outcome (protocol P17, P18). No input or output.

Contract of the statuses: docs/workflows.md. A wait counts from the hand-over to the gateway, and ends before HubSpot
stops waiting by itself, so that a workflow always goes on with an outcome of ours.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from connector.domain.workflows.fields import Status

#: The latest end of a wait lies this long before HubSpot stops waiting: time for callbacks that have to be repeated.
LAST_WORD: Final = timedelta(minutes=10)

#: A message in one of these states is still ours alone: it can be cancelled.
CANCELLABLE: Final = frozenset({"resolving", "scheduled", "queued"})
#: Stands for the state of a message whose row was deleted: nothing more will ever be heard of it.
GONE: Final = "gone"
_FAILED: Final = frozenset({"undelivered", "expired", "refused", "unresolved"})
# Reason of a wait that ended while nobody knew whether the gateway would send, or had sent, the message.
_IN_DOUBT: Final = {
    "sending": "outcome_unknown",
    "unknown": "outcome_unknown",
    "moderated": "moderated",
    "accepted": "outcome_unknown",  # the gateway took a shared call and nobody knows for whom (protocol P9)
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What HubSpot is told about a wait: values of output fields."""

    status: Status
    reason: str = ""
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Awaited:
    """What is known of the message a workflow waits for."""

    state: str
    reason: str | None
    accepted_at: datetime | None  # handed over for certain
    is_clicked: bool = False


def timer_at(start: datetime, wait_s: int, blocked_until: datetime) -> datetime:
    """When a wait from `start` is over: in time for HubSpot, which stops waiting at `blocked_until`."""
    return min(start + timedelta(seconds=wait_s), blocked_until - LAST_WORD)


def outcome_of(wait_for: str, awaited: Awaited) -> Outcome | None:
    """The outcome that the message's state has decided; None: go on waiting.

    A reply is no state: it ends a wait where it is applied. A receipt `delivered` does not end a wait for a reply
    or a click. Where no receipt came the SMS may have arrived, so that is not called a failure.
    """
    if wait_for == "clicked" and awaited.is_clicked:
        return Outcome("clicked")
    if awaited.state == "delivered":
        return Outcome("delivered") if wait_for == "delivered" else None
    if awaited.state == "expired" and awaited.reason == "no_receipt":
        return Outcome("timed_out", "no_receipt") if wait_for == "delivered" else None
    if awaited.state in _FAILED:
        return Outcome("failed", awaited.reason or awaited.state)
    if awaited.state == "blocked":
        return Outcome("refused", awaited.reason or "opted_out")
    if awaited.state in ("cancelled", "too_late"):
        return Outcome("not_sent", awaited.reason or awaited.state)
    return None


def outcome_at_timer(awaited: Awaited, *, is_last_word: bool) -> Outcome | None:
    """The outcome when the wait's time is over and the message could not be cancelled.

    None: it is being handed over just now, or nobody knows whether it was; its wait begins with the answer, as
    long as HubSpot's patience allows (`is_last_word`: it allows no more).
    """
    if awaited.state == GONE:
        return Outcome("timed_out", "outcome_unknown")
    if awaited.accepted_at is not None:
        return Outcome("timed_out")
    return Outcome("timed_out", _IN_DOUBT.get(awaited.state, "")) if is_last_word else None
