"""Checks property values against their definitions and normalises them to HubSpot's stored form."""

import re
from datetime import UTC, date, datetime
from typing import Any

from sandbox.hubspot_sim.crm.definitions import Catalogue, Definition, iso
from sandbox.hubspot_sim.crm.object_types import ObjectType
from sandbox.hubspot_sim.errors import InvalidInput, invalid_properties

LONGEST_TEXT = 65_536
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_MILLISECONDS = re.compile(r"-?\d{1,14}")


class ValueProblem(ValueError):
    """A value that its definition does not allow. code: HubSpot's error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def checked_properties(catalogue: Catalogue, kind: ObjectType, given: Any) -> dict[str, str | None]:
    """The properties of a write, normalised; "" becomes None (cleared).

    Raises InvalidInput with an error for each unknown, read-only or ill-formed property, as HubSpot does.
    """
    if not isinstance(given, dict):
        raise InvalidInput("Invalid input JSON: properties must be an object")
    problems: list[tuple[str, str, str]] = []
    checked: dict[str, str | None] = {}
    for name, value in given.items():
        definition = catalogue.find(kind, name)
        try:
            checked[name] = _checked(name, definition, value)
        except ValueProblem as problem:
            problems.append((name, problem.code, str(problem)))
    if problems:
        raise invalid_properties(problems)
    return checked


def _checked(name: str, definition: Definition | None, value: Any) -> str | None:
    if definition is None:
        raise ValueProblem("PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
    if definition.read_only:
        raise ValueProblem("READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set.')
    return normalised(definition, as_text(value))


def as_text(value: Any) -> str:
    """A JSON value as the text HubSpot makes of it. Raises ValueProblem for null, lists and objects.

    "" clears a property (HubSpot docs). null is refused here because its effect is not documented.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueProblem(
        "INVALID_TYPE", "a property value must be a string; clear a property with an empty one"
    )


def normalised(definition: Definition, text: str) -> str | None:
    """`text` as stored: None for "", instants as ISO 8601. Raises ValueProblem."""
    if text == "":
        return None
    if definition.type not in ("string", "phone_number") and text != text.strip():
        # Refused by HubSpot since April 2025 (changelog: enhanced validations for non-string properties).
        raise ValueProblem("INVALID_WHITESPACE", f"{text!r} has leading or trailing spaces")
    return _BY_TYPE[definition.type](definition, text)


def _string(definition: Definition, text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise ValueProblem("PROPERTY_VALUE_TOO_LONG", f"the value is longer than {LONGEST_TEXT} characters")
    if definition.name == "email":
        if not _EMAIL.fullmatch(text):
            raise ValueProblem("INVALID_EMAIL", f"Email address {text} is invalid")
        return text.lower()
    return text


def _number(definition: Definition, text: str) -> str:
    if not _NUMBER.fullmatch(text):
        raise ValueProblem("INVALID_NUMBER", f"{text} was not a valid number.")
    return text


def _bool(definition: Definition, text: str) -> str:
    if text not in ("true", "false"):
        raise ValueProblem("INVALID_BOOLEAN", f"{text} was not a valid boolean; use true or false.")
    return text


def _enumeration(definition: Definition, text: str) -> str:
    if definition.external_options:
        return text
    allowed = [option.value for option in definition.options]
    # Several values are joined with ";" for check boxes only.
    chosen = text.strip(";").split(";") if definition.field_type == "checkbox" else [text]
    for value in chosen:
        if value not in allowed:
            raise ValueProblem("INVALID_OPTION", f"{value} was not one of the allowed options: {allowed}")
    return ";".join(chosen)


def _datetime(definition: Definition, text: str) -> str:
    return iso(parse_instant(text))


def parse_instant(text: str) -> datetime:
    """An aware UTC instant from ISO 8601 with an offset or from milliseconds. Raises ValueProblem."""
    try:
        if _MILLISECONDS.fullmatch(text):
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        instant = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        raise ValueProblem("INVALID_DATE", f"{text} was not a valid date.") from None
    if instant.tzinfo is None:
        if len(text) == len("2026-11-23"):
            return instant.replace(tzinfo=UTC)
        raise ValueProblem("INVALID_DATE", f"{text} was not a valid date: it has no offset.")
    return instant.astimezone(UTC)


def _date(definition: Definition, text: str) -> str:
    if _MILLISECONDS.fullmatch(text):
        instant = parse_instant(text)
        if instant.time() != datetime.min.time():
            raise ValueProblem("INVALID_DATE", f"{text} is at {instant.time()} UTC, not midnight.")
        return instant.date().isoformat()
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueProblem("INVALID_DATE", f"{text} was not a valid date.") from None


_BY_TYPE = {
    "string": _string,
    "phone_number": _string,
    "number": _number,
    "bool": _bool,
    "enumeration": _enumeration,
    "datetime": _datetime,
    "date": _date,
}


def as_milliseconds(text: str) -> float:
    """A stored date or datetime for comparing. Raises ValueProblem."""
    return parse_instant(text).timestamp() * 1000
