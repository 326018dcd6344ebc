"""The life of one SMS: its states, the allowed moves, and the final states.

The database (`messages.state`), the API and the views use the same words. The picture is in docs/flow.md.
States only move forward; the store refuses a move that is not listed here, and never forces one.
"""

from datetime import datetime, timedelta
from typing import Final

from connector.domain.vocabulary import LaneKind, MessageState, Reason

#: The record of a scheduled message is read again this long before its time: enough for the reads of a morning's
#: marketing.
CHECK_AHEAD: Final = timedelta(minutes=5)

FINAL: Final[frozenset[MessageState]] = frozenset(
    {
        MessageState.DELIVERED,
        MessageState.UNDELIVERED,
        MessageState.EXPIRED,
        MessageState.REFUSED,
        MessageState.UNRESOLVED,
        MessageState.CANCELLED,
        MessageState.BLOCKED,
        MessageState.TOO_LATE,
    }
)

# States that a receipt or the gateway's listing can report; all of them prove that the message was accepted.
RECEIPT_STATES: Final[frozenset[MessageState]] = frozenset(
    {
        MessageState.ACCEPTED,
        MessageState.DELIVERED,
        MessageState.UNDELIVERED,
        MessageState.EXPIRED,
    }
)

ALLOWED: Final[dict[MessageState, frozenset[MessageState]]] = {
    MessageState.RESOLVING: frozenset(
        {
            MessageState.SCHEDULED,
            MessageState.QUEUED,
            MessageState.BLOCKED,
            MessageState.CANCELLED,
            MessageState.TOO_LATE,
        }
    ),
    MessageState.SCHEDULED: frozenset(
        {
            MessageState.QUEUED,
            MessageState.HELD,
            MessageState.CANCELLED,
            MessageState.BLOCKED,
            MessageState.TOO_LATE,
        }
    ),
    MessageState.HELD: frozenset({MessageState.QUEUED, MessageState.CANCELLED, MessageState.BLOCKED}),
    MessageState.QUEUED: frozenset(
        {
            MessageState.SENDING,
            MessageState.SCHEDULED,
            MessageState.CANCELLED,
            MessageState.BLOCKED,
            MessageState.TOO_LATE,
        }
    ),
    # sending -> queued only if certainly no byte of the call left us (protocol P5, P6).
    MessageState.SENDING: frozenset(
        {
            MessageState.ACCEPTED,
            MessageState.MODERATED,
            MessageState.REFUSED,
            MessageState.UNKNOWN,
            MessageState.QUEUED,
            MessageState.DELIVERED,
            MessageState.UNDELIVERED,
            MessageState.EXPIRED,
        }
    ),
    MessageState.UNKNOWN: frozenset(
        {
            MessageState.ACCEPTED,
            MessageState.MODERATED,
            MessageState.REFUSED,
            MessageState.QUEUED,
            MessageState.UNRESOLVED,
            MessageState.DELIVERED,
            MessageState.UNDELIVERED,
            MessageState.EXPIRED,
        }
    ),
    MessageState.MODERATED: frozenset(
        {
            MessageState.ACCEPTED,
            MessageState.REFUSED,
            MessageState.UNRESOLVED,
            MessageState.DELIVERED,
            MessageState.UNDELIVERED,
            MessageState.EXPIRED,
        }
    ),
    MessageState.ACCEPTED: frozenset(
        {
            MessageState.DELIVERED,
            MessageState.UNDELIVERED,
            MessageState.EXPIRED,
            MessageState.REFUSED,
        }
    ),
}

# Order in which states of one message may replace each other on the CRM record (protocol P21).
RANK: Final[dict[MessageState, int]] = {
    MessageState.RESOLVING: 0,
    MessageState.SCHEDULED: 1,
    MessageState.HELD: 1,
    MessageState.QUEUED: 2,
    MessageState.SENDING: 3,
    MessageState.UNKNOWN: 4,
    MessageState.MODERATED: 5,
    MessageState.ACCEPTED: 6,
    **dict.fromkeys(sorted(FINAL), 9),
}


#: Claim classes (`messages.priority`): 0 a person's message, 1 alerts, 2 marketing of workflows and bulk sends. Each
#: class has one lane: a person's messages never wait behind a call of a workflow (protocol P4).
CLASSES_OF_LANE: Final[dict[LaneKind, tuple[int, ...]]] = {
    LaneKind.DELIVER_PERSONAL: (0,),
    LaneKind.DELIVER: (1, 2),
}
DELIVERY_LANES: Final = tuple(CLASSES_OF_LANE)


def lane_of(priority: int) -> LaneKind:
    """The lane that delivers messages of this class."""
    return LaneKind.DELIVER_PERSONAL if priority == 0 else LaneKind.DELIVER


def sources_of(after: MessageState) -> list[MessageState]:
    """The states from which a message may go to `after`, for the WHERE clause of an update."""
    return sorted(before for before, nexts in ALLOWED.items() if after in nexts)


def is_final(state: MessageState) -> bool:
    return state in FINAL


def waits_for_its_time(state: MessageState, reason: Reason | None, due_at: datetime, now: datetime) -> bool:
    """Return True if the message is scheduled, or is marketing that waits for the next legal hours."""
    return state == MessageState.SCHEDULED or (
        state == MessageState.QUEUED and reason == Reason.LEGAL_HOURS and due_at > now
    )
