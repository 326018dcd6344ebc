"""When a workflow action's "wait until ..." is over, and with which outcome (protocol P17, P18). No input or output.

Contract of the statuses: docs/workflows.md. A wait counts from the hand-over to the gateway, and ends before HubSpot
stops waiting by itself, so that a workflow always goes on with an outcome of ours.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, assert_never

from connector.domain.vocabulary import ExecutionStatus, MessageState, OutcomeReason, Reason, WaitFor
from connector.domain.workflows.fields import OutputReason

#: The latest end of a wait lies this long before HubSpot stops waiting: time for callbacks that have to be repeated.
LAST_WORD: Final = timedelta(minutes=10)

#: A message in one of these states is still ours alone: it can be cancelled.
CANCELLABLE: Final = frozenset({MessageState.RESOLVING, MessageState.SCHEDULED, MessageState.QUEUED})
# Reason of a wait that ended while nobody knew whether the gateway would send, or had sent, the message.
_IN_DOUBT: Final = {
    MessageState.SENDING: OutcomeReason.OUTCOME_UNKNOWN,
    MessageState.UNKNOWN: OutcomeReason.OUTCOME_UNKNOWN,
    MessageState.MODERATED: OutcomeReason.MODERATED,
    # The gateway took a shared call, and nobody knows for whom (protocol P9).
    MessageState.ACCEPTED: OutcomeReason.OUTCOME_UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What HubSpot is told about a wait: values of output fields."""

    status: ExecutionStatus
    reason: OutputReason = ""
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Awaited:
    """What is known of the message a workflow waits for."""

    state: MessageState | None  # None: its row was deleted, nothing more will ever be heard of it
    reason: Reason | None
    accepted_at: datetime | None  # handed over for certain
    is_clicked: bool = False


def timer_at(start: datetime, wait_s: int, blocked_until: datetime) -> datetime:
    """When a wait from `start` is over: in time for HubSpot, which stops waiting at `blocked_until`."""
    return min(start + timedelta(seconds=wait_s), blocked_until - LAST_WORD)


def outcome_of(wait_for: WaitFor, awaited: Awaited) -> Outcome | None:
    """The outcome that the message's state has decided; None: go on waiting.

    A reply is no state: it ends a wait where it is applied. A receipt `delivered` does not end a wait for a reply
    or a click. Where no receipt came the SMS may have arrived, so that is not called a failure.
    """
    if wait_for == WaitFor.CLICKED and awaited.is_clicked:
        return Outcome(ExecutionStatus.CLICKED)
    is_delivery_awaited = wait_for == WaitFor.DELIVERED
    match awaited.state:
        case MessageState.DELIVERED:
            return Outcome(ExecutionStatus.DELIVERED) if is_delivery_awaited else None
        case MessageState.EXPIRED if awaited.reason == Reason.NO_RECEIPT:
            return Outcome(ExecutionStatus.TIMED_OUT, Reason.NO_RECEIPT) if is_delivery_awaited else None
        case MessageState.UNDELIVERED | MessageState.EXPIRED | MessageState.REFUSED | MessageState.UNRESOLVED:
            return Outcome(ExecutionStatus.FAILED, awaited.reason or awaited.state)
        case MessageState.BLOCKED:
            return Outcome(ExecutionStatus.REFUSED, awaited.reason or Reason.OPTED_OUT)
        case MessageState.CANCELLED | MessageState.TOO_LATE:
            return Outcome(ExecutionStatus.NOT_SENT, awaited.reason or awaited.state)
        case MessageState.RESOLVING | MessageState.SCHEDULED | MessageState.QUEUED | MessageState.SENDING:
            return None
        case MessageState.UNKNOWN | MessageState.MODERATED | MessageState.ACCEPTED | None:
            return None
        case _:
            assert_never(awaited.state)


def outcome_at_timer(awaited: Awaited, *, is_last_word: bool) -> Outcome | None:
    """The outcome when the wait's time is over and the message could not be cancelled.

    None: it is being handed over just now, or nobody knows whether it was; its wait begins with the answer, as
    long as HubSpot's patience allows (`is_last_word`: it allows no more).
    """
    if awaited.state is None:
        return Outcome(ExecutionStatus.TIMED_OUT, OutcomeReason.OUTCOME_UNKNOWN)
    if awaited.accepted_at is not None:
        return Outcome(ExecutionStatus.TIMED_OUT)
    return Outcome(ExecutionStatus.TIMED_OUT, _IN_DOUBT.get(awaited.state, "")) if is_last_word else None
