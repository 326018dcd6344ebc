"""The gateway's data classes: accounts, tokens, campaigns, messages, replies, clicks, lists, webhooks.

Instants are aware UTC here and Paris text on the wire. Ids are strings unless the docs show a number.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass
class Account:
    """A customer account. `balance`: credits left when prepaid, credits consumed this month when postpaid."""

    client_id: str
    email: str
    password: str
    balance: int
    parent_id: str = "0"
    postpaid: bool = False
    # Draws on the parent's credits (sub-account), or has no limit (main account).
    unlimited: bool = False
    active: bool = True
    # Low-balance alert: fired when the balance falls below it. None is off.
    alert_trigger: int | None = 500
    profile: dict[str, Any] = field(default_factory=dict)


@dataclass
class Token:
    """An API token; `value` is the bearer token, shown in the first answer only."""

    id: int
    account_id: str
    name: str
    value: str
    created_at: datetime
    ttl_s: int | None = None
    expires_at: datetime | None = None
    allowed_ips: list[str] | None = None


@dataclass
class Message:
    """One SMS to one number. `status` is one of the words GET /messages filters by."""

    id: str
    account_id: str
    campaign_id: str
    gsmsmsid: str | None
    number: str
    country: str
    text: str
    encoding: str
    parts: int
    cost: int
    sender: str | None
    # Position in its campaign: decides when it shows in GET /messages (messages_partial).
    position: int
    accepted_at: datetime
    due_at: datetime
    status: str = "waiting"
    status_details: str = "WAITING"
    sent_at: datetime | None = None
    receipt_at: datetime | None = None
    codes: list[str] = field(default_factory=list)


@dataclass
class Campaign:
    """The result of one send call. `status`: Waiting, Sending, Sent, Moderation, Canceled (vocabulary unconfirmed)."""

    id: str
    account_id: str
    text: str
    sender: str | None
    push_type: str
    created_at: datetime
    due_at: datetime
    cost: int
    status: str
    list_ids: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


@dataclass
class Reply:
    """An SMS from a handset: a reply or a STOP. `campaign_id` is that of the last message to the number."""

    id: str
    account_id: str
    number: str
    text: str
    at: datetime
    is_stop: bool
    gsmsmsid: str | None
    campaign_id: str | None


@dataclass
class ShortLink:
    """A link created for one message; `clicks` counts its uses."""

    code: str
    long_url: str
    message: Message
    clicks: int = 0


@dataclass
class ListedNumber:
    """A number in the STOP list or the NPAI list of an account."""

    id: str
    account_id: str
    number: str
    at: datetime
    campaign_id: str | None = None
    infos: dict[str, str] = field(default_factory=dict)


@dataclass
class Contact:
    """A number in a contact list with its merge fields info1..info4."""

    id: str
    number: str
    infos: dict[str, str]


@dataclass
class ContactList:
    """A stored contact list; ids are 24 hex digits."""

    id: str
    account_id: str
    name: str
    created_at: datetime
    contacts: list[Contact] = field(default_factory=list)


@dataclass
class Webhook:
    """A registered URL for one type of event. `last_http_code`: None before the first delivery, 0 when
    unreachable."""

    id: str
    account_id: str
    type: str
    url: str
    signature: str | None
    status: str = "live"
    last_http_code: int | None = None
    failures: int = 0  # events in a row that it did not bring
