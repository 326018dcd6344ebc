"""Reads the tables, and formats JSON as prettier does, so that generated files pass the project's checks."""

import json
import tomllib
from typing import Any

from tools.stamps import ROOT

TABLES = ROOT / "hubspot-project" / "definitions"


class TableInvalid(Exception):
    """A table and the product disagree; the message says where."""


def read_table(name: str) -> dict[str, Any]:
    """A table of hubspot-project/definitions, in file order."""
    return tomllib.loads((TABLES / f"{name}.toml").read_text())


def same_words(where: str, written: list[str], known: list[str]) -> None:
    """Raises TableInvalid unless a table has exactly the product's words, in the product's order."""
    if written != known:
        raise TableInvalid(f"{where}: {', '.join(written)} instead of {', '.join(known)}")


def as_text(value: Any, indent: str = "") -> str:
    """JSON with two spaces per level; lists of plain values stay on one line."""
    inner = f"{indent}  "
    if isinstance(value, dict) and value:
        rows = [f"{inner}{_plain(key)}: {as_text(each, inner)}" for key, each in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        rows = [f"{inner}{as_text(each, inner)}" for each in value]
        return "[\n" + ",\n".join(rows) + f"\n{indent}]"
    return _plain(value)


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
