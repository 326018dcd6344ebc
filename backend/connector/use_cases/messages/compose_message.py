"""Compose one SMS in its final form: merge fields replaced, links placed, parts counted, legal hours respected.

The preview shows this and the send stores it, so users confirm exactly the SMS that is sent. Reads only; the clock and
the record's values are arguments.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from connector.domain.legal_calendar import CalendarSettings, Slot, next_slot
from connector.domain.phone_numbers import PhoneNumber
from connector.domain.refusals import Code, Refusal
from connector.domain.senders import check_sender
from connector.domain.text import merge_fields
from connector.domain.text.characters import Fitted, clean_text
from connector.domain.text.final_text import finish_text
from connector.domain.text.segments import Segments
from connector.domain.time_zones import zone_named
from connector.domain.vocabulary import PushType
from connector.store.portals.portals import Portal

# A time that passed while the user was confirming means "now".
PAST_ALLOWED = timedelta(minutes=5)
# Years outside are typing errors, or lie beyond the known holidays or the range of datetime.
EARLIEST_YEAR, LATEST_YEAR = 2000, 2099


@dataclass(slots=True)  # not frozen: made by the thousand (see store.messages.messages.Message)
class MessageRequest:
    """One requested SMS. `recipient` was read from the record, not taken from a browser."""

    object_type_id: str
    object_id: str
    person: tuple[str, str] | None  # for a deal: object type and id of the contact or company texted
    recipient: PhoneNumber
    recipient_raw: str
    recipient_property: str
    push_type: PushType
    sender: str | None
    unicode: bool  # permitted, not demanded
    text: str  # with merge fields, and one "<-short->" per link
    links: Sequence[str] = ()
    send_at: str | None = None  # "YYYY-MM-DDTHH:MM" on the portal's clock; None: now
    template_id: str | None = None
    #: Values of the record's properties for the merge fields.
    values: Mapping[str, str | None] = field(default_factory=dict)
    #: The portal's labels of those properties; a property that HubSpot lacks has no label.
    labels: Mapping[str, str] = field(default_factory=dict)
    is_rendered: bool = False  # the text has no merge fields: its braces are ordinary characters
    #: Special characters without an equivalent go where they would cost more: the user agreed.
    removes_special: bool = False
    #: The opt-out property of the record with the number was read a moment ago, and is empty.
    is_stop_empty: bool = False


@dataclass(slots=True)  # not frozen: made by the thousand (see store.messages.messages.Message)
class Composed:
    text: str
    sender: str | None
    links: list[str]
    segments: Segments
    asked_at: datetime
    slot: Slot
    fitted: Fitted | None = None  # the special characters that were replaced

    @property
    def is_delayed(self) -> bool:
        """Whether legal hours make the SMS leave later than requested."""
        return self.slot.at > self.asked_at


def compose_message(
    portal: Portal, request: MessageRequest, now: datetime, *, call_s: float = 0.0
) -> Composed:
    """`call_s`: maximum duration of the gateway call; 0 if no time is shown to users, as the claim checks again.

    Raises Refusal: sender_invalid, text_empty, text_tokens_invalid, property_missing, text_not_gsm7, text_too_long,
    url_invalid, link_count_wrong, country_not_allowed, schedule_in_past, schedule_too_far, bad_request.
    """
    sender = check_sender(request.sender)
    if portal.allowed_countries is not None and request.recipient.country not in portal.allowed_countries:
        raise Refusal(Code.COUNTRY_NOT_ALLOWED, country=request.recipient.country)
    final = finish_text(
        _rendered(request),
        tuple(request.links),
        push_type=request.push_type,
        sender=sender,
        unicode=request.unicode,
        removes_special=request.removes_special,
    )
    asked_at = _asked_at(portal, request.send_at, now)
    slot = slot_of(portal, request.push_type, request.recipient.country, asked_at, call_s=call_s)
    return Composed(final.text, sender, list(final.links), final.segments, asked_at, slot, final.fitted)


def slot_of(
    portal: Portal, push_type: PushType, country: str, asked_at: datetime, *, call_s: float = 0.0
) -> Slot:
    """The time at which a message may leave: at once, or for marketing within the recipient's legal hours.

    A call of `call_s` seconds always fits into the rest of the day's hours; otherwise the claim would refuse it (P11).
    """
    if push_type != PushType.MARKETING:
        return Slot(asked_at, None)
    settings = calendar_of(portal)
    slot = next_slot(asked_at, country, settings)
    if slot.ends_at is not None and slot.at + timedelta(seconds=call_s) >= slot.ends_at:
        return next_slot(slot.ends_at, country, settings)
    return slot


def calendar_of(portal: Portal) -> CalendarSettings:
    """The portal's choices for the legal hours."""
    return CalendarSettings(
        start_hour=portal.calendar_start_hour,
        end_hour=portal.calendar_end_hour,
        alsace_moselle=portal.alsace_moselle,
    )


def _rendered(request: MessageRequest) -> str:
    text = request.text
    if not request.is_rendered:
        rendered = merge_fields.render(text, request.values)
        if rendered.missing:
            labels = [request.labels.get(name, name) for name in rendered.missing]
            raise Refusal(Code.PROPERTY_MISSING, names=list(rendered.missing), labels=labels)
        text = rendered.text
    if not clean_text(text).strip():
        raise Refusal(Code.TEXT_EMPTY)
    return text


def _asked_at(portal: Portal, send_at: str | None, now: datetime) -> datetime:
    """The instant of a wall-clock time of the portal; a time that a clock change skips becomes an hour later.

    In an hour that the clocks show twice it is the first instant, or the second once that hour has begun.
    """
    if send_at is None:
        return now
    try:
        wall = datetime.fromisoformat(send_at)
    except ValueError:
        raise Refusal(Code.BAD_REQUEST, field="send_at") from None
    if wall.tzinfo is not None:
        raise Refusal(Code.BAD_REQUEST, field="send_at")
    if wall.year > LATEST_YEAR:
        raise Refusal(Code.SCHEDULE_TOO_FAR, year=LATEST_YEAR)
    if wall.year < EARLIEST_YEAR:
        raise Refusal(Code.SCHEDULE_IN_PAST)
    zone = zone_named(portal.time_zone)
    shown = now.astimezone(zone)
    fold = shown.fold if wall.date() == shown.date() else 0
    asked = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if asked < now - PAST_ALLOWED:
        raise Refusal(Code.SCHEDULE_IN_PAST)
    return max(asked, now)
