"""Rows as our own types: words of a vocabulary become its members where a row is read, and nowhere later.

A word that this version does not know (a later version has written it) stays a plain string: it equals no member, and
a view shows it as it is.
"""

from collections.abc import Callable
from enum import StrEnum
from types import UnionType
from typing import Any, TypeVar, cast, get_args, get_type_hints

Row = TypeVar("Row")
Word = TypeVar("Word", bound=StrEnum)


def member(words: type[Word], value: str) -> Word:
    """The member of one value."""
    return cast(Word, words._value2member_map_.get(value, value))


class _Members(dict[Any, Any]):
    """Value -> member; null and what is no member are themselves."""

    def __missing__(self, value: Any) -> Any:
        return value


def reader(shape: type[Row]) -> Callable[[dict[str, Any]], Row]:
    """What makes `shape` (a dataclass) of a row whose columns have the names of its fields. It changes the row.

    Made once for each shape: thousands of rows a second are read on the path of executions.
    """
    hints = get_type_hints(shape)
    columns = [
        (name, _Members(words._value2member_map_))
        for name, hint in hints.items()
        if (words := _words_in(hint))
    ]

    def read(row: dict[str, Any]) -> Row:
        for name, members in columns:
            row[name] = members[row[name]]
        return shape(**row)

    return read


def _words_in(hint: object) -> type[StrEnum] | None:
    """The vocabulary of a field's type, which may permit null."""
    kinds = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, StrEnum)), None)
