"""Reads the JSON object of a body or an answer: the one reader for everything that arrives.

Python accepts more than the database can store: NaN, numbers above every float, NUL and lone surrogates written as
escapes, whole numbers of any length, thousands of levels. `read_object` refuses such an object and names the member,
for views, which can correct it. `read_leniently` changes only the unusable parts, for callers whose event must not be
lost: webhooks, workflows, providers' answers.
"""

import json
import math
import re
from typing import Any, Final, NoReturn

from connector.domain.text.texts import is_storable, storable

#: Levels of lists and objects, the outermost one included. Bodies of HubSpot and SMSFactor have at most six.
MAX_LEVELS: Final = 32
_MAX_WHOLE: Final = 2**63  # of the database's largest whole number

# Nothing else in a JSON text can become a value that is not storable. A mere candidate only costs time.
_SUSPICIOUS: Final = re.compile(r"NaN|Infinity|[eE]\+?\d{3}|\d{19}|\\u0000|\\u[dD][89a-fA-F]|\x00")
_BRACKETS: Final = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


class JsonInvalid(ValueError):
    """The text is no JSON object, or an unusable one; `member` is its first unusable member, if that is known."""

    def __init__(self, member: str | None = None) -> None:
        super().__init__(member or "not a JSON object")
        self.member = member


def read_object(raw: bytes | str) -> dict[str, Any]:
    """The object, exactly as it was sent. Raises JsonInvalid if any part of it could not be stored."""
    text = _decoded(raw)
    if _depth_of(text) > MAX_LEVELS:
        raise JsonInvalid
    found = _parsed(text, _STRICT)
    if _SUSPICIOUS.search(text):
        for name, value in found.items():
            if not is_storable(name) or _usable(value) is not value:
                raise JsonInvalid(storable(name))
    return found


def read_leniently(raw: bytes | str) -> dict[str, Any]:
    """The object with its unusable parts changed. Raises JsonInvalid only if the text is no JSON object in UTF-8.

    Numbers without a value (NaN, 1e400) and anything below MAX_LEVELS become None, longer whole numbers their digits as
    text; NUL is dropped, a lone surrogate becomes U+FFFD. Control characters may stand in a text as they are.
    """
    text = _decoded(raw)
    if _depth_of(text) > MAX_LEVELS:
        text = _cut(text)
    found = _parsed(text, _LENIENT)
    if _SUSPICIOUS.search(text):
        usable: dict[str, Any] = _usable(found)
        return usable
    return found


def _decoded(raw: bytes | str) -> str:
    if isinstance(raw, str):
        return raw.removeprefix("\ufeff")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise JsonInvalid from None


def _parsed(text: str, decoder: json.JSONDecoder) -> dict[str, Any]:
    try:
        found = decoder.decode(text)
    except (ValueError, RecursionError):
        raise JsonInvalid from None
    if not isinstance(found, dict):
        raise JsonInvalid
    return found


def _whole(digits: str) -> int | str:
    """A whole number; the digits of one that is too long for Python's own reader or for the database."""
    if len(digits) < 19:
        return int(digits)
    if len(digits) <= 20 and -_MAX_WHOLE <= int(digits) < _MAX_WHOLE:
        return int(digits)
    return digits


def _whole_or_refused(digits: str) -> int:
    whole = _whole(digits)
    if isinstance(whole, str):
        raise JsonInvalid
    return whole


def _refused(constant: str) -> NoReturn:
    raise JsonInvalid


_LENIENT: Final = json.JSONDecoder(parse_int=_whole, parse_constant=lambda name: None, strict=False)
_STRICT: Final = json.JSONDecoder(parse_int=_whole_or_refused, parse_constant=_refused)


def _usable(value: Any) -> Any:
    """The value itself if all of it can be stored, else its storable form. At most MAX_LEVELS deep."""
    if isinstance(value, str):
        return value if is_storable(value) else storable(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        items = [_usable(item) for item in value]
        return value if all(a is b for a, b in zip(items, value, strict=True)) else items
    if isinstance(value, dict):
        members = {storable(name): _usable(member) for name, member in value.items()}
        is_same = members.keys() == value.keys() and all(members[name] is value[name] for name in members)
        return value if is_same else members
    return value


def _depth_of(text: str) -> int:
    """The deepest level of the text's lists and objects; at most one more than MAX_LEVELS is looked at."""
    if text.count("[") + text.count("{") <= MAX_LEVELS:
        return 0  # shallow enough: exactly how shallow does not matter
    deepest = level = 0
    for match in _BRACKETS.finditer(text):
        sign = match.group(0)
        if sign in "[{":
            level += 1
            deepest = max(deepest, level)
            if deepest > MAX_LEVELS:
                return deepest
        elif sign in "]}":
            level -= 1
    return deepest


def _cut(text: str) -> str:
    """The text with `null` in place of every list or object below MAX_LEVELS."""
    parts: list[str] = []
    level = copied_to = 0
    for match in _BRACKETS.finditer(text):
        sign = match.group(0)
        if sign in "[{":
            level += 1
            if level == MAX_LEVELS + 1:
                parts += [text[copied_to : match.start()], "null"]
        elif sign in "]}":
            level -= 1
            if level == MAX_LEVELS:
                copied_to = match.end()
    if level > MAX_LEVELS:
        return "".join(parts)  # it ends inside: the parser refuses it
    return "".join(parts) + text[copied_to:]
