"""Records of the portal: contacts, companies and deals for one test."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.driver.numbers import e164, typed
from sandbox.driver.views import CARD, Views

CONTACT_TYPE, COMPANY_TYPE, DEAL_TYPE = "0-1", "0-2", "0-3"
DEAL_TO = {CONTACT_TYPE: 3, COMPANY_TYPE: 5}  # HubSpot's association types of a deal
_GROUPS = {CONTACT_TYPE: "contactinformation", COMPANY_TYPE: "companyinformation"}
_FIRST_NAMES = ("Agathe", "Basile", "Clara", "Damien", "Elsa", "Félix", "Gaëlle", "Henri", "Iris", "Joël")
_serials = itertools.count()


@dataclass(frozen=True)
class Contact:
    """A contact of the portal. `mobile` and `phone` are E.164, or empty."""

    id: str
    name: str
    url: str
    mobile: str = ""
    phone: str = ""
    type: str = CONTACT_TYPE


@dataclass(frozen=True)
class Record:
    """A company or a deal."""

    type: str
    id: str
    name: str
    url: str


class Records(Views):
    """The records, as people and other apps make and edit them."""

    def new_contact(self, *, mobile: str = "", phone: str = "", **properties: str) -> Contact:
        """Create a contact for one test, so that it sees no other test's messages. Numbers: E.164 or as typed."""
        first, last = _FIRST_NAMES[next(_serials) % len(_FIRST_NAMES)], f"Essai {next(_serials)}"
        numbers = {"mobilephone": typed(mobile), "phone": typed(phone)}
        facts = {"firstname": first, "lastname": last, **numbers, **properties}
        made = self._make(CONTACT_TYPE, f"{facts['firstname']} {facts['lastname']}", facts)
        return Contact(made.id, made.name, made.url, mobile, phone)

    def new_company(self, *, phone: str = "", **properties: str) -> Record:
        """Create a company for one test."""
        name = f"Société {next(_serials)}"
        return self._make(COMPANY_TYPE, name, {"name": name, "phone": typed(phone), **properties})

    def new_deal(self, *contacts: Contact, company: Record | None = None, **properties: str) -> Record:
        """Create a deal with these contacts, in this order, and this company."""
        name = f"Affaire {next(_serials)}"
        linked = [(CONTACT_TYPE, contact.id) for contact in contacts]
        linked += [(COMPANY_TYPE, company.id)] if company else []
        associations = [_deal_to(to_type, to_id) for to_type, to_id in linked]
        return self._make(DEAL_TYPE, name, {"dealname": name, **properties}, associations)

    def textable(self, kind: str, contact: Contact, **properties: str) -> Contact | Record:
        """A record that texts the contact's mobile: the contact, a company with that number, or the contact's deal."""
        if kind == "company":
            return self.new_company(phone=contact.mobile, **properties)
        if kind == "deal":
            return self.new_deal(contact, company=None, **properties)
        if properties:
            self.change(contact, **properties)
        return contact

    def change(self, record: Contact | Record, **properties: str) -> None:
        """Edit the record as another person would."""
        self.edit(record.type, record.id, properties)

    def set_phone(self, contact_id: str, number: str) -> None:
        """Edit a contact's mobile number in the CRM."""
        self.edit(CONTACT_TYPE, contact_id, {"mobilephone": number})

    def edit(self, object_type_id: str, object_id: str, properties: dict[str, str]) -> None:
        """Edit a record by its id."""
        self.call("PATCH", f"/sandbox-api/records/{object_type_id}/{object_id}", {"properties": properties})

    def record(self, contact: Contact) -> dict[str, Any]:
        """The data of the record's page."""
        return self.call("GET", f"/sandbox-api/records/{CONTACT_TYPE}/{contact.id}")

    def rows(self, object_type_id: str = CONTACT_TYPE) -> list[dict[str, Any]]:
        """The first hundred records of a type, in the order of the list page."""
        found: list[dict[str, Any]] = self.call("GET", f"/sandbox-api/records/{object_type_id}?limit=100")[
            "results"
        ]
        return found

    def find(self, name: str) -> Contact:
        """A contact that every sandbox has, by first and last name."""
        for row in self.rows():
            facts = row["properties"]
            if f"{facts['firstname']} {facts['lastname']}" == name:
                url = self._url_of(CONTACT_TYPE, row["id"])
                return Contact(row["id"], name, url, e164(facts.get("mobilephone")), e164(facts.get("phone")))
        raise LookupError(name)

    def new_phone_property(self, kind: str) -> tuple[str, str]:
        """Create a custom phone property for records of that type; return its name and label."""
        serial = next(_serials)
        name, label = f"portable_pro_{serial}", f"Portable pro {serial}"
        body = {"name": name, "label": label, "type": "string", "fieldType": "phonenumber"}
        self.control(f"properties/{kind}", {**body, "groupName": _GROUPS[kind]})
        return name, label

    def label_of(self, name: str, kind: str = CONTACT_TYPE) -> str:
        """A property's label in the app, which caches the list in the language of the first person who asked."""
        found = self.ask(CARD, "/card/properties", {"object_type_id": kind})["properties"]
        return str(next(each["label"] for each in found if each["name"] == name))

    def _make(
        self, kind: str, name: str, properties: dict[str, str], associations: Sequence[dict[str, Any]] = ()
    ) -> Record:
        body = {"properties": properties, "associations": list(associations)}
        record_id = str(self.control(f"records/{kind}", body)["id"])
        return Record(kind, record_id, name, self._url_of(kind, record_id))

    def _url_of(self, kind: str, record_id: str) -> str:
        return f"{self.url}/contacts/{self.session()['portal']['id']}/record/{kind}/{record_id}"


def _deal_to(to_type: str, to_id: str) -> dict[str, Any]:
    association = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": DEAL_TO[to_type]}
    return {"to": {"id": to_id}, "types": [association]}
