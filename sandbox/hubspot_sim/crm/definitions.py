"""Property definitions and their groups, by object type."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.hubspot_sim.crm.object_types import ALL_TYPES, ObjectType

LANGUAGES = ("fr", "en")
# The field types allowed for each value type (HubSpot docs, properties guide).
FIELD_TYPES = {
    "bool": ("booleancheckbox", "calculation_equation"),
    "enumeration": ("select", "radio", "checkbox", "booleancheckbox", "calculation_equation"),
    "date": ("date",),
    "datetime": ("date",),
    "number": ("number", "calculation_equation"),
    "string": ("text", "textarea", "phonenumber", "html", "file", "calculation_equation"),
    "phone_number": ("phonenumber",),
}


@dataclass(frozen=True)
class Option:
    """One choice of an enumeration or bool property. labels: text by language."""

    value: str
    labels: dict[str, str]
    display_order: int = -1
    hidden: bool = False
    description: str = ""

    def as_json(self, language: str) -> dict[str, Any]:
        """HubSpot's Option."""
        return {
            "label": self.labels[language],
            "value": self.value,
            "displayOrder": self.display_order,
            "hidden": self.hidden,
            "description": self.description,
        }


@dataclass(frozen=True)
class Definition:
    """One property of one object type.

    type: HubSpot's value type. options: the allowed values, for bool and enumeration. external_options: the allowed
    values are defined elsewhere (owners), so any text is accepted. read_only: only HubSpot writes it.
    """

    name: str
    labels: dict[str, str]
    type: str
    field_type: str
    group: str
    options: tuple[Option, ...] = ()
    description: str = ""
    read_only: bool = False
    unique: bool = False
    external_options: bool = False
    hubspot_defined: bool = True
    display_order: int = -1
    form_field: bool = False
    hidden: bool = False
    created_at: datetime | None = None

    def as_json(self, language: str) -> dict[str, Any]:
        """HubSpot's Property; the label is in `language`."""
        stamp = {} if self.created_at is None else {"createdAt": iso(self.created_at)}
        return {
            **stamp,
            "name": self.name,
            "label": self.labels[language],
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": [option.as_json(language) for option in self.options],
            "displayOrder": self.display_order,
            "calculated": False,
            "externalOptions": self.external_options,
            # Owners are the only other object that the simulator's properties refer to.
            **({"referencedObjectType": "OWNER"} if self.external_options else {}),
            "archived": False,
            "hasUniqueValue": self.unique,
            "hidden": self.hidden,
            "hubspotDefined": self.hubspot_defined,
            "formField": self.form_field,
            "modificationMetadata": {
                "archivable": not self.hubspot_defined,
                "readOnlyDefinition": self.hubspot_defined,
                "readOnlyValue": self.read_only,
            },
            "dataSensitivity": "non_sensitive",
        }


@dataclass(frozen=True)
class Group:
    """A heading under which properties stand on a record."""

    name: str
    labels: dict[str, str]
    display_order: int = -1

    def as_json(self, language: str) -> dict[str, Any]:
        """HubSpot's PropertyGroup."""
        return {
            "name": self.name,
            "label": self.labels[language],
            "displayOrder": self.display_order,
            "archived": False,
        }


@dataclass
class Catalogue:
    """All groups and definitions of a portal, by object type id, in order of creation."""

    _groups: dict[str, dict[str, Group]] = field(default_factory=dict)
    _definitions: dict[str, dict[str, Definition]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kind in ALL_TYPES:
            self._groups.setdefault(kind.id, {})
            self._definitions.setdefault(kind.id, {})

    def add_group(self, kind: ObjectType, group: Group) -> None:
        """Store a new group; the caller has checked that the name is free."""
        self._groups[kind.id][group.name] = group

    def add(self, kind: ObjectType, definitions: Sequence[Definition]) -> None:
        """Store new definitions; the caller has checked names and groups."""
        for definition in definitions:
            self._definitions[kind.id][definition.name] = definition

    def group(self, kind: ObjectType, name: str) -> Group | None:
        """The group of that name."""
        return self._groups[kind.id].get(name)

    def groups(self, kind: ObjectType) -> list[Group]:
        """All groups of a type."""
        return list(self._groups[kind.id].values())

    def find(self, kind: ObjectType, name: str) -> Definition | None:
        """The definition of that name."""
        return self._definitions[kind.id].get(name)

    def all(self, kind: ObjectType) -> list[Definition]:
        """All definitions of a type."""
        return list(self._definitions[kind.id].values())


def iso(instant: datetime) -> str:
    """An aware UTC instant as HubSpot writes it: 2026-11-23T09:31:02.114Z."""
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
