"""Reads the CRM record a view speaks of: its id comes from the browser, so HubSpot asks with the portal's token.

A deal has no number of its own: its contacts are asked, in the order of association, then its companies (F1.1).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connector.domain.phone_numbers import NumberRefused, PhoneNumber, parse
from connector.domain.refusals import Code, Refusal
from connector.hubspot.client import PortalClient
from connector.hubspot.paths import OBJECT_TYPES
from connector.hubspot.payloads import CrmRecord
from connector.portal_access import call_portal
from connector.store.portals import Portal
from connector.wiring import Wiring

# More associated people than this are not offered: the card is for texting the deal's people, not a list.
MAX_PEOPLE = 20
_NAME_PROPERTIES = {"0-1": ("firstname", "lastname"), "0-2": ("name",)}


@dataclass(frozen=True, slots=True)
class RecordNumber:
    """One phone property that is filled in, and whose it is."""

    property: str
    raw: str
    parsed: PhoneNumber | NumberRefused
    object_type_id: str
    object_id: str
    owner_name: str | None  # of a deal's contact or company; None: the record itself


@dataclass(frozen=True, slots=True)
class TextableRecord:
    """A record with the numbers it can be texted at, as HubSpot has them now."""

    object_type_id: str
    object_id: str
    numbers: list[RecordNumber]
    values: Mapping[str, str | None]  # the properties that were asked for


def object_type_of(object_type_id: str) -> str:
    """HubSpot's name of an object that has the card. Raises Refusal bad_request for any other."""
    object_type = OBJECT_TYPES.get(object_type_id)
    if object_type is None:
        raise Refusal(Code.BAD_REQUEST, field="object_type_id")
    return object_type


def read_record(
    wiring: Wiring, portal: Portal, object_type_id: str, object_id: str, properties: Sequence[str] = ()
) -> TextableRecord:
    """The record, its numbers in the portal's order, and the values of `properties`.

    Raises Refusal bad_request, NotFound, NotConnected or another HubSpotError.
    """
    object_type = object_type_of(object_type_id)
    own = _phone_properties(portal, object_type_id)

    def read(client: PortalClient) -> TextableRecord:
        record = client.read_object(object_type, object_id, [*own, *properties])
        if object_type_id == "0-3":
            numbers = _numbers_of_deal(client, portal, object_id)
        else:
            numbers = _numbers(portal, object_type_id, record, owner_name=None)
        return TextableRecord(object_type_id, record.record_id, numbers, record.properties)

    return call_portal(wiring, portal.portal_id, read, urgent=True)


def _phone_properties(portal: Portal, object_type_id: str) -> list[str]:
    if object_type_id == "0-1":
        return portal.phone_properties
    return portal.company_phone_properties if object_type_id == "0-2" else []


def _numbers_of_deal(client: PortalClient, portal: Portal, deal_id: str) -> list[RecordNumber]:
    """Of the first kind of associated record that has a usable number; else whatever numbers there are."""
    unusable: list[RecordNumber] = []
    for object_type_id in ("0-1", "0-2"):
        object_type = OBJECT_TYPES[object_type_id]
        people = client.read_associations("deals", [deal_id], object_type).get(deal_id, [])
        ids = [person.record_id for person in people[:MAX_PEOPLE]]
        if not ids:
            continue
        names = _NAME_PROPERTIES[object_type_id]
        wanted = [*_phone_properties(portal, object_type_id), *names]
        found = client.read_objects(object_type, ids, wanted)
        numbers = [
            number
            for person in found
            for number in _numbers(portal, object_type_id, person, owner_name=_name(person, names))
        ]
        if any(isinstance(number.parsed, PhoneNumber) for number in numbers):
            return numbers
        unusable += numbers
    return unusable


def _name(person: CrmRecord, names: Sequence[str]) -> str:
    return " ".join(filter(None, (person.properties.get(name) for name in names))) or person.record_id


def _numbers(
    portal: Portal, object_type_id: str, record: CrmRecord, *, owner_name: str | None
) -> list[RecordNumber]:
    numbers = []
    for name in _phone_properties(portal, object_type_id):
        raw = record.properties.get(name)
        if raw and raw.strip():
            parsed = parse(raw, portal.default_country)
            numbers.append(RecordNumber(name, raw, parsed, object_type_id, record.record_id, owner_name))
    return numbers
