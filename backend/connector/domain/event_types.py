"""Names of the app's event types on HubSpot's timeline (F5): each name combines an event and an object.

HubSpot declares an event type for one object, so each kind of event has one type for each object.
"""

from enum import StrEnum

from connector.domain import objects
from connector.domain.objects import ObjectType


class EventKind(StrEnum):
    """Kinds of events of an SMS."""

    SENT = "sms_sent"
    RECEIPT = "sms_receipt"


def event_type(kind: EventKind, object_type: ObjectType) -> str:
    """The type's name: "sms_sent_contact"."""
    return f"{kind}_{object_type.name}"


def object_of(event_type: str) -> ObjectType:
    """The object that an event type is declared for.

    The kind may be unknown here: a newer version may plan events that an older worker still writes. Raises
    LookupError for a name that ends in no object.
    """
    for object_type in objects.ALL:
        if event_type.endswith(f"_{object_type.name}"):
            return object_type
    raise LookupError(f"no object of event type {event_type}")
