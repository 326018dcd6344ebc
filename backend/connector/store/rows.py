"""Rows as our own types: words of a vocabulary become its members when a row is read.

An unknown word (written by a later version) stays a plain string: it equals no member, and a view shows it unchanged.
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
    """Value -> member; null and unknown values map to themselves."""

    def __missing__(self, value: Any) -> Any:
        return value


def reader(shape: type[Row]) -> Callable[[dict[str, Any]], Row]:
    """A function that makes `shape` (a dataclass) from a row with columns of the same names. It changes the row.

    Call this once for each shape: the path of executions reads thousands of rows a second.
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
