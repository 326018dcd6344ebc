"""Chooses the person who gets a deal's SMS, from HubSpot's answers; other tests cover the calls themselves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, cast

from connector.crm.people import Enrolled, Person, PhoneRules, find_people
from connector.crm.reads import Definitions, Reads
from connector.domain.objects import COMPANY, CONTACT, DEAL
from connector.hubspot.client import PortalClient
from connector.hubspot.payloads import AssociatedRecord, CrmRecord

T = TypeVar("T")
RULES = PhoneRules("FR", ["phone"])
MOBILE, OTHER, LANDLINE = "06 12 34 56 01", "06 12 34 56 02", "01 42 68 53 00"


@dataclass
class Crm:
    """Both reads, answered from dictionaries; `asked` records each call."""

    links: dict[tuple[str, str], list[AssociatedRecord]]  # (deal, type): people
    records: dict[tuple[str, str], dict[str, str]]
    asked: list[tuple[str, list[str]]] = field(default_factory=list)

    def ask(self, call: Callable[[PortalClient], T], /) -> T:
        return call(cast(PortalClient, self))

    def reads(self) -> Reads:
        return Reads(self.ask, cast(Definitions, None))  # none are asked for

    def read_associations(
        self, _from: str, record_ids: Sequence[str], to: str
    ) -> dict[str, list[AssociatedRecord]]:
        self.asked.append((f"associations {to}", list(record_ids)))
        return {one: self.links[(one, to)] for one in record_ids if (one, to) in self.links}

    def read_objects(
        self, object_type: str, ids: Sequence[str], names: Sequence[str]
    ) -> dict[str, CrmRecord]:
        self.asked.append((object_type, list(ids)))
        return {
            one: CrmRecord(one, {name: self.records[(object_type, one)].get(name) for name in names})
            for one in ids
            if (object_type, one) in self.records
        }


def deal(object_id: str, phone_property: str) -> Enrolled:
    return Enrolled(DEAL.id, object_id, phone_property)


def person_of(crm: Crm, of: Enrolled) -> Person:
    found = find_people(crm.reads(), RULES, [of])[of]
    assert isinstance(found, Person)
    return found


def plain(*ids: str) -> list[AssociatedRecord]:
    return [AssociatedRecord(one, is_primary=False) for one in ids]


def test_primary_company_comes_before_those_listed_first() -> None:
    companies = [*plain("81"), AssociatedRecord("82", is_primary=True)]
    crm = Crm(
        {("1", "companies"): companies},
        {("companies", "81"): {"phone": MOBILE}, ("companies", "82"): {"phone": OTHER}},
    )
    person = person_of(crm, deal("1", "mobilephone"))
    assert (person.object_type_id, person.object_id, person.recipient_raw) == (COMPANY.id, "82", OTHER)


def test_contact_without_a_usable_number_is_passed_over_and_gone_ones_too() -> None:
    crm = Crm(
        {("1", "contacts"): plain("51", "52", "53")},
        {("contacts", "52"): {"mobilephone": LANDLINE}, ("contacts", "53"): {"mobilephone": MOBILE}},
    )
    person = person_of(crm, deal("1", "mobilephone"))
    assert (person.object_type_id, person.object_id, person.recipient_property) == (
        CONTACT.id,
        "53",
        "mobilephone",
    )
    assert crm.asked == [
        ("associations contacts", ["1"]),
        ("contacts", ["51"]),
        ("contacts", ["52", "53"]),
    ], "companies are not asked in vain"


def test_person_of_many_deals_is_read_once() -> None:
    deals = [deal(str(number), "mobilephone") for number in range(500)]
    crm = Crm(
        {(one.object_id, "contacts"): plain("51") for one in deals},
        {("contacts", "51"): {"mobilephone": MOBILE}},
    )
    assert len(find_people(crm.reads(), RULES, deals)) == 500
    assert [ids for kind, ids in crm.asked if kind == "contacts"] == [["51"]]


def test_deals_with_other_choices_of_property_are_read_together() -> None:
    crm = Crm(
        {("1", "contacts"): plain("51"), ("2", "contacts"): plain("52")},
        {
            ("contacts", "51"): {"mobilephone": MOBILE, "phone": LANDLINE},
            ("contacts", "52"): {"mobilephone": LANDLINE, "phone": OTHER},
        },
    )
    people = find_people(
        crm.reads(), RULES, [deal("1", "mobilephone"), deal("2", "phone"), deal("1", "phone")]
    )
    assert {one: person.recipient_raw for one, person in people.items() if isinstance(person, Person)} == {
        deal("1", "mobilephone"): MOBILE,
        deal("2", "phone"): OTHER,
    }


def test_nobody_is_found_for_a_deal_without_people() -> None:
    crm = Crm({}, {})
    assert find_people(crm.reads(), RULES, [deal("1", "phone")]) == {}
    asked = [kind for kind, _ in crm.asked]
    assert asked == ["associations contacts", "deals", "associations companies"], "it may have been merged"
