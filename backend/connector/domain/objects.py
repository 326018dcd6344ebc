"""The CRM objects that the app knows, once: contacts, companies and deals.

A new object is one more entry here, its definitions for HubSpot (hubspot-project/definitions), and its words in
packages/i18n. Scopes, event types, properties, the card, the write-back and the workflow actions follow from the entry.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

#: Settings of a portal that name phone properties.
PhoneSetting = Literal["phone_properties", "company_phone_properties"]


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One kind of record. An object without its own numbers has `people`; every other has a `phone_setting`."""

    id: str  # "0-1": in URLs, in calls of views, and in rows
    name: str  # "contact": the end of our event types
    plural: str  # "contacts": in paths, scopes and associations of HubSpot
    name_properties: tuple[str, ...]  # the properties that make up a record's name
    #: The portal's setting that lists the phone properties of such a record.
    phone_setting: PhoneSetting | None = None
    #: HubSpot's own properties for phone numbers, in the order that workflows offer them.
    phone_properties: tuple[str, ...] = ()
    #: Ids of the objects whose numbers such a record is texted at, in the order that they are read.
    people: tuple[str, ...] = ()
    #: HubSpot docs: id of the association type from such a record to its primary company.
    primary_company: str | None = None

    @property
    def wire_name(self) -> str:
        """HubSpot's name in definitions and in calls of workflows: "CONTACT"."""
        return self.name.upper()


CONTACT: Final = ObjectType(
    id="0-1",
    name="contact",
    plural="contacts",
    name_properties=("firstname", "lastname"),
    phone_setting="phone_properties",
    phone_properties=("phone", "mobilephone"),
)
COMPANY: Final = ObjectType(
    id="0-2",
    name="company",
    plural="companies",
    name_properties=("name",),
    phone_setting="company_phone_properties",
    phone_properties=("phone",),
)
DEAL: Final = ObjectType(
    id="0-3",
    name="deal",
    plural="deals",
    name_properties=("dealname",),
    people=(CONTACT.id, COMPANY.id),
    primary_company="5",
)

#: Property with the country of a contact or company, where its numbers without a calling code are read.
COUNTRY_PROPERTY: Final = "country"
#: Property with a record's opt-out: ours, which users may change too (F4.1, B3).
STOP_PROPERTY: Final = "smsfactor_is_stop"
#: Properties that are read with each contact or company, beside its numbers.
OWNER_PROPERTIES: Final = (COUNTRY_PROPERTY, STOP_PROPERTY)

ALL: Final = (CONTACT, COMPANY, DEAL)
#: By id.
OBJECT_TYPES: Final[Mapping[str, ObjectType]] = {one.id: one for one in ALL}
#: Object types with their own numbers.
WITH_NUMBERS: Final = tuple(one for one in ALL if one.phone_setting)
_IDS_BY_WIRE_NAME: Final = {one.wire_name: one.id for one in ALL}


def id_of_wire_name(name: str) -> str:
    """The id of the object that a workflow calls `name`; `name` itself if no object has that name."""
    return _IDS_BY_WIRE_NAME.get(name.upper(), name)


def people_of(object_type_id: str) -> tuple[str, ...]:
    """Ids of the objects at whose numbers a record is texted: its own, unless it has people."""
    return OBJECT_TYPES[object_type_id].people or (object_type_id,)
