"""One workflow: a name, an object type, one custom action and its inputs; how inputs become values for a record.

Tokens: a person inserts properties of the enrolled record into a text. In the editor's API they are written
`{{contact.firstname}}` (HubSpot stores them in an internal form). HubSpot replaces them before it calls the app, as
plain text and without escaping (real captures). Text in braces that names no property of the object stays as it is.
How an empty property shows is unconfirmed: setting workflow_empty_token.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.hubspot_sim.crm.definitions import Catalogue
from sandbox.hubspot_sim.crm.object_types import ObjectType
from sandbox.hubspot_sim.crm.records import Record
from sandbox.hubspot_sim.errors import InvalidInput
from sandbox.hubspot_sim.workflows.actions import PROPERTY, STATIC, Action, Field

EMPTY_TOKENS = ("empty", "token")
_TOKEN = re.compile(r"\{\{\s*([a-z]+)\.([a-z0-9_]+)\s*\}\}")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_WITH_TOKENS = ("text", "textarea", "html")


@dataclass(frozen=True)
class Input:
    """A person's entry for one field: a fixed value (perhaps with tokens) or the name of a property."""

    type: str
    value: str

    def as_json(self) -> dict[str, str]:
        """The shape of the page API."""
        return {"type": self.type, ("property" if self.type == PROPERTY else "value"): self.value}


@dataclass(frozen=True)
class Workflow:
    """A saved workflow. version grows with every change."""

    id: str
    name: str
    kind: ObjectType
    action: Action
    inputs: Mapping[str, Input]
    version: int = 1

    def as_json(self) -> dict[str, Any]:
        """The shape of the page API."""
        return {
            "id": self.id,
            "name": self.name,
            "object_type_id": self.kind.id,
            "action_uid": self.action.uid,
            "inputs": {name: given.as_json() for name, given in self.inputs.items()},
            "version": self.version,
        }

    def values(self, record: Record, empty_token: str) -> dict[str, str | None]:
        """The value of every input that was set, for one record. None: a property without value."""
        return {
            name: (
                record.properties.get(given.value)
                if given.type == PROPERTY
                else rendered(given.value, record, empty_token)
            )
            for name, given in self.inputs.items()
        }


def rendered(text: str, record: Record, empty_token: str) -> str:
    """`text` with the record's values in place of its tokens."""
    if "{{" not in text:
        return text

    def value(found: re.Match[str]) -> str:
        if found[1] != record.kind.singular:
            return found[0]
        empty = "" if empty_token == "empty" else found[0]
        return record.properties.get(found[2]) or empty

    return _TOKEN.sub(value, text)


def checked_inputs(catalogue: Catalogue, kind: ObjectType, action: Action, given: Any) -> dict[str, Input]:
    """The inputs of a workflow that is being saved. Raises InvalidInput with one error for each field.

    Codes: unknown_field, required, value_type, unknown_property, option, number, bool, malformed.
    """
    if not isinstance(given, dict):
        raise InvalidInput("inputs must be an object")
    problems = [(name, "unknown_field") for name in given if name not in action.inputs]
    checked: dict[str, Input] = {}
    for name, field in action.inputs.items():
        item = given.get(name)
        problem = _problem(catalogue, kind, field, item)
        if problem is not None:
            problems.append((name, problem))
        elif item is not None and _text_of(item) != "":
            checked[name] = Input(item["type"], _text_of(item))
    if problems:
        raise InvalidInput(
            f"inputs.{problems[0][0]}: {problems[0][1]}",
            errors=[{"message": f"{name}: {code}", "in": name, "code": code} for name, code in problems],
        )
    return checked


def _text_of(item: Mapping[str, Any]) -> str:
    value = item.get("property" if item.get("type") == PROPERTY else "value")
    if value is None:
        return ""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _problem(catalogue: Catalogue, kind: ObjectType, field: Field, item: Any) -> str | None:
    """The reason why an input cannot be saved; None when it can."""
    if item is None:
        return "required" if field.required else None
    if not isinstance(item, dict) or set(item) - {"type", "value", "property"}:
        return "malformed"
    if item.get("type") not in (STATIC, PROPERTY) or item["type"] not in field.value_types:
        return "value_type"
    text = _text_of(item)
    if text == "":
        return "required" if field.required else None
    if item["type"] == PROPERTY:
        return None if catalogue.find(kind, text) is not None else "unknown_property"
    return _static_problem(catalogue, kind, field, text)


def _static_problem(catalogue: Catalogue, kind: ObjectType, field: Field, text: str) -> str | None:
    if field.type == "enumeration" and field.options and text not in field.options:
        return "option"
    if field.type == "number" and not _NUMBER.fullmatch(text):
        return "number"
    if field.type == "bool" and text not in ("true", "false"):
        return "bool"
    if field.field_type in _WITH_TOKENS:
        for object_name, name in _TOKEN.findall(text):
            if object_name == kind.singular and catalogue.find(kind, name) is None:
                return "unknown_property"
    return None
