"""Finds the recipients of deals' SMS in HubSpot, for many deals at once; any object with `people` works the same way.

A deal has no number of its own. Its contacts are read in the order of association, and the first with a usable number
of the chosen property is the recipient; else its primary company, else its other companies (F3.2). Up to 1,000 deals
cost one pair of association reads, and one read for each 100 people.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from connector.crm.reads import Reads
from connector.domain.consent import is_opted_out, is_stop_empty
from connector.domain.objects import CONTACT, COUNTRY_PROPERTY, OBJECT_TYPES, OWNER_PROPERTIES
from connector.domain.phone_numbers import NumberRefused, PhoneNumber, parse
from connector.hubspot.payloads import AssociatedRecord, CrmRecord

# Positions of the associated people that each round reads: most deals need the first alone.
_ROUNDS = ((0, 1), (1, 5), (5, 20))


class Enrolled(NamedTuple):
    """A record without its own numbers (a deal), and the chosen phone property of its contacts."""

    object_type_id: str
    object_id: str
    phone_property: str


@dataclass(frozen=True, slots=True)
class Person:
    """The recipient of a deal's SMS, with the number."""

    object_type_id: str
    object_id: str
    recipient: PhoneNumber
    recipient_raw: str
    recipient_property: str
    is_opted_out: bool = False  # HubSpot has the contact or company as opted out; the app may have written it
    is_stop_empty: bool = False  # HubSpot has no value for it


@dataclass(frozen=True, slots=True)
class PhoneRules:
    """A portal's settings for reading numbers."""

    default_country: str
    company_properties: Sequence[str]


#: The recipient of a record; NumberRefused: nobody has a usable number, and one of the numbers is ambiguous.
Found = Person | NumberRefused


def find_people(reads: Reads, rules: PhoneRules, enrolled: Collection[Enrolled]) -> dict[Enrolled, Found]:
    """The recipient of each of up to 1,000 records; records without one are left out.

    Raises whatever `reads.ask` raises, for instance the HubSpotErrors of reads.
    """
    people: dict[Enrolled, Person] = {}
    ambiguous: dict[Enrolled, NumberRefused] = {}
    for object_type_id in dict.fromkeys(record.object_type_id for record in enrolled):
        of_type = [record for record in dict.fromkeys(enrolled) if record.object_type_id == object_type_id]
        for people_type_id in OBJECT_TYPES[object_type_id].people:
            left = [record for record in of_type if record not in people]
            if not left:
                break
            reads.read_associated(object_type_id, (record.object_id for record in left), people_type_id)
            for start, end in _ROUNDS:
                left = [record for record in left if record not in people]
                for record, found in _read_round(reads, rules, left, people_type_id, start, end).items():
                    if isinstance(found, Person):
                        people[record] = found
                    else:
                        ambiguous.setdefault(record, found)
    return {**ambiguous, **people}


def _read_round(
    reads: Reads, rules: PhoneRules, left: Sequence[Enrolled], people_type_id: str, start: int, end: int
) -> dict[Enrolled, Found]:
    """The recipients among the associated people `start` to `end` of these records, which are of one object."""
    owner_ids: dict[Enrolled, list[str]] = {}
    for record in left:
        associated = in_order(reads.associated(record.object_type_id, record.object_id, people_type_id))
        owner_ids[record] = [owner.record_id for owner in associated[start:end]]
    names = {name for record in left for name in _phone_names(rules, people_type_id, record.phone_property)}
    names.update(OWNER_PROPERTIES)
    reads.read_records(people_type_id, (owner_id for ids in owner_ids.values() for owner_id in ids), names)
    found: dict[Enrolled, Found] = {}
    for record, ids in owner_ids.items():
        owners = [owner for owner_id in ids if (owner := reads.record(people_type_id, owner_id))]
        person = _first_usable(rules, people_type_id, owners, record.phone_property)
        if person:
            found[record] = person
    return found


def in_order(associated: Iterable[AssociatedRecord]) -> list[AssociatedRecord]:
    """A deal's people in the order that the card and workflows try them: HubSpot's, with the primary company first."""
    return sorted(associated, key=lambda record: not record.is_primary)


def _phone_names(rules: PhoneRules, object_type_id: str, chosen: str) -> Sequence[str]:
    return [chosen] if object_type_id == CONTACT.id else rules.company_properties


def _first_usable(
    rules: PhoneRules, object_type_id: str, owners: Iterable[CrmRecord], chosen: str
) -> Found | None:
    """The first usable number; without one, the first that is ambiguous."""
    ambiguous: NumberRefused | None = None
    for owner in owners:
        for name in _phone_names(rules, object_type_id, chosen):
            raw = owner.properties.get(name)
            number = parse(raw, rules.default_country, owner.properties.get(COUNTRY_PROPERTY))
            if raw and isinstance(number, PhoneNumber):
                stop, is_empty = is_opted_out(owner.properties), is_stop_empty(owner.properties)
                return Person(object_type_id, owner.record_id, number, raw, name, stop, is_empty)
            if isinstance(number, NumberRefused) and number.readings:
                ambiguous = ambiguous or number
    return ambiguous
