"""Reads single values of SMSFactor's JSON, where a figure may be a number or a text."""

import re
from typing import Final

from connector.domain import phone_numbers

_LARGEST: Final = 2**31 - 1
# Signs that people and programs put between the digits of a number.
_BETWEEN_DIGITS: Final = re.compile(r"[\s.()/-]")


def whole(value: object) -> int | None:
    """An int from 1249, "1249" or "1249.0"; None from anything else (a bool is not a number).

    Larger values than an integer column holds are no figures of the gateway either.
    """
    if isinstance(value, bool):
        return None
    try:
        figure = int(float(value)) if isinstance(value, str | float) else value
    except (ValueError, OverflowError):
        return None
    return figure if isinstance(figure, int) and abs(figure) <= _LARGEST else None


def text(value: object) -> str:
    """A string that can be stored, a number as digits, anything else (null, a missing field) as empty.

    JSON can contain NUL and lone surrogates, which PostgreSQL and UTF-8 refuse: NUL is removed, lone surrogates become
    U+FFFD.
    """
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def filled(value: object) -> str | None:
    """Like `text`, with None for empty."""
    return text(value) or None


def flag(value: object) -> bool:
    """True from true, 1 and "1"; the gateway writes all three."""
    return isinstance(value, bool | int | str) and value in (True, "1")


def number(value: object) -> str | None:
    """E.164 of a number in a payload, or None. Blanks, a leading 00 and a figure such as 33612345678.0 are read too."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str):
        value = _BETWEEN_DIGITS.sub("", value)
        value = value[2:] if value.startswith("00") else value
    return phone_numbers.from_gateway(value)
