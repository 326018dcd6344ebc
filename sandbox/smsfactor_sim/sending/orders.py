"""Reads the order of a send call strictly from its three forms: query string, explicit numbers, stored lists.

Field names and shapes: SMSFactor docs. Sender rule: letters and digits, 11 at most (docs), at least 3 and one letter
(other clients' rule); the setting `sender_rule` permits those that recordings of 2023 show to be answered with status
1. The real gateway's answer to a number of links that does not match the tags is unconfirmed. Here it is -7.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.control import Settings
from sandbox.smsfactor_sim import fields
from sandbox.smsfactor_sim.fields import read_object, wrong
from sandbox.smsfactor_sim.sending.legal_hours import next_slot
from sandbox.smsfactor_sim.wire import BAD_DELAY, GatewayError, read_paris

_STRICT_SENDER = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9]{3,11}")
_WIDE_SENDER = re.compile(r"[A-Za-z0-9 ,.'&_-]{1,24}")


@dataclass(frozen=True)
class Recipient:
    """One entry of a call: the number as given, the caller's id for it, and merge fields (stored lists
    only)."""

    value: str
    gsmsmsid: str | None = None
    infos: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SendOrder:
    """The content of a send call. `delay` is the text given."""

    text: str
    recipients: tuple[Recipient, ...]
    push_type: str = "alert"
    sender: str | None = None
    delay: str | None = None
    unicode_on: bool = False
    links: tuple[str, ...] = ()
    list_ids: tuple[str, ...] = ()


def _check_sender(sender: str | None, settings: Settings) -> None:
    if sender is None:
        return
    if settings["sender_rule"] == "wide":
        if not _WIDE_SENDER.fullmatch(sender):
            raise wrong("The field 'sender' must be at most 24 letters, digits, blanks and commas")
    elif not _STRICT_SENDER.fullmatch(sender):
        raise wrong("The field 'sender' must be 3 to 11 letters and digits with a letter")


def _delay(name: str, value: Any) -> str:
    # A value that is not a text is a wrong date (-4), not a wrong field.
    return value if isinstance(value, str) else repr(value)


def _links(name: str, value: Any) -> tuple[str, ...]:
    return tuple(fields.url(name, link) for link in fields.filled_list(name, value))


_PUSH_TYPE = fields.one_of("alert", "marketing")
_OPTIONAL = {
    "pushtype": _PUSH_TYPE,
    "sender": fields.text,
    "delay": _delay,
    "unicode": fields.flag,
    "links": _links,
}


def _read_message(value: Any, settings: Settings) -> dict[str, Any]:
    """The `message` object as keyword arguments of SendOrder."""
    message = read_object(value, "message", {"text": fields.text}, _OPTIONAL)
    _check_sender(message.get("sender"), settings)
    links = message.get("links", ())
    if message["text"].count("<-short->") != len(links):
        raise wrong("The number of 'links' differs from the number of <-short-> tags")
    if links and "pushtype" not in message:
        raise wrong("The field 'pushtype' is required with 'links'")
    return {
        "text": message["text"],
        "push_type": message.get("pushtype", "alert"),
        "sender": message.get("sender"),
        "delay": message.get("delay"),
        "unicode_on": message.get("unicode", False),
        "links": links,
    }


def read_numbers_order(body: dict[str, Any], settings: Settings) -> SendOrder:
    """POST /send: {"sms": {"message": {...}, "recipients": {"gsm": [{"value", "gsmsmsid"?}]}}}."""
    sms = _read_sms(body, "recipients")
    recipients = read_object(sms["recipients"], "recipients", {"gsm": fields.filled_list})["gsm"]
    if len(recipients) > int(settings["max_recipients"]):
        raise wrong(f"There are more than {settings['max_recipients']} recipients")
    longest = int(settings["gsmsmsid_max"])
    return SendOrder(
        **_read_message(sms["message"], settings),
        recipients=tuple(_recipient(entry, longest) for entry in recipients),
    )


def read_lists_order(body: dict[str, Any], settings: Settings) -> tuple[SendOrder, list[str]]:
    """POST /send/lists: the order without recipients, and the ids of the lists."""
    sms = _read_sms(body, "lists")
    entries = sms["lists"]
    # XML names one `lists` element per list, so a single one arrives without its list.
    entries = fields.filled_list("lists", [entries] if isinstance(entries, dict) else entries)
    ids = [str(read_object(entry, "lists", {"value": fields.anything})["value"]) for entry in entries]
    return SendOrder(**_read_message(sms["message"], settings), recipients=(), list_ids=tuple(ids)), ids


def read_query_order(query: dict[str, str], settings: Settings) -> SendOrder:
    """GET /send: one recipient; no unicode, no links (not documented there)."""
    given = {name: value for name, value in query.items() if name not in ("to", "token", "gsmsmsid")}
    if "to" not in query:
        raise wrong("The field 'to' is required")
    entry = {"value": query["to"]}
    if "gsmsmsid" in query:
        entry["gsmsmsid"] = query["gsmsmsid"]
    recipient = _recipient(entry, int(settings["gsmsmsid_max"]))
    return SendOrder(**_read_message(given, settings), recipients=(recipient,))


def _read_sms(body: dict[str, Any], addressees: str) -> dict[str, Any]:
    sms = read_object(body, "body", {"sms": fields.anything})["sms"]
    return read_object(sms, "sms", {"message": fields.anything, addressees: fields.anything})


def _recipient(entry: Any, longest: int) -> Recipient:
    read = read_object(entry, "gsm", {"value": fields.text}, {"gsmsmsid": fields.text})
    gsmsmsid = read.get("gsmsmsid")
    if gsmsmsid is not None and (len(gsmsmsid) > longest or not gsmsmsid.isascii()):
        raise wrong(f"The field 'gsmsmsid' must be at most {longest} ASCII characters")
    return Recipient(read["value"], gsmsmsid)


def departure(order: SendOrder, now: datetime, settings: Settings) -> datetime:
    """The instant when the order's messages leave, aware UTC: its delay or now, and for marketing the next legal slot.

    Raises -4 for a delay that is malformed or older than the tolerance, and in the mode `reject` outside the
    slots.
    """
    due_at = now
    if order.delay is not None:
        try:
            due_at = read_paris(order.delay)
        except ValueError as error:
            raise GatewayError(BAD_DELAY, "The delay must be Y-m-d H:i:s") from error
        if due_at < now - timedelta(seconds=float(settings["delay_tolerance_s"])):
            raise GatewayError(BAD_DELAY, "The delay is in the past")
        due_at = max(due_at, now)
    mode = settings["marketing_window"]
    if order.push_type != "marketing" or mode == "ignore":
        return due_at
    legal_at = next_slot(due_at)
    if mode == "reject" and legal_at != due_at:
        raise GatewayError(BAD_DELAY, "Marketing may not leave at that time")
    return legal_at
