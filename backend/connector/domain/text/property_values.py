"""Property values in the form shown in an SMS: the label of a choice, a date in local notation.

HubSpot's API gives the internal value of an enumeration (several are joined by ";"), ISO instants in UTC for dates with
time, and "2026-11-25" for plain dates; older values are milliseconds (HubSpot docs).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

# Digits only, so that a date never makes a text Unicode: "août" and "févr." would.
_DATE: Final = {"fr": "%d/%m/%Y", "en": "%Y-%m-%d"}
_MILLISECONDS: Final = re.compile(r"-?\d{9,15}")
_PLAIN_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class PropertyShape:
    """The part of a property's definition that describes its values."""

    name: str
    label: str
    type: str = "string"  # string | number | date | datetime | enumeration | bool ...
    options: Mapping[str, str] = field(default_factory=dict)  # internal value -> label


def shown(value: str | None, shape: PropertyShape | None, *, language: str, zone: ZoneInfo) -> str | None:
    """The value for a person. A value without a definition, or that does not fit it, is unchanged. Never raises."""
    if not value or shape is None:
        return value
    if shape.type in ("date", "datetime"):
        return _shown_date(value, shape.type, _DATE.get(language, _DATE["en"]), zone)
    if not shape.options:
        return value
    if value in shape.options:
        return shape.options[value]
    chosen = [choice for choice in value.split(";") if choice.strip()]
    return ", ".join(shape.options.get(choice.strip(), choice.strip()) for choice in chosen)


def shown_values(
    values: Mapping[str, str | None],
    names: Iterable[str],
    shapes: Mapping[str, PropertyShape],
    *,
    language: str,
    zone: ZoneInfo,
) -> dict[str, str | None]:
    """A record's values of these properties for a person; missing ones are None."""
    return {name: shown(values.get(name), shapes.get(name), language=language, zone=zone) for name in names}


def _shown_date(value: str, type_: str, pattern: str, zone: ZoneInfo) -> str:
    try:
        if _PLAIN_DATE.fullmatch(value):
            return date.fromisoformat(value).strftime(pattern)
        if _MILLISECONDS.fullmatch(value):
            at = datetime.fromtimestamp(int(value) / 1000, UTC)
        else:
            at = datetime.fromisoformat(value)
    except (ValueError, OverflowError, OSError):
        return value
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if type_ == "date":  # a plain date comes as midnight in UTC; in another zone it could be the day before
        return at.astimezone(UTC).strftime(pattern)
    try:
        return at.astimezone(zone).strftime(f"{pattern} %H:%M")
    except OverflowError:
        return value
