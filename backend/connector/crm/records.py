"""Reads the CRM record of a view. Its id comes from the browser, so it is read with the portal's token.

A deal has no number: its contacts are read in the order of association, then its companies (F1.1).
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, assert_never

from connector.crm.access import HubSpotAccess, Prepared
from connector.crm.people import in_order
from connector.domain.consent import is_opted_out, is_stop_empty
from connector.domain.objects import COUNTRY_PROPERTY, OBJECT_TYPES, OWNER_PROPERTIES, ObjectType
from connector.domain.phone_numbers import NumberRefused, PhoneNumber, parse
from connector.domain.refusals import Code, Refusal
from connector.hubspot.client import MAX_BATCH_OBJECTS, PortalClient
from connector.hubspot.payloads import CrmRecord
from connector.store.crm import record_numbers
from connector.store.portals.portals import Portal

#: Properties to read of people, by object type id.
PeopleProperties = Mapping[str, Sequence[str]]
NO_PROPERTIES: Final[PeopleProperties] = {}
#: Total time for a view's calls to HubSpot. A view gives up after 12 s, and SMSFactor may be called after HubSpot.
READING_S: Final = 6.0
# Most people read for a deal. The second hundred is read only if the first has no usable number.
MAX_PEOPLE: Final = 200


@dataclass(frozen=True, slots=True)
class WantedProperties:
    """The properties to read beside the numbers: of the record, and of the people at whose numbers it is texted."""

    own: Sequence[str] = ()
    people: PeopleProperties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordNumber:
    """A phone property with a value, and its owner."""

    property: str
    raw: str
    parsed: PhoneNumber | NumberRefused
    object_type_id: str
    object_id: str
    owner_name: str | None  # of a deal's contact or company; None: the record itself
    is_ambiguous: bool = False  # one of two readings of the same property: a user must choose
    owner_values: Mapping[str, str | None] = field(
        default_factory=dict
    )  # the requested properties of that person
    is_stop_empty: bool = False  # the owner's opt-out property has no value


@dataclass(frozen=True, slots=True)
class TextableRecord:
    """A record with the numbers it can be texted at, as HubSpot has them now."""

    object_type_id: str
    object_id: str
    numbers: list[RecordNumber]
    values: Mapping[str, str | None]  # the requested properties
    unread_people: int = 0  # of a deal: associated people whose numbers were not read
    #: Numbers whose contact or company HubSpot has as opted out; the app may have written it.
    opted_out: Sequence[record_numbers.Entry] = ()


def is_usable(number: RecordNumber) -> bool:
    """Whether an SMS can go to this number."""
    return isinstance(number.parsed, PhoneNumber)


def object_type_of(object_type_id: str) -> ObjectType:
    """The object that has the card. Raises Refusal bad_request for any other."""
    object_type = OBJECT_TYPES.get(object_type_id)
    if object_type is None:
        raise Refusal(Code.BAD_REQUEST, field="object_type_id")
    return object_type


def reading_deadline() -> float:
    """The `deadline` (see `HubSpotAccess.call_portal`) of all calls to HubSpot for a view's request that begins now."""
    return time.monotonic() + READING_S


def read_record(
    hubspot: HubSpotAccess,
    portal: Portal,
    object_type_id: str,
    object_id: str,
    properties: Sequence[str] = (),
    *,
    people_properties: PeopleProperties = NO_PROPERTIES,
    deadline: float | None = None,
    prepared: Prepared | None = None,
) -> TextableRecord:
    """The record, its numbers in the portal's order, and the values of `properties`.

    `people_properties`: of the people at whose numbers the record is texted, if it has people, by object type id.
    `prepared`: see `HubSpotAccess.prepare`. `deadline`: shared with the caller's other calls to HubSpot. Raises Refusal
    bad_request, NotFound, NotConnected or another HubSpotError.
    """
    object_type = object_type_of(object_type_id)
    own = phone_properties_of(portal, object_type_id)

    def read(client: PortalClient) -> TextableRecord:
        owner_properties = [] if object_type.people else OWNER_PROPERTIES
        wanted = dict.fromkeys([*own, *owner_properties, *properties])
        record = client.read_object(object_type.plural, object_id, list(wanted))
        if object_type.people:
            people = _read_all_people(client, portal, object_type, record.record_id, people_properties)
        else:
            people = _People([_of_owner(portal, object_type_id, record, owner_name=None)])
        return TextableRecord(
            object_type_id,
            record.record_id,
            people.numbers,
            record.properties,
            people.unread,
            [entry for owner in people.owners for entry in owner.opted_out],
        )

    return hubspot.call_portal(
        portal.portal_id, read, urgent=True, deadline=deadline or reading_deadline(), prepared=prepared
    )


def phone_properties_of(portal: Portal, object_type_id: str) -> list[str]:
    """The portal's phone properties of such a record, in the portal's order."""
    setting = OBJECT_TYPES[object_type_id].phone_setting
    match setting:
        case "phone_properties":
            return portal.phone_properties
        case "company_phone_properties":
            return portal.company_phone_properties
        case None:
            return []
    assert_never(setting)


def numbers_in(properties: Mapping[str, str | None], names: Sequence[str], default_country: str) -> set[str]:
    """The numbers that these properties hold, E.164; both readings of an ambiguous one."""
    found: set[str] = set()
    for name in names:
        parsed = parse(properties.get(name), default_country, properties.get(COUNTRY_PROPERTY))
        readings = parsed.readings if isinstance(parsed, NumberRefused) else (parsed,)
        found.update(reading.e164 for reading in readings)
    return found


@dataclass(frozen=True, slots=True)
class _Owner:
    """A contact or company with its numbers."""

    numbers: list[RecordNumber]
    opted_out: list[record_numbers.Entry]  # its numbers, if HubSpot has it as opted out


@dataclass(slots=True)
class _People:
    """The contacts or companies of a record, and how many were not read."""

    owners: list[_Owner]
    unread: int = 0

    @property
    def numbers(self) -> list[RecordNumber]:
        return [number for owner in self.owners for number in owner.numbers]

    @property
    def has_usable(self) -> bool:
        return any(is_usable(number) for number in self.numbers)


def _read_all_people(
    client: PortalClient,
    portal: Portal,
    object_type: ObjectType,
    object_id: str,
    properties: PeopleProperties,
) -> _People:
    """The associated people. If one kind of record has a usable number, only the first such kind is returned."""
    found = _People([])
    for people in (OBJECT_TYPES[people_id] for people_id in object_type.people):
        associated = client.read_associations(object_type.plural, [object_id], people.plural)
        ids = [person.record_id for person in in_order(associated.get(object_id, []))]
        of_kind = _read_people(client, portal, people, ids, properties.get(people.id, ()))
        found.unread += of_kind.unread
        if of_kind.has_usable:
            return _People(of_kind.owners, found.unread)
        found.owners += of_kind.owners
    return found


def _read_people(
    client: PortalClient,
    portal: Portal,
    object_type: ObjectType,
    ids: Sequence[str],
    properties: Sequence[str],
) -> _People:
    """People, 100 a call until one has a usable number."""
    names = object_type.name_properties
    phones = phone_properties_of(portal, object_type.id)
    wanted = [*dict.fromkeys([*phones, *names, *OWNER_PROPERTIES, *properties])]
    found = _People([], unread=len(ids))
    read_count = 0
    while read_count < min(len(ids), MAX_PEOPLE) and not found.has_usable:
        batch = ids[read_count : read_count + MAX_BATCH_OBJECTS]
        for person in client.read_objects(object_type.plural, batch, wanted).values():
            owner = _of_owner(portal, object_type.id, person, owner_name=_name(person, names))
            values = {name: person.properties.get(name) for name in properties}
            numbers = [replace(number, owner_values=values) for number in owner.numbers]
            found.owners.append(replace(owner, numbers=numbers))
        read_count += len(batch)
    found.unread -= read_count
    return found


def _name(person: CrmRecord, names: Sequence[str]) -> str:
    return " ".join(filter(None, (person.properties.get(name) for name in names))) or person.record_id


def _of_owner(portal: Portal, object_type_id: str, record: CrmRecord, *, owner_name: str | None) -> _Owner:
    """The record's numbers; one that may be a handset in two countries counts as two."""
    numbers = []
    for name in phone_properties_of(portal, object_type_id):
        raw = record.properties.get(name)
        if not raw or not raw.strip():
            continue
        parsed = parse(raw, portal.default_country, record.properties.get(COUNTRY_PROPERTY))
        readings = parsed.readings if isinstance(parsed, NumberRefused) else ()
        numbers += [
            RecordNumber(
                name,
                raw,
                reading,
                object_type_id,
                record.record_id,
                owner_name,
                is_ambiguous=bool(readings),
                is_stop_empty=is_stop_empty(record.properties),
            )
            for reading in readings or [parsed]
        ]
    opted_out = [
        (number.parsed.e164, object_type_id, record.record_id)
        for number in numbers
        if isinstance(number.parsed, PhoneNumber) and is_opted_out(record.properties)
    ]
    return _Owner(numbers, opted_out)
