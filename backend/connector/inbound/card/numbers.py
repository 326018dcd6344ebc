"""The numbers of a record for its card: usable ones first, named by their properties, within size limits."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any, Final

import structlog

from connector.crm.properties import definitions_of
from connector.crm.records import RecordNumber, TextableRecord, is_usable, phone_properties_of
from connector.domain.objects import OBJECT_TYPES, people_of
from connector.domain.phone_numbers import NumberRefused, PhoneNumber
from connector.domain.refusals import Code, Refusal
from connector.hubspot.errors import HubSpotError
from connector.inbound.http.rendering import shortened
from connector.store.portals.portals import Portal
from connector.use_cases.consent.note_opt_outs import note_hubspot_opt_outs
from connector.use_cases.messages.open_card import Card
from connector.wiring import Wiring

log = structlog.get_logger()

#: (object type id, property) -> HubSpot's label.
Labels = Mapping[tuple[str, str], str]

#: Bytes of JSON: all numbers, one number's value, a name of a person or property.
MAX_NUMBERS_BYTES: Final = 18_000
MAX_RAW_BYTES: Final = 100
MAX_NAME_BYTES: Final = 200
# Properties that the views have words for, in the user's language (packages/i18n, keys `property.…`).
_KNOWN: Final = frozenset({"phone", "mobilephone", "hs_whatsapp_phone_number"})
# A label rarely changes, and cards are opened all the time: yesterday's is good enough.
_LABELS_MAX_AGE_S: Final = 86_400.0


def recipients_of(record: TextableRecord) -> list[str]:
    """The record's usable numbers, E.164."""
    return [number.parsed.e164 for number in record.numbers if isinstance(number.parsed, PhoneNumber)]


def obey_opt_outs(wiring: Wiring, portal: Portal, record: TextableRecord) -> None:
    """Put the opt-outs by hand that were read with the record into the ledger, in a transaction of their own."""
    if record.opted_out:
        with wiring.pool.connection() as conn:
            note_hubspot_opt_outs(conn, portal.portal_id, record.opted_out, at=datetime.now(UTC))


def chosen_number(
    numbers: Sequence[RecordNumber], body: Mapping[str, Any]
) -> tuple[RecordNumber, PhoneNumber]:
    """The number that the user chose, if the record still has it. Raises Refusal."""
    owner = (
        body["number_object_type_id"] or body["object_type_id"],
        body["number_object_id"] or body["object_id"],
    )
    chosen = (*owner, body["property"])
    of_property = [n for n in numbers if (n.object_type_id, n.object_id, n.property) == chosen]
    # A number that may be a handset in two countries is there twice.
    same = [
        n for n in of_property if isinstance(n.parsed, PhoneNumber) and n.parsed.e164 == body["recipient"]
    ]
    number = next(iter(same or of_property), None)
    if number is None:
        raise Refusal(Code.NUMBER_MISSING)
    if isinstance(number.parsed, NumberRefused):
        raise number.parsed.refusal()
    if number.parsed.e164 != body["recipient"]:
        # The record was edited meanwhile: the user did not choose its new number.
        raise Refusal(Code.NUMBER_CHANGED)
    return number, number.parsed


def read_labels(wiring: Wiring, portal: Portal, object_type_id: str, deadline: float) -> Labels:
    """HubSpot's labels of the portal's custom phone properties; properties without a label are left out.

    Most portals have no such property and need no call; others need one call a day for each object type.
    """
    labels: dict[tuple[str, str], str] = {}
    for kind in people_of(object_type_id):
        own = set(phone_properties_of(portal, kind)) - _KNOWN
        if not own:
            continue
        try:
            shapes = definitions_of(
                wiring.hubspot,
                portal,
                OBJECT_TYPES[kind].plural,
                max_age_s=_LABELS_MAX_AGE_S,
                deadline=deadline,
            )
        except HubSpotError as fault:
            log.warning("labels_unknown", error=type(fault).__name__)  # the card works without labels
            continue
        labels.update({(kind, shape.name): shape.label for shape in shapes if shape.name in own})
    return labels


def render_phone_properties(portal: Portal, object_type_id: str, labels: Labels) -> list[dict[str, Any]]:
    """The properties that count as numbers of this record, in the portal's order."""
    return [
        {"object_type_id": kind, "name": name, "label": _label(labels, kind, name)}
        for kind in people_of(object_type_id)
        for name in phone_properties_of(portal, kind)
    ]


def render_numbers(numbers: Sequence[RecordNumber], card: Card, labels: Labels) -> list[dict[str, Any]]:
    """As many numbers as there is room for: the first usable ones, then the first others."""
    ordered = sorted(numbers, key=lambda number: not is_usable(number))
    rendered = [_render_number(number, card, labels) for number in ordered]
    sizes = accumulate(len(json.dumps(entry, ensure_ascii=False).encode()) for entry in rendered)
    return [entry for entry, size in zip(rendered, sizes, strict=True) if size <= MAX_NUMBERS_BYTES]


def _label(labels: Labels, object_type_id: str, name: str) -> str | None:
    label = labels.get((object_type_id, name))
    return shortened(label, MAX_NAME_BYTES) if label else None


def _render_number(number: RecordNumber, card: Card, labels: Labels) -> dict[str, Any]:
    parsed = number.parsed
    rendered: dict[str, Any] = {
        "property": number.property,
        "property_label": _label(labels, number.object_type_id, number.property),
        "raw": shortened(number.raw, MAX_RAW_BYTES),
        "object_type_id": number.object_type_id,
        "object_id": number.object_id,
        "owner_name": shortened(number.owner_name, MAX_NAME_BYTES) if number.owner_name else None,
        "is_ambiguous": number.is_ambiguous,
    }
    if not isinstance(parsed, PhoneNumber):
        nothing = {"recipient": None, "country": None, "kind": None, "is_foreign": False}
        marks = {"is_opted_out": False, "is_npai": False}
        error = {"code": parsed.code.value, "params": {"raw": rendered["raw"]}}
        return {**rendered, **nothing, **marks, "error": error}
    return {
        **rendered,
        "recipient": parsed.e164,
        "country": parsed.country,
        "kind": parsed.kind,
        "is_foreign": parsed.country != card.portal.default_country,
        "is_opted_out": parsed.e164 in card.opted_out,
        "is_npai": parsed.e164 in card.unassigned,
        "error": None,
    }
