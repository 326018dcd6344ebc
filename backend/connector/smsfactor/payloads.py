"""Requests to SMSFactor and its answers, as our own types.

Source of every field: SMSFactor docs and its official SDKs, unless marked unconfirmed. Answers without a field that a
decision needs raise NotUnderstood, which the client turns into OutcomeUnknown or Unavailable.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from connector.domain.vocabulary import BalanceMode, MessageState, PushType, Reason

#: Most recipients of one call. No limit is documented; other clients use batches of 800 to 1,000 in production.
MAX_RECIPIENTS: Final = 500

#: The gateway's counters of recipients left out of a send, in its order. Older deployments lack the last three.
COUNTERS: Final = ("invalid", "duplicated", "blacklisted", "npai", "not_allowed", "country_limit", "flood")


#: Statuses of a webhook.
LIVE: Final = "live"
PAUSED: Final = "paused"


@dataclass(frozen=True, slots=True)
class SendCall:
    """One text to some numbers. Raises ValueError for a forbidden call (see P8 of the delivery protocol)."""

    text: str
    push_type: PushType
    #: None: the account's default sender.
    sender: str | None
    #: Whether the text needs UCS-2; True charges 70/67 units a part even for plain ASCII (unconfirmed).
    unicode: bool
    #: (gateway id: ours, unique, at most 40 ASCII characters; number: digits without plus).
    recipients: Sequence[tuple[str, str]]
    #: URLs for the "<-short->" tags of the text, in order.
    links: Sequence[str] = ()

    def __post_init__(self) -> None:
        numbers = [digits for _, digits in self.recipients]
        if not 1 <= len(numbers) <= MAX_RECIPIENTS:
            raise ValueError(f"a call has 1 to {MAX_RECIPIENTS} recipients, not {len(numbers)}")
        if len(set(numbers)) != len(numbers):
            raise ValueError("a call must not hold a number twice: the gateway would drop the second")
        if not all(digits.isascii() and digits.isdigit() for digits in numbers):
            raise ValueError("numbers are digits without plus")

    def as_json(self) -> dict[str, object]:
        """The body of POST /send. Unset optional keys are left out: the effect of null is unconfirmed."""
        message: dict[str, object] = {"text": self.text, "pushtype": self.push_type}
        if self.sender:
            message["sender"] = self.sender
        if self.unicode:
            message["unicode"] = 1
        if self.links:
            message["links"] = list(self.links)
        gsm = [{"gsmsmsid": gateway_id, "value": digits} for gateway_id, digits in self.recipients]
        return {"sms": {"message": message, "recipients": {"gsm": gsm}}}


@dataclass(frozen=True, slots=True)
class SendAnswer:
    """The gateway accepted the call. With `sent == 0` no recipient gets it: `counters` has the reasons."""

    #: Campaign id; None only if an answer lacks it (unconfirmed for sent == 0).
    ticket: str | None
    #: Credits charged for the whole call; None if a moderated answer lacks it.
    cost: int | None
    #: Account balance after the call, as in `Balance.value`; None if the answer lacks it.
    credits: int | None
    total: int
    sent: int
    #: Each name of COUNTERS with the number of recipients left out for it.
    counters: Mapping[str, int]
    #: Held for human moderation (status -8): accepted, may still be refused with a refund. Never send it
    #: again.
    moderated: bool


@dataclass(frozen=True, slots=True)
class Account:
    """The owner of a token. Text fields are empty if the gateway has none."""

    client_id: str
    email: str
    first_name: str
    last_name: str
    company: str
    country_code: str
    #: None for a main account.
    parent_client_id: str | None
    is_active: bool


@dataclass(frozen=True, slots=True)
class Balance:
    """Credits. `value`: left (prepaid), consumed this month (postpaid; unconfirmed for the API) or meaningless."""

    mode: BalanceMode
    value: int


@dataclass(frozen=True, slots=True)
class Webhook:
    """A registered webhook; its secret is never stored here."""

    webhook_id: str
    type: str
    url: str
    #: LIVE or PAUSED; empty if the answer lacks it.
    status: str
    #: Our endpoint's last answer; None before the first event.
    last_http_code: int | None

    @property
    def is_paused(self) -> bool:
        """Whether it brings no events."""
        return self.status == PAUSED


@dataclass(frozen=True, slots=True)
class GatewayMessage:
    """One row of the gateway's own list of messages."""

    #: Our id; None for messages of other applications on the account.
    gateway_id: str | None
    ticket: str | None
    number: str | None
    text: str
    sender: str | None
    #: The row's status in lower case; `state` and `reason` are its meaning for us (None: unknown status).
    status: str
    state: MessageState | None
    reason: Reason | None
    cost_credits: int | None
    at: datetime | None
    receipt_at: datetime | None


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """Some rows of a look-up, and its total number of rows."""

    rows: Sequence[GatewayMessage]
    total: int


@dataclass(frozen=True, slots=True)
class ListedReply:
    """One row of the gateway's list of replies; it names the campaign that was answered, not our id."""

    ticket: str | None
    number: str | None
    text: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class RepliesPage:
    """Some rows of the replies, and their total number."""

    rows: Sequence[ListedReply]
    total: int


@dataclass(frozen=True, slots=True)
class ListedNumber:
    """A number on the account's STOP list or on its list of unassigned numbers."""

    entry_id: str
    number: str | None
    listed_at: datetime | None
    ticket: str | None


@dataclass(frozen=True, slots=True)
class ListedNumbersPage:
    """Some rows of a list, and its total number of rows."""

    rows: Sequence[ListedNumber]
    total: int
