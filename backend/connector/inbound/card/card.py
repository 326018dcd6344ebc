"""The card on a record: its content, and the states of its messages. Called by `hubspot.fetch`."""

from types import MappingProxyType
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from connector.crm.properties import definitions_of
from connector.crm.records import (
    RecordNumber,
    TextableRecord,
    object_type_of,
    read_record,
    reading_deadline,
)
from connector.domain import legal_calendar
from connector.domain.phone_numbers import PhoneNumber
from connector.domain.rights import Right
from connector.domain.text.segments import MAX_PARTS, SHORT_URL_UNITS, STOP_MENTION_UNITS
from connector.domain.time_zones import zone_named
from connector.inbound.card.numbers import (
    MAX_NAME_BYTES,
    Labels,
    obey_opt_outs,
    read_labels,
    recipients_of,
    render_numbers,
    render_phone_properties,
)
from connector.inbound.http.answers import answer, read_body
from connector.inbound.http.callers import Caller, current_record_cache, current_wiring
from connector.inbound.http.rendering import (
    first_links,
    json_bytes,
    render_balance,
    render_message,
    settings_url,
    shortened,
)
from connector.settings import Settings
from connector.store.messages import by_record, messages
from connector.store.messages.messages import Message
from connector.use_cases.messages.explain_queue import explain_waiting
from connector.use_cases.messages.open_card import Card, open_card
from connector.use_cases.portals.want_balance import want_balance

# In bytes of JSON. With the bounds of `card_numbers` they limit any record's card to 50 KB. /card/messages returns a
# whole text.
MAX_TEXT_BYTES = 1000
MAX_CONTENT_BYTES = 1200  # of a message: its text, then its links in the remaining room


class RecordSchema(Schema):
    """The record of a view."""

    object_type_id = fields.Str(required=True)
    object_id = fields.Str(required=True, validate=validate.Regexp(r"^[0-9]{1,20}$"))


class MessagesSchema(Schema):
    ids = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1, max=20))


class PropertiesSchema(Schema):
    object_type_id = fields.Str(required=True)


def open_(caller: Caller) -> Response:
    body = read_body(RecordSchema())
    wiring = current_wiring()
    deadline = reading_deadline()
    record = read_record(
        wiring.hubspot, caller.portal, body["object_type_id"], body["object_id"], deadline=deadline
    )
    current_record_cache().forget(caller.portal.portal_id, body["object_type_id"], body["object_id"])
    obey_opt_outs(wiring, caller.portal, record)
    labels = read_labels(wiring, caller.portal, record.object_type_id, deadline)
    with wiring.pool.connection() as conn:
        card = open_card(
            conn,
            wiring.vault,
            caller.portal,
            object_type_id=record.object_type_id,
            object_id=record.object_id,
            recipients=recipients_of(record),
            user_id=caller.user_id,
        )
        want_balance(conn, card.link)
    return answer(render_card(caller, card, record, wiring.settings, labels))


def messages_(caller: Caller) -> Response:
    """The states of some of the portal's messages; it needs no call to HubSpot, so a view may ask often."""
    ids = read_body(MessagesSchema())["ids"]
    wiring = current_wiring()
    with wiring.pool.connection() as conn:
        portal_id = caller.portal.portal_id
        found = explain_waiting(conn, portal_id, messages.find(conn, portal_id, ids))
    return answer({"messages": [render_message(message, wiring.settings) for message in found]})


def mark_read(caller: Caller) -> Response:
    """Mark the replies from this record's numbers as read."""
    body = read_body(RecordSchema())
    wiring = current_wiring()
    record = read_record(wiring.hubspot, caller.portal, body["object_type_id"], body["object_id"])
    with wiring.pool.connection() as conn:
        by_record.mark_read(conn, caller.portal.portal_id, recipients_of(record))
    return answer({})


def properties(caller: Caller) -> Response:
    """The properties for merge fields: the portal's properties of this object, by label."""
    object_type = object_type_of(read_body(PropertiesSchema())["object_type_id"])
    found = definitions_of(current_wiring().hubspot, caller.portal, object_type.plural)
    return answer({"properties": [{"name": shape.name, "label": shape.label} for shape in found]})


def render_card(
    caller: Caller,
    card: Card,
    record: TextableRecord,
    settings: Settings,
    labels: Labels = MappingProxyType({}),
) -> dict[str, Any]:
    portal = card.portal
    numbers = render_numbers(record.numbers, card, labels)

    def render(message: Message) -> dict[str, Any]:
        name = _person_name(message, record.numbers)
        text = shortened(message.text, MAX_TEXT_BYTES)
        links = first_links(message.links, MAX_CONTENT_BYTES - json_bytes(text))
        return {
            **render_message(message, settings),
            "text": text,
            "links": links,
            "is_shortened": (text, links) != (message.text, message.links),
            "person_name": shortened(name, MAX_NAME_BYTES) if name else None,
        }

    return {
        "account": {
            "state": "linked" if card.link else "not_linked",
            "balance": render_balance(card.link),
            "problem": card.problem,
        },
        "numbers": numbers,
        # Unread people may have a number or none: the count shows only that the list is incomplete.
        "numbers_left_out": len(record.numbers) - len(numbers) + record.unread_people,
        "phone_properties": render_phone_properties(portal, record.object_type_id, labels),
        "sent_count": card.sent_count,
        "unread_count": card.unread_count,
        "messages": [render(message) for message in card.messages],
        "scheduled": [render(message) for message in card.scheduled],
        "scheduled_count": card.scheduled_count,
        "held": [render(message) for message in card.held],
        "has_draft": card.has_draft,
        "calendar": {
            "applies": any(country in legal_calendar.COUNTRIES for country in _countries(card, record))
        },
        "defaults": {"push_type": portal.default_push_type, "sender": portal.default_sender},
        "alert_rule": portal.alert_rule,
        "may_send": caller.may(Right.SEND),
        "may_edit_templates": caller.may(Right.TEMPLATES),
        "may_record_consent": caller.may(Right.CONSENT),
        "max_parts": MAX_PARTS,
        "short_url_units": SHORT_URL_UNITS,
        "stop_mention_units": STOP_MENTION_UNITS,
        "time_zone": zone_named(portal.time_zone).key,
        "settings_url": settings_url(portal, settings),
    }


def _person_name(message: Message, numbers: list[RecordNumber]) -> str | None:
    """The deal's contact or company that a message went to or came from; None on that record itself.

    A message sent from a deal stores its person, and a message sent from the person's own record stores that record.
    Any other (a reply, a message from elsewhere) is matched by its number alone, which several people may share.
    """
    names = {(n.object_type_id, n.object_id): n.owner_name for n in numbers}
    if message.person_object_id is not None:
        return names.get((message.person_object_type_id or "", message.person_object_id))
    own = names.get((message.object_type_id or "", message.object_id or ""))
    if own:
        return own
    sharing = {
        n.owner_name
        for n in numbers
        if isinstance(n.parsed, PhoneNumber) and n.parsed.e164 == message.recipient
    }
    return sharing.pop() if len(sharing) == 1 else None


def _countries(card: Card, record: TextableRecord) -> set[str]:
    """The countries of the record's usable numbers; without any, the portal's own country."""
    usable = {n.parsed.country for n in record.numbers if isinstance(n.parsed, PhoneNumber)}
    return usable or {card.portal.default_country}
