"""The fields of the workflow actions: parsed inputs, and the outputs for workflows to branch on. No I/O.

hubspot/executions.py reads the calls, whose shape is HubSpot's.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, Literal, TypeVar

from connector.domain import objects
from connector.domain.refusals import Code, Refusal
from connector.domain.text.texts import id_text
from connector.domain.vocabulary import (
    Action,
    ExecutionStatus,
    Hold,
    MessageState,
    OutcomeReason,
    PushType,
    Reason,
    WaitFor,
)

HsState = Literal["SUCCESS", "FAIL_CONTINUE", "BLOCK"]
#: Values of the output `reason`.
OutputReason = Code | Reason | Hold | MessageState | OutcomeReason | Literal[""]

#: Scope that lets an app block a workflow and report the outcome to it.
BLOCKING_SCOPE: Final = "automation"

Word = TypeVar("Word", bound=StrEnum)

_TRUE: Final = frozenset({"true", "yes", "1", "on"})
_FALSE: Final = frozenset({"", "false", "no", "0", "off"})
_DEFAULT_WAIT_HOURS: Final = 24.0
_WAIT_HOURS: Final = (1.0, 168.0)
_PERSONAL: Final = frozenset({"recipient", "message"})

# Params of refusals that name the thing at fault, and the length of HubSpot's history lines that we rely on.
_DETAILS: Final = ("labels", "names", "characters", "field", "fragment", "url", "hours")
_DETAIL_LENGTH: Final = 200

# HubSpot stops waiting this long after our own timer (protocol P18), so our timer always fires first.
BLOCK_MARGIN: Final = timedelta(hours=1)

#: Every reason that has an execution rule in the action's definition; a refusal with another code is `bad_input`.
REASONS: Final = frozenset(
    {
        Code.OPTED_OUT,
        Code.NUMBER_MISSING,
        Code.NUMBER_INVALID,
        Code.NUMBER_NOT_MOBILE,
        Code.NUMBER_SPECIAL_RATE,
        Code.NUMBER_EXTENSION,
        Code.NUMBER_AMBIGUOUS,
        Code.NO_RECIPIENT,
        Code.ACCOUNT_NOT_LINKED,
        Code.TEXT_EMPTY,
        Code.TEXT_NOT_GSM7,
        Code.TEXT_TOO_LONG,
        Code.TEXT_TOKENS_LEFT,
        Code.PROPERTY_MISSING,
        Code.PROPERTY_UNKNOWN,
        Code.PROPERTY_UNREADABLE,
        Code.SENDER_INVALID,
        Code.URL_INVALID,
        Code.COUNTRY_NOT_ALLOWED,
        Code.TEMPLATE_NOT_FOUND,
        Code.BAD_INPUT,
        Code.ALREADY_TEXTED,
        Code.TOO_OLD,
        Code.RECORD_NOT_FOUND,
        Code.SCOPE_MISSING,
    }
)


@dataclass(slots=True)  # not frozen: made by the thousand (see store.messages.messages.Message)
class Execution:
    """One execution requested by HubSpot; (portal, callback_id) is its idempotency key."""

    callback_id: str
    action: Action
    workflow_id: str | None
    object_type_id: str  # "": a workflow without an enrolled record
    object_id: str
    inputs: Mapping[str, Any]  # name -> raw value; stored as `request`
    #: The record's OWNER_PROPERTIES that HubSpot sent along (objectRequestOptions of the definition).
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)  # not frozen: made by the thousand (see store.messages.messages.Message)
class Inputs:
    """The action's parsed fields."""

    recipient: str  # of send_sms: the number as stored in the record
    phone_property: str  # of send_sms_deal: the property of the deal's people
    push_type: PushType
    sender: str | None
    stop_mention: bool
    unicode: bool
    shorten_links: bool
    template_id: uuid.UUID | None  # None if there is a message, which takes precedence
    message: str
    wait_for: WaitFor
    wait_s: int | None  # from hand-over to the gateway; None: no wait


@dataclass(slots=True)  # not frozen: made by the thousand (see store.messages.messages.Message)
class Outputs:
    """The action's output fields, for workflows to branch on."""

    status: ExecutionStatus
    reason: OutputReason = ""
    message_id: str = ""
    recipient: str = ""
    sms_count: int = 0
    cost: int = 0
    reply: str = ""
    detail: str = ""  # of a refusal: the characters, properties, field or address at fault

    def as_json(self) -> dict[str, str]:
        """All fields as strings, for the column and for HubSpot."""
        return {
            "message_id": self.message_id,
            "status": self.status,
            "reason": self.reason,
            "recipient": self.recipient,
            "sms_count": str(self.sms_count),
            "cost": str(self.cost),
            "reply": self.reply,
            "detail": self.detail,
        }


def refused(refusal: Refusal, recipient: str = "") -> Outputs:
    """Outputs of a business refusal: no message was stored, and nothing will be charged."""
    code = refusal.code if refusal.code in REASONS else Code.BAD_INPUT
    parts = refusal.params.get("parts", 0)
    return Outputs(
        ExecutionStatus.REFUSED,
        code,
        recipient=recipient,
        sms_count=parts if isinstance(parts, int) else 0,
        detail=_detail(refusal),
    )


def _detail(refusal: Refusal) -> str:
    """The thing at fault, for the sentence in the workflow's history; empty if the code says it all."""
    for name in _DETAILS:
        value = refusal.params.get(name)
        if value:
            text = ", ".join(map(_visible, value)) if isinstance(value, list) else str(value)
            return text if len(text) <= _DETAIL_LENGTH else f"{text[: _DETAIL_LENGTH - 1]}…"
    return ""


def _visible(character: str) -> str:
    """A character that shows nothing by its code; any other text unchanged."""
    return character if character.isprintable() and not character.isspace() else f"U+{ord(character[0]):04X}"


#: Statuses that the workflow treats as a failure.
_FAILED: Final = frozenset({ExecutionStatus.FAILED, ExecutionStatus.NOT_SENT, ExecutionStatus.REFUSED})


def hs_state(status: ExecutionStatus) -> HsState:
    """The state that HubSpot gets for an outcome."""
    # No `match`: during a deployment a newer version may have stored a status that this one does not know.
    return "FAIL_CONTINUE" if status in _FAILED else "SUCCESS"


def wait_times(slot_at: datetime, wait_s: int) -> tuple[datetime, datetime]:
    """(our timer, end of HubSpot's wait) for a message that may leave at `slot_at` (protocol P18)."""
    timer_at = slot_at + timedelta(seconds=wait_s)
    return timer_at, timer_at + BLOCK_MARGIN


def read_inputs(action: Action, raw: Mapping[str, Any]) -> Inputs:
    """Parse the action's fields. Raises Refusal bad_input, text_empty, template_not_found."""
    message = _given(raw, "message")
    # With types: True, 1 and 1.0 are one dictionary key, but different values of a field.
    others = tuple((name, type(value), value) for name, value in raw.items() if name not in _PERSONAL)
    read = _read_others(action, others, has_message=bool(message.strip()))
    return Inputs(recipient=_given(raw, "recipient"), message=message, **read)


@lru_cache(maxsize=1024)  # a workflow calls thousands of times with the same settings
def _read_others(
    action: Action, others: tuple[tuple[str, type, Any], ...], *, has_message: bool
) -> dict[str, Any]:
    """All fields but recipient and message, which are personal."""
    raw = {name: value for name, _, value in others}
    push_type = _word(PushType, raw, "push_type")
    phone_property = _text(raw, "phone_property")
    if action == Action.SEND_SMS_DEAL and phone_property not in objects.CONTACT.phone_properties:
        raise Refusal(Code.BAD_INPUT, field="phone_property")
    wait_for, wait_s = _wait(raw)
    return {
        "phone_property": phone_property,
        "push_type": push_type,
        "sender": _text(raw, "sender") or None,
        "stop_mention": _flag(raw, "stop_mention"),
        "unicode": _flag(raw, "unicode"),
        "shorten_links": _flag(raw, "shorten_links"),
        "template_id": None if has_message else _template_id(raw),
        "wait_for": wait_for,
        "wait_s": wait_s,
    }


def _given(raw: Mapping[str, Any], name: str) -> str:
    """A field as unchanged text; empty if it is absent."""
    value = raw.get(name)
    if value is None or isinstance(value, bool):
        return ""
    return value if isinstance(value, str) else id_text(value) or str(value)


def _text(raw: Mapping[str, Any], name: str) -> str:
    return _given(raw, name).strip()


def _flag(raw: Mapping[str, Any], name: str) -> bool:
    value = raw.get(name)
    word = str(value).lower() if isinstance(value, bool) else _text(raw, name).lower()
    if word not in _TRUE and word not in _FALSE:
        raise Refusal(Code.BAD_INPUT, field=name)
    return word in _TRUE


def _word(words: type[Word], raw: Mapping[str, Any], name: str, *, default: Word | None = None) -> Word:
    """A word of a closed set, in any case. Raises Refusal bad_input."""
    written = _text(raw, name).lower()
    if default is not None and not written:
        return default
    try:
        return words(written)
    except ValueError:
        raise Refusal(Code.BAD_INPUT, field=name) from None


def _template_id(raw: Mapping[str, Any]) -> uuid.UUID:
    written = _text(raw, "template")
    if not written:
        raise Refusal(Code.TEXT_EMPTY)
    try:
        return uuid.UUID(written)
    except ValueError:
        raise Refusal(Code.TEMPLATE_NOT_FOUND) from None


def _wait(raw: Mapping[str, Any]) -> tuple[WaitFor, int | None]:
    wait_for = _word(WaitFor, raw, "wait_for", default=WaitFor.NO)
    if wait_for == WaitFor.NO:
        return wait_for, None
    try:
        hours = float(_text(raw, "wait_hours").replace(",", ".") or _DEFAULT_WAIT_HOURS)
    except ValueError:
        raise Refusal(Code.BAD_INPUT, field="wait_hours") from None
    if not _WAIT_HOURS[0] <= hours <= _WAIT_HOURS[1]:
        raise Refusal(Code.BAD_INPUT, field="wait_hours")
    return wait_for, round(hours * 3600)
