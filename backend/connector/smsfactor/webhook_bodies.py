"""Reads the bodies of SMSFactor's webhooks into fields, as leniently as it can be done without a guess.

Neither the content type nor the encoding of these requests is documented, and nobody repeats an event that was not
understood. JSON and form fields are both read, in UTF-8, UTF-16 with its mark, or cp1252. Broken JSON gives the fields
that can be read: a STOP whose number is among them is obeyed.
"""

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

from connector.domain.text.json_reader import JsonInvalid, read_leniently
from connector.domain.text.texts import storable

Fields = dict[str, object]

# Names in the documented events. A body without any of them is none.
_KNOWN: Final = frozenset(
    {
        "account_id",
        "balance",
        "campaign_id",
        "date",
        "destination",
        "from",
        "gsmsid",
        "last_message_id",
        "long_url",
        "message",
        "message_id",
        "status",
    }
)
# An event may stand inside another object, a list, or a form field with JSON.
_MOST_WRAPPINGS: Final = 3

# A complete pair of broken JSON, and the writer's number in any other notation.
_PAIR: Final = re.compile(
    r'"(\w+)"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d{1,20}(?![\d.eE])|true\b|false\b|null\b)', re.DOTALL
)
_NUMBER: Final = re.compile(r"\bfrom\b\W{1,8}(\+?\d{8,15})(?!\d)")


class EventNotUnderstood(ValueError):
    """The body contains no event, or the event lacks its one required field (named in the text)."""


@dataclass(frozen=True, slots=True)
class Body:
    """The fields of each event in a body, with storable values only."""

    events: list[Fields]
    is_broken: bool  # neither JSON nor a form: fields that were cut off are missing


def read_body(raw: bytes) -> Body:
    """The events in a body. Raises EventNotUnderstood if there is none."""
    decoded = _decoded(raw).strip("\ufeff \t\r\n\0")
    for read in (_json, _form, _salvaged):
        found = [_flat(fields) for fields in _unwrapped(read(decoded), _MOST_WRAPPINGS)]
        if found:
            return Body(found, is_broken=read is _salvaged)
    raise EventNotUnderstood("no event")


def _decoded(raw: bytes) -> str:
    marks = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    try:
        return raw.decode("utf-16" if raw.startswith(marks) else "utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _json(text: str) -> object:
    """A JSON value without its unusable parts; None for anything else."""
    try:
        # The reader takes objects only.
        return read_leniently(text) if text.startswith("{") else read_leniently(f'{{"": {text}}}')[""]
    except (JsonInvalid, KeyError):
        return None


def _form(text: str) -> object:
    """Form fields, or JSON that was encoded like one; None for anything else."""
    if text.startswith("%"):
        return _json(unquote_plus(text))
    for encoding, errors in (("utf-8", "strict"), ("cp1252", "replace")):
        try:
            return dict(parse_qsl(text, True, True, encoding, errors))
        except UnicodeDecodeError:
            continue
        except ValueError:
            return None
    return None


def _salvaged(text: str) -> object:
    """The pairs that can be read in broken JSON. Several events give the writers' numbers alone.

    The event that another pair belongs to would be a guess.
    """
    pairs = [(name, _written_value(written)) for name, written in _PAIR.findall(text)]
    numbers = [value for name, value in pairs if name == "from"] + _NUMBER.findall(text)
    fields: Fields = {"from": numbers[0]} if numbers else {}
    for name, value in pairs:
        if fields.setdefault(name, value) != value and name in _KNOWN:
            return [{"from": number} for number in dict.fromkeys(map(str, numbers))]
    return fields


def _written_value(written: str) -> object:
    value = _json(written)
    return written.strip('"') if value is None and written.startswith('"') else value


def _unwrapped(value: object, depth: int) -> Iterator[Mapping[str, object]]:
    """The objects with a known field, at the top or wrapped."""
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        value = _json(value)
    if isinstance(value, dict) and _KNOWN & value.keys():
        yield value
    elif depth and isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _unwrapped(inner, depth - 1)


def _flat(fields: Mapping[str, object]) -> Fields:
    """The fields, storable. No event has a list or an object as a value."""
    return {
        storable(name): storable(value) if isinstance(value, str) else value
        for name, value in fields.items()
        if not isinstance(value, dict | list)
    }
