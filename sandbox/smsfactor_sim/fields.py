"""Reads request bodies strictly: every field is checked, and an unknown one is refused with -7.

The real gateway may ignore unknown fields, so a client would never notice a misspelt optional field. Here it does. The
real handling of null or "" for an optional field is unconfirmed, so these are refused too.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from sandbox.smsfactor_sim.wire import DATA_ERROR, GatewayError

Check = Callable[[str, Any], Any]

#: Merge fields of a number in a contact list, the STOP list or the NPAI list.
INFOS = ("info1", "info2", "info3", "info4")


def wrong(details: str) -> GatewayError:
    """A -7 with its reason."""
    return GatewayError(DATA_ERROR, details)


def read_object(
    value: Any,
    where: str,
    required: Mapping[str, Check],
    optional: Mapping[str, Check] | None = None,
    ignored: Collection[str] = (),
) -> dict[str, Any]:
    """The checked fields of an object. Raises -7 for a missing, unknown or wrong field, naming it with its
    place."""
    optional = optional or {}
    if not isinstance(value, dict):
        raise wrong(f"The field '{where}' must be an object")
    for name in value:
        if name not in required and name not in optional and name not in ignored:
            raise wrong(f"The field '{where}.{name}' is not known")
    for name in required:
        if name not in value:
            raise wrong(f"The field '{name}' is required in '{where}'")
    checks = {**required, **optional}
    return {name: checks[name](f"{where}.{name}", inner) for name, inner in value.items() if name in checks}


def anything(name: str, value: Any) -> Any:
    """Any JSON value, for fields that another reader checks."""
    return value


def text(name: str, value: Any) -> str:
    """A string that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise wrong(f"The field '{name}' must be a non-empty string")
    return value


def maybe_text(name: str, value: Any) -> str:
    """A string, empty or not."""
    if not isinstance(value, str):
        raise wrong(f"The field '{name}' must be a string")
    return value


def flag(name: str, value: Any) -> bool:
    """0 or 1 as a number; JSON true and false are not the documented form."""
    if isinstance(value, bool) or value not in (0, 1):
        raise wrong(f"The field '{name}' must be 0 or 1")
    return bool(value)


def text_flag(name: str, value: Any) -> bool:
    """0 or 1 as a number or a text, which the official Java suite sends."""
    return flag(name, int(value) if value in ("0", "1") else value)


def positive(name: str, value: Any) -> int:
    """A whole number above 0."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise wrong(f"The field '{name}' must be a positive number")
    return value


def filled_list(name: str, value: Any) -> list[Any]:
    """A list that is not empty."""
    if not isinstance(value, list) or not value:
        raise wrong(f"The field '{name}' must be a non-empty list")
    return value


def one_of(*choices: str) -> Check:
    """A check that the value is one of `choices`, exactly."""

    def check(name: str, value: Any) -> str:
        if value not in choices or not isinstance(value, str):
            raise wrong(f"The field '{name}' must be one of {', '.join(choices)}")
        return value

    return check


_URL = re.compile(r"^https?://[^\s/?#]+\S*$")


def url(name: str, value: Any) -> str:
    """An absolute http or https URL."""
    if not isinstance(value, str) or not _URL.match(value):
        raise wrong(f"The field '{name}' must be an http(s) URL")
    return value


def whole(name: str, value: str | None, default: int, most: int) -> int:
    """A number from a query string, 0 to `most`; `default` when absent. -7 otherwise."""
    if value is None:
        return default
    if not value.isdigit() or int(value) > most:
        raise wrong(f"The parameter '{name}' must be a number up to {most}")
    return int(value)
