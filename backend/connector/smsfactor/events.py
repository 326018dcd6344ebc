"""The events of SMSFactor's webhooks: receipts, replies, STOPs, clicks, low balance (fields: `webhook_bodies.py`).

Source: SMSFactor docs. Our id has another name in each: `message_id` (DLR), `last_message_id` (MO, STOP), `gsmsid`
(CLICKER). Replies and STOPs have no campaign id, clicks no number, balance alerts no account.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from connector.domain.vocabulary import MessageState, Reason
from connector.smsfactor import paris
from connector.smsfactor.values import filled, number, text, whole
from connector.smsfactor.webhook_bodies import EventNotUnderstood

# Delivery receipt codes: (message state, reason). There is no 8 and no 10. The names are SMSFactor's, the states are
# ours.
RECEIPT_CODES: Final[Mapping[int, tuple[MessageState, Reason | None]]] = {
    0: (MessageState.UNDELIVERED, Reason.NOT_SENT),  # NOT_SENT
    1: (MessageState.ACCEPTED, None),  # SENT: intermediate; whether it is ever pushed is unconfirmed
    2: (MessageState.UNDELIVERED, Reason.NOT_DELIVERED),  # NOT_DELIVERED
    3: (MessageState.DELIVERED, None),  # DELIVERED
    4: (MessageState.UNDELIVERED, Reason.NOT_ALLOWED),  # NOT_ALLOWED: destination or content
    5: (
        MessageState.UNDELIVERED,
        Reason.INVALID_DESTINATION,
    ),  # INVALID_DESTINATION: treated as unassigned (unconfirmed)
    6: (MessageState.UNDELIVERED, Reason.INVALID_SENDER),  # INVALID_SENDER: a configuration error
    7: (MessageState.UNDELIVERED, Reason.ROUTE_NOT_AVAILABLE),  # ROUTE_NOT_AVAILABLE
    9: (MessageState.UNDELIVERED, Reason.REJECTED),  # REJECTED
    11: (MessageState.UNDELIVERED, Reason.NETWORK_ERROR),  # NETWORK_ERROR
    12: (MessageState.EXPIRED, Reason.EXPIRED),  # EXPIRED: the phone was off for the whole validity period
}


_UNKNOWN_RECEIPT: Final = (MessageState.ACCEPTED, Reason.UNKNOWN_CODE)


@dataclass(frozen=True, slots=True)
class DeliveryReceipt:
    """The gateway's report on one message. Any receipt, even with an unknown code, proves the call's acceptance."""

    #: Our id; None for a message sent without one, which is not ours.
    gateway_id: str | None
    ticket: str | None
    number: str | None
    #: As sent; None if it was not a number.
    code: int | None
    #: delivered, undelivered, expired, or accepted (intermediate, or an unknown code).
    state: MessageState
    #: `unknown_code` for a code that is not in RECEIPT_CODES; None for success.
    reason: Reason | None
    #: None if the payload's date cannot be read: use the instant of arrival.
    at: datetime | None


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A reply (MO) or a STOP; a STOP through the unsubscribe page may have no text (unconfirmed)."""

    #: Our id of the account's last message to this number, if that message had one.
    gateway_id: str | None
    #: The writer's number, E.164.
    number: str
    text: str
    account_client_id: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Click:
    """One click on a short link. Robots that fetch previews click too."""

    gateway_id: str | None
    ticket: str | None
    long_url: str
    short_code: str
    brand: str
    model: str
    os: str
    #: Running number of clicks on this link, those of robots included.
    clicks_on_link: int | None
    at: datetime | None

    @property
    def is_robot(self) -> bool:
        """Whether no device is named, as for a phone's preview of the link or an operator's check (our reading)."""
        return not (self.brand.strip() or self.model.strip() or self.os.strip())


@dataclass(frozen=True, slots=True)
class BalanceAlert:
    """The balance fell below the account's alert level. Only the webhook's path identifies the account."""

    balance: int
    trigger: int | None
    at: datetime | None


def read_receipt(fields: Mapping[str, object]) -> DeliveryReceipt:
    """Read a DLR. A code that is unknown or missing becomes (accepted, unknown_code). Never raises."""
    code = whole(fields.get("status"))
    state, reason = _UNKNOWN_RECEIPT if code is None else RECEIPT_CODES.get(code, _UNKNOWN_RECEIPT)
    return DeliveryReceipt(
        gateway_id=filled(fields.get("message_id")),
        ticket=filled(fields.get("campaign_id")),
        number=number(fields.get("destination")),
        code=code,
        state=state,
        reason=reason,
        at=paris.from_gateway(fields.get("date")),
    )


def read_inbound(fields: Mapping[str, object]) -> InboundMessage:
    """Read an MO or a STOP: the same five fields. Raises EventNotUnderstood without a number."""
    sender = number(fields.get("from"))
    if sender is None:
        raise EventNotUnderstood("from")
    return InboundMessage(
        gateway_id=filled(fields.get("last_message_id")),
        number=sender,
        text=text(fields.get("message")),
        account_client_id=filled(fields.get("account_id")),
        at=paris.from_gateway(fields.get("date")),
    )


def read_click(fields: Mapping[str, object]) -> Click:
    """Read a CLICKER. Raises EventNotUnderstood without a URL."""
    if not text(fields.get("long_url")):
        raise EventNotUnderstood("long_url")
    return Click(
        gateway_id=filled(fields.get("gsmsid")),
        ticket=filled(fields.get("campaign_id")),
        long_url=text(fields.get("long_url")),
        short_code=text(fields.get("short_url")),
        brand=text(fields.get("brand")),
        model=text(fields.get("model")),
        os=text(fields.get("os")),
        clicks_on_link=whole(fields.get("clicks_on_link")),
        at=paris.from_gateway(fields.get("date")),
    )


def read_balance_alert(fields: Mapping[str, object]) -> BalanceAlert:
    """Read a BALANCE_ALERT. Raises EventNotUnderstood without a balance."""
    balance = whole(fields.get("balance"))
    if balance is None:
        raise EventNotUnderstood("balance")
    return BalanceAlert(balance, whole(fields.get("trigger")), paris.from_gateway(fields.get("date")))
