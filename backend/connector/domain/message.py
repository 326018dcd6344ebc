"""The life of one SMS: its states, which moves are allowed, and what is final.

The same words stand in the database (`messages.state`), in the API and in the views. The picture is in docs/flow.md.
States only move forward; a move that is not listed here is refused by the store, never forced.
"""

from datetime import datetime
from typing import Final, Literal

MessageState = Literal[
    "resolving",
    "scheduled",
    "queued",
    "sending",
    "accepted",
    "moderated",
    "delivered",
    "undelivered",
    "expired",
    "refused",
    "unknown",
    "unresolved",
    "cancelled",
    "blocked",
    "too_late",
]

FINAL: Final[frozenset[str]] = frozenset(
    {
        "delivered",
        "undelivered",
        "expired",
        "refused",
        "unresolved",
        "cancelled",
        "blocked",
        "too_late",
    }
)

# What a receipt or the gateway's listing can say about a message; all of them prove that it was accepted.
RECEIPT_STATES: Final[frozenset[str]] = frozenset({"accepted", "delivered", "undelivered", "expired"})

ALLOWED: Final[dict[str, frozenset[str]]] = {
    "resolving": frozenset({"scheduled", "queued", "blocked", "cancelled", "too_late"}),
    "scheduled": frozenset({"queued", "cancelled", "blocked", "too_late"}),
    "queued": frozenset({"sending", "cancelled", "blocked", "too_late"}),
    # sending -> queued only when it is certain that no byte of the call left us (protocol P5, P6).
    "sending": frozenset(
        {"accepted", "moderated", "refused", "unknown", "queued", "delivered", "undelivered", "expired"}
    ),
    "unknown": frozenset(
        {
            "accepted",
            "moderated",
            "refused",
            "queued",
            "unresolved",
            "delivered",
            "undelivered",
            "expired",
        }
    ),
    "moderated": frozenset({"accepted", "refused", "unresolved", "delivered", "undelivered", "expired"}),
    "accepted": frozenset({"delivered", "undelivered", "expired", "refused"}),
}

# Order in which states of one message may replace each other on the CRM record (protocol P21).
RANK: Final[dict[str, int]] = {
    "resolving": 0,
    "scheduled": 1,
    "queued": 2,
    "sending": 3,
    "unknown": 4,
    "moderated": 5,
    "accepted": 6,
    **dict.fromkeys(sorted(FINAL), 9),
}


def sources_of(after: str) -> list[str]:
    """The states from which a message may go to `after`, for the WHERE clause of an update."""
    return sorted(before for before, nexts in ALLOWED.items() if after in nexts)


def is_final(state: str) -> bool:
    return state in FINAL


def waits_for_its_time(state: str, reason: str | None, due_at: datetime, now: datetime) -> bool:
    """Scheduled, or marketing that met the end of the legal hours and waits for the next ones."""
    return state == "scheduled" or (state == "queued" and reason == "legal_hours" and due_at > now)
