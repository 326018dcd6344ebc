"""Reads single values of HubSpot's JSON and names a missing one."""

from collections.abc import Mapping


class NotUnderstood(ValueError):
    """A successful answer without a required field; the text names it."""


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def strings(value: object) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def needed(body: Mapping[str, object], name: str) -> str:
    """A required string; ids may come as numbers."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise NotUnderstood(name)
    return str(value)


def whole(body: Mapping[str, object], name: str) -> int:
    value = needed(body, name)
    if not (value.isascii() and value.isdigit()):
        raise NotUnderstood(name)
    return int(value)


def rows_of(body: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    value = body.get(name)
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise NotUnderstood(name)
    return value
