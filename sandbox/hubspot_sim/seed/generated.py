"""Generates contacts, companies or deals by the thousand. The endings of their numbers decide what happens to an SMS.

Options, all with defaults: endings (two-digit texts, taken in turn; the gateway's simulator acts on them),
records_per_number (how many share one number), property (which property holds a contact's number), deal_with (who is
associated with a deal, taken in turn).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.hubspot_sim.bodies import checked_object, text_list
from sandbox.hubspot_sim.crm.object_types import COMPANY, CONTACT, DEAL, ObjectType
from sandbox.hubspot_sim.crm.records import Record
from sandbox.hubspot_sim.errors import InvalidInput
from sandbox.hubspot_sim.world import World

MOST_RECORDS = 100_000
DELIVERED_ENDINGS = tuple(f"{number:02}" for number in range(90))
DEAL_WITH = ("contact", "company", "contact_without_number_and_company", "nobody")
_PHONES = ("mobilephone", "phone")
_OPTIONS = ("endings", "records_per_number", "property", "deal_with")
_FIRST_NAMES = ("Anna", "Bruno", "Clara", "David", "Élise", "Farid", "Gaëlle", "Hugo", "Inès", "Jules")
_LAST_NAMES = (
    "Aubert",
    "Barbier",
    "Colin",
    "Dumont",
    "Étienne",
    "Faure",
    "Girard",
    "Henry",
    "Imbert",
    "Joly",
    "Klein",
)
# Ten-digit mobiles are "+336" and eight digits. These do not overlap with the numbers of the portal's own people.
_FIRST_BLOCK = 500_000


@dataclass(frozen=True)
class Order:
    """The records to generate. The world gives each number out once, so two orders never share one."""

    kind: ObjectType
    count: int
    endings: tuple[str, ...]
    records_per_number: int
    phone_property: str
    deal_with: tuple[str, ...]


def read_order(kind: ObjectType, count: Any, options: Any) -> Order:
    """A checked order. Raises InvalidInput."""
    if kind not in (CONTACT, COMPANY, DEAL):
        raise InvalidInput(f"{kind.plural} are not generated")
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MOST_RECORDS:
        raise InvalidInput(f"the number of records must be a whole number from 1 to {MOST_RECORDS}")
    given = checked_object(options or {}, "options", optional=_OPTIONS)
    endings = text_list(given.get("endings", list(DELIVERED_ENDINGS)), "options.endings")
    if not endings or not all(
        len(ending) == 2 and ending.isascii() and ending.isdigit() for ending in endings
    ):
        raise InvalidInput("options.endings must be texts of two digits")
    shared = given.get("records_per_number", 1)
    if not isinstance(shared, int) or shared < 1:
        raise InvalidInput("options.records_per_number must be a whole number from 1")
    phone = given.get("property", "mobilephone")
    if phone not in _PHONES:
        raise InvalidInput(f"options.property must be one of {', '.join(_PHONES)}")
    deal_with = text_list(given.get("deal_with", ["contact"]), "options.deal_with")
    if not deal_with or not set(deal_with) <= set(DEAL_WITH):
        raise InvalidInput(f"options.deal_with must be of {', '.join(DEAL_WITH)}")
    return Order(kind, count, tuple(endings), shared, phone, tuple(deal_with))


def generate(world: World, order: Order) -> list[Record]:
    """Create the records and their associated ones. The caller holds the world's lock."""
    numbers = _numbers(world, order)
    if order.kind is DEAL:
        return _deals(world, order, numbers)
    make = _contacts if order.kind is CONTACT else _companies
    return make(world, order, order.count, numbers)


def _numbers(world: World, order: Order) -> Iterator[str]:
    """E.164 numbers in the order's sequence of endings, each repeated for `records_per_number` records."""
    while True:
        block = world.numbers_given
        world.numbers_given += 1  # before use: the rest of an order's last block stays unused
        for ending in order.endings:
            number = f"+336{_FIRST_BLOCK + block:06}{ending}"
            for _ in range(order.records_per_number):
                yield number


def _contacts(
    world: World, order: Order, count: int, numbers: Iterator[str] | None, company: str = ""
) -> list[Record]:
    start = world.records.count(CONTACT)
    rows = []
    for place in range(start, start + count):
        first, last = _FIRST_NAMES[place % 10], _LAST_NAMES[place % 11]
        row = {
            "firstname": first,
            "lastname": last,
            "email": f"contact.{place}@masse.example",
            "country": "France",
        }
        if numbers is not None:
            row[order.phone_property] = next(numbers)
        if company:
            row["company"] = company
        rows.append(row)
    return world.records.create_many(CONTACT, rows)


def _companies(world: World, order: Order, count: int, numbers: Iterator[str]) -> list[Record]:
    """Companies have one phone property, `phone`."""
    start = world.records.count(COMPANY)
    rows = [
        {
            "name": f"Société {place}",
            "domain": f"societe-{place}.example",
            "country": "France",
            "phone": next(numbers),
        }
        for place in range(start, start + count)
    ]
    return world.records.create_many(COMPANY, rows)


def _deals(world: World, order: Order, numbers: Iterator[str]) -> list[Record]:
    start = world.records.count(DEAL)
    rows = [
        {"dealname": f"Affaire {place}", "pipeline": "default", "dealstage": "qualifiedtobuy"}
        for place in range(start, start + order.count)
    ]
    deals = world.records.create_many(DEAL, rows)
    by_kind: dict[str, list[Record]] = {}
    for place, deal in enumerate(deals):
        by_kind.setdefault(order.deal_with[place % len(order.deal_with)], []).append(deal)
    for kind, chosen in by_kind.items():
        if kind.startswith("contact"):
            contacts = _contacts(world, order, len(chosen), numbers if kind == "contact" else None)
            for deal, contact in zip(chosen, contacts, strict=True):
                world.links.add(DEAL, deal.id, CONTACT, contact.id)
        if kind.endswith("company"):
            companies = _companies(world, order, len(chosen), numbers)
            for deal, company in zip(chosen, companies, strict=True):
                world.links.add(DEAL, deal.id, COMPANY, company.id, primary=True)
    return deals
