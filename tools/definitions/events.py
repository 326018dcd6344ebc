"""The definitions of the app's events on the timeline, from events.toml: one for each kind and object.

Source of the shape: HubSpot docs (app events in projects).
"""

from collections.abc import Mapping
from typing import Any

from connector.domain import objects
from connector.domain.event_types import EventKind, event_type
from connector.domain.objects import ObjectType
from tools.definitions.layout import read_table, same_words


def event_definitions() -> list[dict[str, Any]]:
    """Raises TableInvalid if the table lacks a kind of event or has an unknown one."""
    table = read_table("events")
    same_words("kinds of events", list(table), [kind.value for kind in EventKind])
    return [_definition(kind, object_type, table[kind]) for kind in EventKind for object_type in objects.ALL]


def _definition(kind: EventKind, object_type: ObjectType, event: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "uid": event_type(kind, object_type),
        "type": "app-event",
        "config": {
            "name": event["name"],
            "description": event["description"],
            "objectType": object_type.wire_name,
            "headerTemplate": "".join(event["header"]),
            "detailTemplate": "".join(event["detail"]),
            "properties": [_property(each) for each in event["properties"]],
        },
    }


def _property(each: Mapping[str, Any]) -> dict[str, Any]:
    made = {"name": each["name"], "label": _label(each["name"]), "type": each["type"]}
    if "options" not in each:
        return made
    return made | {"options": [{"value": value, "label": _label(value)} for value in each["options"]]}


def _label(word: str) -> str:
    return f"${{EVENT_LABEL_{word.upper()}}}"
