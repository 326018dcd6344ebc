"""Reads the CRM record a view speaks of: its id comes from the browser, so HubSpot is asked with the portal's token."""

from dataclasses import dataclass

from connector.domain.phone_numbers import NumberRefused, PhoneNumber, parse
from connector.domain.refusals import Code, Refusal
from connector.portal_access import call_portal
from connector.store.portals import Portal
from connector.wiring import Wiring

# Objects that have the card so far.
OBJECT_TYPES = {"0-1": "contacts"}


@dataclass(frozen=True, slots=True)
class RecordNumber:
    """One phone property of the record that is filled in."""

    property: str
    raw: str
    parsed: PhoneNumber | NumberRefused


def read_numbers(wiring: Wiring, portal: Portal, object_type_id: str, object_id: str) -> list[RecordNumber]:
    """The record's numbers in the portal's order, as HubSpot has them now.

    Raises Refusal bad_request for an object without a card, NotFound, NotConnected or another HubSpotError.
    """
    object_type = OBJECT_TYPES.get(object_type_id)
    if object_type is None:
        raise Refusal(Code.BAD_REQUEST, field="object_type_id")
    record = call_portal(
        wiring,
        portal.portal_id,
        lambda client: client.read_object(object_type, object_id, portal.phone_properties),
    )
    numbers = []
    for name in portal.phone_properties:
        raw = record.properties.get(name)
        if raw and raw.strip():
            numbers.append(RecordNumber(name, raw, parse(raw, portal.default_country)))
    return numbers
