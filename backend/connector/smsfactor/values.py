"""Reads single values of SMSFactor's JSON, where a figure may be a number or a text."""

from connector.domain import phone_numbers


def whole(value: object) -> int | None:
    """An int from 1249, "1249" or "1249.0"; None from anything else (a bool is not a number)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    try:
        figure = float(value) if isinstance(value, str | float) else None
        return None if figure is None else int(figure)
    except (ValueError, OverflowError):
        return None


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
    """E.164 of a number in a payload, or None."""
    return phone_numbers.from_gateway(value)
