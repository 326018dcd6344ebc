"""The end of a workflow action's "wait until ...", and its outcome (protocol P17, P18). No I/O.

Contract of the statuses: docs/workflows.md. A wait counts from the hand-over to the gateway. It ends before HubSpot's
own timeout, so that a workflow always continues with our outcome.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, assert_never

from connector.domain.vocabulary import ExecutionStatus, MessageState, OutcomeReason, Reason, WaitFor
from connector.domain.workflows.fields import OutputReason

#: The latest end of a wait lies this long before HubSpot stops waiting: time for repeated callbacks.
LAST_WORD: Final = timedelta(minutes=10)

#: A message in one of these states has not left: it can be cancelled.
CANCELLABLE: Final = frozenset(
    {MessageState.RESOLVING, MessageState.SCHEDULED, MessageState.HELD, MessageState.QUEUED}
)
# Reason of a wait that ended while it was unknown whether the gateway would send, or had sent, the message.
_IN_DOUBT: Final = {
    MessageState.SENDING: OutcomeReason.OUTCOME_UNKNOWN,
    MessageState.UNKNOWN: OutcomeReason.OUTCOME_UNKNOWN,
    MessageState.MODERATED: OutcomeReason.MODERATED,
    # The gateway accepted a shared call, but it is unknown for which messages (protocol P9).
    MessageState.ACCEPTED: OutcomeReason.OUTCOME_UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The report of a wait to HubSpot: values of output fields."""

    status: ExecutionStatus
    reason: OutputReason = ""
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Awaited:
    """The known facts about the message that a workflow waits for."""

    state: MessageState | None  # None: its row was deleted; no news will come
    reason: Reason | None
    accepted_at: datetime | None  # handed over for certain
    is_clicked: bool = False


def timer_at(start: datetime, wait_s: int, blocked_until: datetime) -> datetime:
    """The end of a wait from `start`: early enough for HubSpot, which stops waiting at `blocked_until`."""
    return min(start + timedelta(seconds=wait_s), blocked_until - LAST_WORD)


def outcome_of(wait_for: WaitFor, awaited: Awaited) -> Outcome | None:
    """The outcome decided by the message's state; None: continue to wait.

    A reply is not a state: the code that applies it ends the wait. A receipt `delivered` does not end a wait for a
    reply or a click. Without a receipt the SMS may have arrived, so a missing receipt is not a failure.
    """
    if wait_for == WaitFor.CLICKED and awaited.is_clicked:
        return Outcome(ExecutionStatus.CLICKED)
    is_delivery_awaited = wait_for == WaitFor.DELIVERED
    if not isinstance(awaited.state, MessageState):
        return (
            None  # the message was deleted, or a newer version has stored a state that this one does not know
        )
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
        case MessageState.RESOLVING | MessageState.SCHEDULED | MessageState.HELD | MessageState.QUEUED:
            return None
        case MessageState.SENDING | MessageState.UNKNOWN | MessageState.MODERATED | MessageState.ACCEPTED:
            return None
        case _:
            assert_never(awaited.state)


def outcome_at_timer(awaited: Awaited, *, is_last_word: bool) -> Outcome | None:
    """The outcome when the wait ends and the message could not be cancelled.

    None: the call is under way or its answer unknown. The wait then begins with the answer, unless HubSpot's own
    timeout is due (`is_last_word`).
    """
    if awaited.state is None:
        return Outcome(ExecutionStatus.TIMED_OUT, OutcomeReason.OUTCOME_UNKNOWN)
    if awaited.accepted_at is not None:
        return Outcome(ExecutionStatus.TIMED_OUT)
    return Outcome(ExecutionStatus.TIMED_OUT, _IN_DOUBT.get(awaited.state, "")) if is_last_word else None
