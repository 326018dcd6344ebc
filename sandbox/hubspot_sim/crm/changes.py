"""Changes of records, which the app's webhooks report."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.hubspot_sim.crm.object_types import ObjectType


@dataclass(frozen=True)
class Change:
    """One change. type: the last part of HubSpot's subscription types. fields: the event's own fields."""

    type: str
    kind: ObjectType
    object_id: str
    fields: Mapping[str, Any] = field(default_factory=dict)


Listener = Callable[[Change], None]


def property_change(kind: ObjectType, object_id: str, name: str, value: str | None) -> Change:
    """A new value; an emptied property has "" (HubSpot's own form is unconfirmed)."""
    fields = {"propertyName": name, "propertyValue": value or ""}
    return Change("propertyChange", kind, object_id, fields)


def ignore(_change: Change) -> None:
    """The listener of a portal that is being filled."""
