"""Property values in the form shown in an SMS: as a person writes them in the portal's language (F2.5).

HubSpot's API gives the internal value of an enumeration (several are joined by ";"), ids of owners, rich text as HTML,
numbers with a decimal point, ISO instants in UTC for dates with time, and "2026-11-25" for plain dates; older values
are milliseconds (HubSpot docs).
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from connector.domain.vocabulary import Language, PropertyFormat

# Digits only, so that a date never makes a text Unicode: "août" and "févr." would.
_DATE: Final = {"fr": "%d/%m/%Y", "en": "%Y-%m-%d"}
_MILLISECONDS: Final = re.compile(r"-?\d{9,15}")
_PLAIN_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_DECIMAL: Final = re.compile(r"-?\d+\.\d+")
_YES_NO: Final = {"fr": {"true": "Oui", "false": "Non"}, "en": {"true": "Yes", "false": "No"}}
# Signs of currencies that GSM-7 has; any other currency is shown by its code.
_SIGNS: Final = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}
_DECIMALS: Final = {"JPY": 0}

_HIDDEN_PARTS: Final = re.compile(r"(?is)<(script|style)\b.*?</\1\s*>|<!--.*?-->")
_BREAKS: Final = re.compile(r"(?i)<(?:br|/p|/div|/li|/tr|/h[1-6]|/ul|/ol)\b[^>]*>")
_TAGS: Final = re.compile(r"</?[a-zA-Z][^>]*>")
_BLANKS: Final = re.compile(r"[^\S\n]+")


@dataclass(frozen=True, slots=True)
class PropertyShape:
    """The part of a property's definition that describes its values."""

    name: str
    label: str
    type: str = "string"  # string | number | date | datetime | enumeration | bool ...
    options: Mapping[str, str] = field(default_factory=dict)  # internal value -> label
    format: PropertyFormat | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """The language and time zone of the person who reads a value."""

    language: Language
    zone: ZoneInfo


def shown(
    value: str | None, shape: PropertyShape | None, reader: Reader, *, currency: str | None = None
) -> str | None:
    """The value for a person; None: there is none. A value that does not fit its definition is unchanged. Never raises.

    `currency`: the code that an amount is in, e.g. "EUR".
    """
    if not value or shape is None:
        return value
    match shape.format:
        case PropertyFormat.RICH_TEXT:
            return plain_text(value)
        case PropertyFormat.AMOUNT:
            return _shown_amount(value, currency, reader.language)
        case PropertyFormat.OWNER:
            return shape.options.get(value)  # an id says nothing to anyone
        case None:
            return _shown_by_type(value, shape, reader)
        case _:
            assert_never(shape.format)


def _shown_by_type(value: str, shape: PropertyShape, reader: Reader) -> str:
    if shape.type in ("date", "datetime"):
        return _shown_date(value, shape.type, _DATE[reader.language], reader.zone)
    if shape.type == "number" and not shape.options:
        return _shown_number(value, reader.language)
    options = shape.options or (_YES_NO[reader.language] if shape.type == "bool" else {})
    if not options:
        return value
    return ", ".join(options.get(choice, choice) for choice in choices_of(value, options))


def choices_of(value: str, options: Mapping[str, str]) -> list[str]:
    """The internal values that a value of an enumeration holds."""
    if value in options:
        return [value]
    return [choice.strip() for choice in value.split(";") if choice.strip()]


def fits(value: str | None, shape: PropertyShape) -> bool:
    """Whether the definition names every choice of the value: a newer definition may name more."""
    if not value or not (shape.options or shape.format == PropertyFormat.OWNER):
        return True
    return all(choice in shape.options for choice in choices_of(value, shape.options))


def plain_text(rich_text: str) -> str:
    """A rich text without its tags; paragraphs become lines."""
    text = _BREAKS.sub("\n", _HIDDEN_PARTS.sub("", rich_text.replace("\n", " ")))
    lines = _BLANKS.sub(" ", html.unescape(_TAGS.sub("", text))).split("\n")
    return "\n".join(line for line in map(str.strip, lines) if line)


def _shown_number(value: str, language: Language) -> str:
    if not _DECIMAL.fullmatch(value):
        return value
    whole, _, decimals = value.partition(".")
    if not decimals.strip("0"):
        return whole
    return f"{whole},{decimals}" if language == Language.FR else value


def _shown_amount(value: str, currency: str | None, language: Language) -> str:
    """For example 8 400 €, 8 400,50 € or €8,400.50."""
    try:
        amount = Decimal(value)
        if not amount.is_finite():
            return value
        decimals = _DECIMALS.get(currency or "", 2) if amount % 1 else 0
        written = f"{abs(amount):,.{decimals}f}"
    except (InvalidOperation, ValueError):
        return value
    minus = "-" if amount < 0 else ""
    sign = _SIGNS.get(currency or "", currency or "")
    if language == Language.FR:
        written = written.replace(",", " ").replace(".", ",")
        return f"{minus}{written} {sign}".rstrip()
    between = " " if len(sign) > 1 else ""
    return f"{minus}{sign}{between}{written}"


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
