"""Calls SMSFactor: sends, account, credits, webhooks, look-ups, STOP and unassigned lists.

This module never repeats a call: the worker decides about repeats, because a repeated send costs money. A client
stores no token; every call gets its own. One client serves all threads of a process.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, TypeVar
from urllib.parse import quote

import requests

from connector.domain.vocabulary import Direction, GatewayEvent, GatewayRefusal
from connector.http_transport import HEADERS, is_sendable, json_object, pooled_session
from connector.smsfactor import answers, paris, transport
from connector.smsfactor.errors import NotSent, OutcomeUnknown, Refused, Unavailable
from connector.smsfactor.payloads import (
    LIVE,
    Account,
    Balance,
    ListedNumbersPage,
    MessagesPage,
    RepliesPage,
    SendAnswer,
    SendCall,
    Webhook,
)
from connector.smsfactor.values import text, whole

Result = TypeVar("Result")

OK: Final = 1
AUTH: Final = -1
MODERATED: Final = -8

# Business statuses (SMSFactor docs) that are a definite refusal, with nothing done. -5, not found, is a refusal for
# every call but a send, where it makes no sense; -99 and unknown numbers decide nothing.
_REFUSING_STATUSES: Final[Mapping[int, GatewayRefusal]] = {
    AUTH: GatewayRefusal.AUTH,
    -2: GatewayRefusal.INVALID,  # malformed XML
    -3: GatewayRefusal.NO_CREDITS,
    -4: GatewayRefusal.INVALID,  # delay
    -6: GatewayRefusal.INVALID,  # malformed JSON
    -7: GatewayRefusal.INVALID,  # a field
}
_NOT_FOUND: Final = -5
_TOO_MANY_CALLS: Final = 429
# Seconds to wait after HTTP 429 without a Retry-After.
_RATE_LIMIT_WAIT_S: Final = 10.0
_DIRECTIONS: Final[Mapping[Direction, str]] = {
    Direction.OUTBOUND: "messages-out",
    Direction.INBOUND: "messages-in",
}


class SmsFactorClient:
    """SMSFactor's REST API at `base_url`; `timeout_s` bounds each call as a whole, in seconds."""

    def __init__(
        self,
        base_url: str,
        *,
        session: requests.Session | None = None,
        timeout_s: float = 15.0,
        deadline: float | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._session = session or pooled_session()
        self._timeout_s = timeout_s
        self._deadline = deadline

    def until(self, deadline: float) -> "SmsFactorClient":
        """This client with one deadline for all its calls together (this process's monotonic clock).

        A call without an answer by then has none, and later ones are not made.
        """
        return SmsFactorClient(
            self._base_url, session=self._session, timeout_s=self._timeout_s, deadline=deadline
        )

    def send(self, api_token: str, call: SendCall, *, timeout_s: float | None = None) -> SendAnswer:
        """Send one text to the call's numbers. Raises NotSent, Refused or OutcomeUnknown, nothing else.

        An answer with `sent == 0` or `moderated` is not an error: read its counters.
        """

        def read(body: Mapping[str, object], status: int) -> SendAnswer:
            return answers.read_send_answer(body, status == MODERATED, len(call.recipients))

        return self._once("POST", "/send", api_token, call.as_json(), read, timeout_s)

    def simulate(self, api_token: str, call: SendCall) -> SendAnswer:
        """The cost and recipients of a send; nothing is sent. Its ticket and credits mean nothing.

        Raises Refused or Unavailable.
        """

        def read(body: Mapping[str, object]) -> SendAnswer:
            return answers.read_send_answer(body, False, len(call.recipients))

        return self._repeatable("POST", "/send/simulate", api_token, read, body=call.as_json())

    def account(self, api_token: str) -> Account:
        """The account of the API token. Raises Refused or Unavailable."""
        return self._repeatable("GET", "/account", api_token, answers.read_account)

    def credits(self, api_token: str) -> Balance:
        """The account's credits now. Raises Refused or Unavailable."""
        return self._repeatable("GET", "/credits", api_token, answers.read_balance)

    def create_webhook(self, api_token: str, kind: GatewayEvent, url: str, secret: str) -> Webhook:
        """Register `url` for one kind of event.

        Raises NotSent, Refused or OutcomeUnknown (then list before retrying).
        """
        body = {"webhook": {"type": kind, "url": url, "signature": secret}}
        return self._once(
            "POST", "/webhook", api_token, body, lambda answer, _: answers.read_one_webhook(answer)
        )

    def list_webhooks(self, api_token: str) -> list[Webhook]:
        """All webhooks of the account, including those of other applications. Raises Refused or Unavailable."""
        return self._repeatable("GET", "/webhook", api_token, answers.read_webhooks)

    def update_webhook(
        self, api_token: str, webhook_id: str, kind: GatewayEvent, url: str, secret: str
    ) -> Webhook:
        """Change a webhook's address and secret. Raises Refused or Unavailable."""
        body = {"webhook": {"type": kind, "url": url, "signature": secret}}
        path = f"/webhook/{_segment(webhook_id)}"
        return self._repeatable("PUT", path, api_token, answers.read_one_webhook, body=body)

    def set_webhook_live(self, api_token: str, webhook_id: str) -> Webhook:
        """Let a paused webhook bring events again. Raises Refused or Unavailable."""
        path = f"/webhook/{_segment(webhook_id)}/status"
        body = {"webhook": {"status": LIVE}}
        return self._repeatable("PUT", path, api_token, answers.read_one_webhook, body=body)

    def delete_webhook(self, api_token: str, webhook_id: str) -> None:
        """Remove a webhook. Raises Refused (not_found: it was already gone) or Unavailable."""
        self._repeatable("DELETE", f"/webhook/{_segment(webhook_id)}", api_token, lambda _: None)

    def messages(
        self, api_token: str, start: datetime, end: datetime, offset: int, length: int, direction: Direction
    ) -> MessagesPage:
        """A page of the messages between two aware instants, oldest first; `length` is at most 1000.

        The list lags behind the sends and can be incomplete. Raises Refused or Unavailable.
        """
        query: dict[str, str | int] = {
            "date_start": paris.to_gateway(start),
            "date_end": paris.to_gateway(end),
            "type": _DIRECTIONS[direction],
            "sort": "date",
            "start": offset,
            "length": length,
        }
        return self._repeatable("GET", "/messages", api_token, answers.read_messages, query=query)

    def replies(
        self, api_token: str, start: datetime, end: datetime, offset: int, length: int
    ) -> RepliesPage:
        """A page of the replies between two aware instants, oldest first; it lags. Raises Refused or Unavailable."""
        query: dict[str, str | int] = {
            "date_start": paris.to_gateway(start),
            "date_end": paris.to_gateway(end),
            "sort": "date",
            "start": offset,
            "length": length,
        }
        return self._repeatable("GET", "/messages/mo", api_token, answers.read_replies, query=query)

    def blacklist(self, api_token: str, offset: int, length: int) -> ListedNumbersPage:
        """A page of the account's STOP list. Raises Refused or Unavailable."""
        query: dict[str, str | int] = {"start": offset, "length": length}
        return self._repeatable("GET", "/blacklist", api_token, answers.read_listed_numbers, query=query)

    def remove_from_blacklist(self, api_token: str, entry_id: str) -> None:
        """Remove a number from the STOP list: only on recorded consent. Raises Refused or Unavailable."""
        self._repeatable("DELETE", f"/blacklist/contact/{_segment(entry_id)}", api_token, lambda _: None)

    def npai(self, api_token: str, offset: int, length: int) -> ListedNumbersPage:
        """A page of the account's list of unassigned numbers. Raises Refused or Unavailable."""
        query: dict[str, str | int] = {"start": offset, "length": length}
        return self._repeatable("GET", "/npai", api_token, answers.read_listed_numbers, query=query)

    def _once(
        self,
        method: str,
        path: str,
        api_token: str,
        body: object,
        read: Callable[[Mapping[str, object], int], Result],
        timeout_s: float | None = None,
    ) -> Result:
        """Make a call that must not be repeated blindly: every doubt is OutcomeUnknown."""
        try:
            answer = self._call(method, path, api_token, {}, body, timeout_s)
        except transport.NeverLeft as error:
            raise NotSent(str(error)) from None
        except transport.NoAnswer as error:
            raise OutcomeUnknown(str(error)) from None
        fields, status = _parse(answer.body)
        if answer.status < 500:
            refused = _refusal(answer, fields, status)
            if refused is not None:
                raise refused
        if fields is None or status not in (OK, MODERATED) or not 200 <= answer.status < 300:
            raise _doubtful(OutcomeUnknown, answer, status)
        try:
            return read(fields, status)
        except answers.NotUnderstood as error:
            raise OutcomeUnknown(f"the answer lacks {error}") from None

    def _repeatable(
        self,
        method: str,
        path: str,
        api_token: str,
        read: Callable[[Mapping[str, object]], Result],
        *,
        query: Mapping[str, str | int] | None = None,
        body: object | None = None,
    ) -> Result:
        """Make a call that is harmless when repeated: every doubt is Unavailable."""
        try:
            answer = self._call(method, path, api_token, query or {}, body, None)
        except (transport.NeverLeft, transport.NoAnswer) as error:
            raise Unavailable(str(error)) from None
        fields, status = _parse(answer.body)
        if answer.status < 500:
            refused = _refusal(answer, fields, status)
            if refused is None and status == _NOT_FOUND:
                refused = Refused(GatewayRefusal.NOT_FOUND, status, _detail(fields))
            if refused is not None:
                raise refused
        if fields is None or status != OK or not 200 <= answer.status < 300:
            raise _doubtful(Unavailable, answer, status)
        try:
            return read(fields)
        except answers.NotUnderstood as error:
            raise Unavailable(f"the answer lacks {error}") from None

    def _call(
        self,
        method: str,
        path: str,
        api_token: str,
        query: Mapping[str, str | int],
        body: object | None,
        timeout_s: float | None,
    ) -> transport.HttpAnswer:
        if not is_sendable(api_token):  # pasted with other characters
            raise Refused(GatewayRefusal.AUTH, AUTH, "the token holds characters that no token has")
        # Without Accept the API answers XML (SMSFactor docs).
        headers = {**HEADERS, "Content-Type": "application/json"}
        request = requests.Request(
            method, self._base_url + path, headers=headers, params=query, auth=transport.BearerAuth(api_token)
        )
        return transport.call(self._session, request, body, self._time_left_s(timeout_s or self._timeout_s))

    def _time_left_s(self, timeout_s: float) -> float:
        """The time for a call. Raises NeverLeft after the deadline."""
        if self._deadline is None:
            return timeout_s
        left_s = self._deadline - time.monotonic()
        if left_s <= 0:
            raise transport.NeverLeft("no time is left")
        return min(timeout_s, left_s)


def _parse(content: bytes) -> tuple[dict[str, object] | None, int | None]:
    """The answer's fields and business status; None for missing parts."""
    fields = json_object(content)
    if fields is None:
        return None, None
    status = fields.get("status")
    return fields, status if isinstance(status, int) and not isinstance(status, bool) else None


def _refusal(
    answer: transport.HttpAnswer, fields: Mapping[str, object] | None, status: int | None
) -> Refused | None:
    """The definite refusal in an answer below 500, if any (protocol P5).

    Only a business status is SMSFactor's own word. An HTTP status without one may be a proxy's: the call may have been
    carried out behind it.
    """
    if status is None or status not in _REFUSING_STATUSES:
        return None
    is_rate = answer.status == _TOO_MANY_CALLS
    kind = GatewayRefusal.RATE_LIMITED if is_rate else _REFUSING_STATUSES[status]
    return Refused(kind, status, _detail(fields), _retry_after(answer))


Doubt = TypeVar("Doubt", OutcomeUnknown, Unavailable)


def _doubtful(kind: type[Doubt], answer: transport.HttpAnswer, status: int | None) -> Doubt:
    error = kind(_describe(answer, status))
    error.retry_after_s = _retry_after(answer)
    return error


def _describe(answer: transport.HttpAnswer, status: int | None) -> str:
    return f"HTTP {answer.status}, status {status}"


def _detail(fields: Mapping[str, object] | None) -> str:
    """The gateway's own words, shortened: they may quote our request."""
    if fields is None:
        return ""
    words = [text(fields.get(name)) for name in ("message", "details", "error")]
    return ": ".join(word for word in words if word)[:200]


def _retry_after(answer: transport.HttpAnswer) -> float | None:
    """Seconds of a Retry-After header, at most an hour; its date form is not expected. After HTTP 429 always some."""
    seconds = whole(answer.headers.get("Retry-After"))
    if seconds is None:
        return _RATE_LIMIT_WAIT_S if answer.status == _TOO_MANY_CALLS else None
    return float(min(max(seconds, 0), 3600))


def _segment(value: str) -> str:
    """An id as one path segment."""
    return quote(value, safe="")
