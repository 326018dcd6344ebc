"""Look-ups of messages: GET /messages and GET /messages/mo.

Facts (SMSFactor docs): both dates are required, there is no campaign filter, `client_message_id` is the caller's
gsmsmsid while `message_id` is the gateway's own id; numbers are strings. The delay before a message shows is not
documented. Here messages show late and a campaign shows first in part, so a client that decides by one early look-up
fails.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.smsfactor_sim.api import Api, Call, Payload
from sandbox.smsfactor_sim.fields import one_of, wrong
from sandbox.smsfactor_sim.handsets.carrier import scheduled_for
from sandbox.smsfactor_sim.numbers import read_mobile
from sandbox.smsfactor_sim.things import Message, Reply
from sandbox.smsfactor_sim.wire import paris_text, read_paris
from sandbox.smsfactor_sim.world import World

_STATUSES = ("delivered", "sent", "waiting", "moderation", "denied", "not_sent", "undelivered")
_SORTS = ("date", "destination", "sender", "status")
_PAGING = ("start", "length", "sort")
_FILTERS = ("date_start", "date_end", "destination", "message", "type", "country", "status")


@dataclass(slots=True)
class _Entry:
    """The values for filters and sorting of a message or reply. Only the entries of one page become rows."""

    source: Message | Reply
    date: datetime
    destination: str
    sender: str
    status: str
    country: str


def add_message_routes(api: Api) -> None:
    """GET /messages and GET /messages/mo."""
    world = api.world

    @api.route("GET", "/messages")
    def list_messages(call: Call) -> Payload:
        query = _checked(call.query((*_FILTERS, *_PAGING)))
        span, number = read_span(query), _number(world, query)
        seen, candidates = _visible(world, call.account.client_id, span, number)
        chosen = [entry for entry in candidates if _passes(entry, query, span, number)]
        page, totals = call.page(_sorted(chosen, query.get("sort")), query, seen)
        return {"messages": [_row(entry) for entry in page], **totals}

    @api.route("GET", "/messages/mo")
    def list_replies(call: Call) -> Payload:
        query = call.query(("date_start", "date_end", "destination", *_PAGING))
        span, number = read_span(query), _number(world, query)
        mine = [_reply_entry(one) for one in world.replies if one.account_id == call.account.client_id]
        chosen = [entry for entry in mine if _passes(entry, {}, span, number)]
        page, totals = call.page(_sorted(chosen, query.get("sort")), query, len(mine))
        return {"replies": [_reply_row(entry) for entry in page], **totals}


def read_span(query: dict[str, str]) -> tuple[datetime, datetime]:
    """`date_start` and `date_end`, aware; -7 when one is missing or no date.

    A bare date means its first second, for the end too. It is unconfirmed whether the real API means the whole day.
    """
    found = []
    for name in ("date_start", "date_end"):
        value = query.get(name)
        if value is None:
            raise wrong(f"The parameter '{name}' is required")
        try:
            found.append(read_paris(value if len(value) != 10 else f"{value} 00:00:00"))
        except ValueError as error:
            raise wrong(f"The parameter '{name}' must be Y-m-d H:i:s") from error
    return found[0], found[1]


def in_span(instant: datetime, span: tuple[datetime, datetime]) -> bool:
    """True when the instant, cut to whole seconds, lies in the span, both ends included."""
    return span[0] <= instant.replace(microsecond=0) <= span[1]


def _visible(
    world: World, account_id: str, span: tuple[datetime, datetime], number: str | None
) -> tuple[int, list[_Entry]]:
    """The number of entries that a look-up finds now, and the entries that may match its dates and number.

    An entry shows when the lag has passed, twice for every second message of a campaign. Every call looks at all
    messages, so the check must be cheap: a load run makes a hundred thousand.
    """
    now = world.now()
    lag = timedelta(seconds=float(world.settings["messages_lag_s"]))
    newest = now - lag
    newest_odd = newest - lag if world.settings["messages_partial"] else newest
    end = span[1] + timedelta(seconds=1)
    seen, entries = 0, []
    for message in world.messages:
        shown = message.accepted_at <= (newest_odd if message.position % 2 else newest)
        if not shown or message.account_id != account_id:
            continue
        seen += 1
        if (number is None or message.number == number) and span[0] <= (date := scheduled_for(message)) < end:
            sender = message.sender or ""
            entries.append(_Entry(message, date, message.number, sender, message.status, message.country))
    replies = [reply for reply in world.replies if reply.account_id == account_id and reply.at + lag <= now]
    entries += [_reply_entry(reply) for reply in replies]
    return seen + len(replies), entries


def _reply_entry(reply: Reply) -> _Entry:
    mobile = read_mobile(reply.number)
    return _Entry(reply, reply.at, reply.number, "", "delivered", mobile.country if mobile else "")


def _number(world: World, query: dict[str, str]) -> str | None:
    """The `destination` filter as the rows write numbers."""
    raw = query.get("destination")
    mobile = world.mobile(raw) if raw is not None else None
    return mobile.number if mobile else raw


def _checked(query: dict[str, str]) -> dict[str, str]:
    """The query, with -7 for a `type` or `status` that is not in the docs."""
    if "type" in query:
        one_of("messages-in", "messages-out")("type", query["type"])
    if "status" in query:
        one_of(*_STATUSES)("status", query["status"])
    return query


def _passes(
    entry: _Entry, query: dict[str, str], span: tuple[datetime, datetime], number: str | None
) -> bool:
    if number is not None and entry.destination != number:
        return False
    kind = "messages-in" if isinstance(entry.source, Reply) else "messages-out"
    return (
        in_span(entry.date, span)
        and query.get("type", kind) == kind
        and query.get("country", entry.country) == entry.country
        and query.get("status", entry.status) == entry.status
        and ("message" not in query or query["message"].lower() in entry.source.text.lower())
    )


def _sorted(entries: list[_Entry], sort: str | None) -> list[_Entry]:
    """Sort entries by `sort` (leading `-`: descending). The default is newest first, so pages shift under a client."""
    sort = sort or "-date"
    name = sort.removeprefix("-")
    if name not in _SORTS:
        raise wrong(f"The parameter 'sort' must be one of {', '.join(_SORTS)}")

    def key(entry: _Entry) -> tuple[Any, int]:
        value = entry.date.replace(microsecond=0) if name == "date" else getattr(entry, name)
        return value, int(entry.source.id)

    return sorted(entries, key=key, reverse=sort.startswith("-"))


def _row(entry: _Entry) -> Payload:
    source = entry.source
    is_message = isinstance(source, Message)
    return {
        "campaign_id": source.campaign_id,
        "client_id": source.account_id,
        "client_message_id": source.gsmsmsid if is_message else None,
        "contact_list_id": None,
        "message": source.text,
        "message_length": str(len(source.text)),
        "cost": str(source.cost) if isinstance(source, Message) else "0",
        "country": entry.country,
        "destination": entry.destination,
        "message_id": source.id,
        "sender": entry.sender,
        "date": paris_text(entry.date),
        "dlr_date": paris_text(source.receipt_at) if isinstance(source, Message) else None,
        "status": entry.status.upper(),
        "status_details": source.status_details if isinstance(source, Message) else "DELIVERED",
        "type": "sms_mt" if is_message else "sms_mo",
    }


def _reply_row(entry: _Entry) -> Payload:
    return {
        "message_id": entry.source.id,
        "campaign_id": entry.source.campaign_id,
        "destination": entry.destination,
        "message": entry.source.text,
        "info1": None,
        "info2": None,
        "date": paris_text(entry.date),
    }
