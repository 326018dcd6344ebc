"""Finds the recipients of deals' SMS in HubSpot, for many deals at once.

A deal has no number of its own. Its contacts are read in the order of association, and the first with a usable number
of the chosen property is the recipient; else its primary company, else its other companies (F3.2). Up to 1,000 deals
cost one pair of association reads, and one read for each 100 people.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from connector.crm.reads import COMPANY, CONTACT, Reads
from connector.domain.phone_numbers import PhoneNumber, parse
from connector.hubspot.payloads import AssociatedRecord, CrmRecord

#: A deal's id, and which phone property of its contacts was chosen.
Deal = tuple[str, str]
# Positions of the associated people that each round reads: most deals need the first alone.
_ROUNDS = ((0, 1), (1, 5), (5, 20))


@dataclass(frozen=True, slots=True)
class Person:
    """The recipient of a deal's SMS, with the number."""

    object_type_id: str
    object_id: str
    recipient: PhoneNumber
    recipient_raw: str
    recipient_property: str


@dataclass(frozen=True, slots=True)
class PhoneRules:
    """How a portal's numbers are read."""

    default_country: str
    company_properties: Sequence[str]


def people_of_deals(reads: Reads, rules: PhoneRules, deals: Collection[Deal]) -> dict[Deal, Person]:
    """The recipient of each of up to 1,000 deals; deals without one are left out.

    Raises whatever `reads.ask` raises, for instance the HubSpotErrors of reads.
    """
    people: dict[Deal, Person] = {}
    for object_type_id in (CONTACT, COMPANY):
        left = [deal for deal in dict.fromkeys(deals) if deal not in people]
        if not left:
            break
        reads.read_associated((deal_id for deal_id, _ in left), object_type_id)
        for start, end in _ROUNDS:
            left = [deal for deal in left if deal not in people]
            owner_ids = {
                deal: [
                    owner.record_id
                    for owner in in_order(reads.associated(deal[0], object_type_id))[start:end]
                ]
                for deal in left
            }
            names = {name for deal in left for name in _phone_names(rules, object_type_id, deal[1])}
            reads.read_records(
                object_type_id, (owner_id for ids in owner_ids.values() for owner_id in ids), names
            )
            for deal, ids in owner_ids.items():
                owners = [record for owner_id in ids if (record := reads.record(object_type_id, owner_id))]
                person = _first_usable(rules, object_type_id, owners, deal[1])
                if person:
                    people[deal] = person
    return people


def in_order(associated: Iterable[AssociatedRecord]) -> list[AssociatedRecord]:
    """A deal's people in the order in which the card and workflows try them: as HubSpot lists them, the primary company
    first.
    """
    return sorted(associated, key=lambda record: not record.is_primary)


def _phone_names(rules: PhoneRules, object_type_id: str, chosen: str) -> Sequence[str]:
    return [chosen] if object_type_id == CONTACT else rules.company_properties


def _first_usable(
    rules: PhoneRules, object_type_id: str, owners: Iterable[CrmRecord], chosen: str
) -> Person | None:
    for owner in owners:
        for name in _phone_names(rules, object_type_id, chosen):
            raw = owner.properties.get(name)
            number = parse(raw, rules.default_country)
            if raw and isinstance(number, PhoneNumber):
                return Person(object_type_id, owner.record_id, number, raw, name)
    return None
