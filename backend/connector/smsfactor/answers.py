"""Reads SMSFactor's answers into our types. Its field names appear only here, in `SendCall.as_json` and in `events`.

Source of every field: SMSFactor docs and its official SDKs, unless marked unconfirmed. An answer without a field that
a decision needs raises NotUnderstood, which the client turns into OutcomeUnknown or Unavailable.
"""

from collections.abc import Mapping
from typing import Final

from connector.domain.vocabulary import BalanceMode, MessageState, Reason
from connector.smsfactor import paris
from connector.smsfactor.payloads import (
    COUNTERS,
    Account,
    Balance,
    GatewayMessage,
    ListedNumber,
    ListedNumbersPage,
    ListedReply,
    MessagesPage,
    RepliesPage,
    SendAnswer,
    Webhook,
)
from connector.smsfactor.values import filled, flag, number, text, whole


class NotUnderstood(ValueError):
    """An answer that reports success but lacks or garbles a field that a decision needs; the text names the field."""


# Statuses of GET /messages (SMSFactor docs list the words without a meaning: the states are ours).
MESSAGE_STATUSES: Final[Mapping[str, tuple[MessageState, Reason | None]]] = {
    "waiting": (MessageState.ACCEPTED, None),
    "sent": (MessageState.ACCEPTED, None),
    "moderation": (MessageState.MODERATED, None),
    "delivered": (MessageState.DELIVERED, None),
    "undelivered": (MessageState.UNDELIVERED, Reason.NOT_DELIVERED),
    "not_sent": (MessageState.UNDELIVERED, Reason.NOT_SENT),
    "denied": (MessageState.REFUSED, Reason.NOT_ALLOWED),
}


def read_send_answer(body: Mapping[str, object], moderated: bool, recipients: int) -> SendAnswer:
    """Read a positive answer to a send of `recipients` numbers. Raises NotUnderstood.

    The shape of a moderated answer is unconfirmed: a missing count is taken as "all recipients".
    """
    counters = {name: whole(body.get(name)) or 0 for name in COUNTERS}
    sent, total = whole(body.get("sent")), whole(body.get("total"))
    if sent is None and not moderated:
        raise NotUnderstood("sent")
    return SendAnswer(
        ticket=filled(body.get("ticket")),
        cost=whole(body.get("cost")),
        credits=whole(body.get("credits")),
        total=recipients if total is None else total,
        sent=recipients - sum(counters.values()) if sent is None else sent,
        counters=counters,
        moderated=moderated,
    )


def read_account(body: Mapping[str, object]) -> Account:
    """Read GET /account. Its inner `status` is the account's state, not the call's. Raises NotUnderstood."""
    row = _mapping(body, "account")
    client_id, parent = text(row.get("client_id")), text(row.get("parent_client_id"))
    if not client_id:
        raise NotUnderstood("client_id")
    return Account(
        client_id=client_id,
        email=text(row.get("email")),
        first_name=text(row.get("firstname")),
        last_name=text(row.get("lastname")),
        company=text(row.get("company")),
        country_code=text(row.get("country_code")),
        parent_client_id=parent if parent not in ("", "0") else None,
        is_active=flag(row.get("status", "1")),
    )


def read_balance(body: Mapping[str, object]) -> Balance:
    """Read GET /credits. A postpaid account also counts as unlimited; its figure is its consumption."""
    value = whole(body.get("credits"))
    if value is None:
        raise NotUnderstood("credits")
    if flag(body.get("postpaid")):
        return Balance(BalanceMode.POSTPAID, value)
    return Balance(BalanceMode.UNLIMITED if flag(body.get("unlimited")) else BalanceMode.PREPAID, value)


def read_webhook(row: Mapping[str, object]) -> Webhook:
    """Read one webhook object. Raises NotUnderstood without an id."""
    webhook_id = text(row.get("webhook_id"))
    if not webhook_id:
        raise NotUnderstood("webhook_id")
    code = whole(row.get("last_http_code"))
    return Webhook(webhook_id, text(row.get("type")), text(row.get("url")), text(row.get("status")), code)


def read_messages(body: Mapping[str, object]) -> MessagesPage:
    """Read GET /messages. Raises NotUnderstood."""
    return MessagesPage([_message(row) for row in _rows(body, "messages")], _total(body))


def read_replies(body: Mapping[str, object]) -> RepliesPage:
    """Read GET /messages/mo. Raises NotUnderstood."""
    rows = [
        ListedReply(
            ticket=filled(row.get("campaign_id")),
            number=number(row.get("destination")),
            text=text(row.get("message")),
            at=paris.from_gateway(row.get("date")),
        )
        for row in _rows(body, "replies")
    ]
    return RepliesPage(rows, _total(body))


def read_listed_numbers(body: Mapping[str, object]) -> ListedNumbersPage:
    """Read GET /blacklist or GET /npai. Raises NotUnderstood."""
    rows = [
        ListedNumber(
            entry_id=text(row.get("id")),
            number=number(row.get("destination")),
            listed_at=paris.from_gateway(row.get("date")),
            ticket=filled(row.get("campaign_id")),
        )
        for row in _rows(body, "list")
    ]
    return ListedNumbersPage(rows, _total(body))


def read_webhooks(body: Mapping[str, object]) -> list[Webhook]:
    """Read GET /webhook. Raises NotUnderstood."""
    return [read_webhook(row) for row in _rows(body, "webhooks")]


def read_one_webhook(body: Mapping[str, object]) -> Webhook:
    """Read the answer to POST or PUT /webhook. Raises NotUnderstood."""
    return read_webhook(_mapping(body, "webhook"))


def _message(row: Mapping[str, object]) -> GatewayMessage:
    status = text(row.get("status")).lower()
    state, reason = MESSAGE_STATUSES.get(status, (None, None))
    return GatewayMessage(
        gateway_id=filled(row.get("client_message_id")),
        ticket=filled(row.get("campaign_id")),
        number=number(row.get("destination")),
        text=text(row.get("message")),
        sender=filled(row.get("sender")),
        status=status,
        state=state,
        reason=reason,
        cost_credits=whole(row.get("cost")),
        at=paris.from_gateway(row.get("date")),
        receipt_at=paris.from_gateway(row.get("dlr_date")),
    )


def _mapping(body: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = body.get(name)
    if not isinstance(value, dict):
        raise NotUnderstood(name)
    return value


def _rows(body: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    value = body.get(name)
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise NotUnderstood(name)
    return value


def _total(body: Mapping[str, object]) -> int:
    """The number of rows after the filters: a complete look-up must read this many."""
    total = whole(body.get("totalDisplayRecords", body.get("totalRecords")))
    if total is None:
        raise NotUnderstood("totalDisplayRecords")
    return total
