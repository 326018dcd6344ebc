"""Values in the form of a property that version 3.0, or an admin, made with another type than ours (F4.1).

HubSpot docs: a `date` takes "YYYY-MM-DD", which is midnight in UTC, and refuses any other time of day; a `number` takes
digits; an enumeration takes the internal value of one of its options.
"""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connector.domain.properties import BY_NAME
from connector.domain.text.property_values import PropertyShape

_YES_NO: Final = {
    "true": frozenset({"true", "yes", "oui", "1"}),
    "false": frozenset({"false", "no", "non", "0"}),
}


def in_form(value: str, name: str, shape: PropertyShape | None, zone: ZoneInfo) -> str:
    """The value of our property `name` for a property of that shape; unchanged if it fits, or if no form is known.

    `zone`: the portal's, whose day an instant belongs to.
    """
    ours = BY_NAME[name]
    if shape is None or not value or shape.type == ours.type:
        return value
    if ours.type == "datetime":
        return _instant(value, shape.type, zone)
    if shape.type in ("enumeration", "bool") and shape.options:
        return _choice(value, shape.options, ours.words(value) | _YES_NO.get(value, frozenset()))
    return value


def zone_of(name: str) -> ZoneInfo:
    """The portal's time zone; UTC if the data lacks it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _instant(value: str, type_: str, zone: ZoneInfo) -> str:
    at = datetime.fromisoformat(value)
    if type_ == "date":
        return at.astimezone(zone).date().isoformat()
    return str(round(at.astimezone(UTC).timestamp() * 1000)) if type_ == "number" else value


def _choice(value: str, options: Mapping[str, str], words: frozenset[str]) -> str:
    """The internal value of the option that means `value`, by its value or its label."""
    if value in options:
        return value
    plain = {_plain(word) for word in words}
    return next(
        (option for option, label in options.items() if {_plain(option), _plain(label)} & plain), value
    )


def _plain(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).strip()
