"""Rules about SQL: only the store contains it, in one form; long statements are separate files (store/statements)."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from backend.tests.house.sources import CONNECTOR, nodes_of, python_files
from connector.store.statements import load_sql

STORE = CONNECTOR / "store"
FILES = sorted(CONNECTOR.rglob("*.sql"))

_SQL = re.compile(
    r"\bSELECT\s.*\bFROM\b|\bINSERT INTO\b|\bUPDATE\s.+\sSET\b|\bDELETE FROM\b|\bWITH\s+\w+\s+AS\b", re.DOTALL
)
_CTE = re.compile(r"(?:\bWITH(?: RECURSIVE)?|,)\s+(\w+)(?:\s*\([\w, ]+\))? AS (?:MATERIALIZED )?\(")
# A filter on `state` by parameter: the generic plan could not use its partial index.
_STATE_AS_PARAMETER = re.compile(r"(?:WHERE|AND|OR|NOT)\s+\(?(?:\w+\.)?state\s*(?:=|<>|IN)\s*\(?%")


def without_comments(text: str) -> str:
    return re.sub(r"--.*", "", text)


def strings(path: Path) -> Iterator[tuple[ast.expr, str, str]]:
    """(node, text, source line) of each string except docstrings; an f-string gives its constant parts."""
    lines = path.read_text().splitlines()
    nodes = nodes_of(path)
    parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    lone = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts | lone:
            text = node.value
        else:
            continue
        yield node, text, lines[node.lineno - 1]


@cache
def statements(folder: Path) -> list[tuple[str, ast.expr, str, str]]:
    """(place, node, text, source line) of every SQL text in the folder's Python files."""
    return [
        (f"{path.relative_to(CONNECTOR)}:{node.lineno}", node, text, source)
        for path in python_files(folder)
        for node, text, source in strings(path)
        if _SQL.search(text)
    ]


def loads(path: Path) -> list[str]:
    """The functions whose statements a module loads."""
    return [
        ast.literal_eval(node.args[1])
        for node in nodes_of(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "load_sql"
    ]


def test_only_the_store_has_sql() -> None:
    assert len(statements(STORE)) >= 100
    rooms = [room for room in CONNECTOR.iterdir() if room.is_dir() and room != STORE]
    assert [place for room in rooms for place, *_ in statements(room)] == []


def test_every_file_of_sql_is_loaded_once_by_the_module_beside_it() -> None:
    assert FILES
    loaded = [
        path.with_suffix(f".{function}.sql") for path in python_files(CONNECTOR) for function in loads(path)
    ]
    assert sorted(loaded) == FILES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_of_sql_is_named_after_the_function_that_executes_it(path: Path) -> None:
    module, function, _ = path.name.split(".")
    tree = ast.parse((path.parent / f"{module}.py").read_text())
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_cte_of_a_file_has_a_comment(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert lines[0].startswith("-- "), "the first line says what the statement is for"
    names = _CTE.findall(without_comments(path.read_text()))
    assert len(names) >= 3, "a shorter statement stands in its function"
    begins = {
        name: place
        for place, line in enumerate(lines)
        for name in re.findall(r"^(\w+)(?: \([\w, ]+\))? AS (?:MATERIALIZED )?\(", line)
    }
    assert list(begins) == names, "each CTE begins a line"
    assert [name for name, place in begins.items() if not lines[place - 1].startswith("-- ")] == []


def test_a_statement_of_three_ctes_stands_in_a_file() -> None:
    assert [place for place, _, text, _ in statements(STORE) if len(_CTE.findall(text)) >= 3] == []


def test_sql_in_python_is_written_one_way() -> None:
    """SQL is one plain literal: on one line, or triple-quoted. No f-strings, no sums, no adjacent literals."""
    wrong = [
        place
        for place, node, _, source in statements(STORE)
        if isinstance(node, ast.JoinedStr) or not (source.endswith('"""') or node.lineno == node.end_lineno)
    ]
    sums = [
        f"{path.relative_to(CONNECTOR)}:{node.lineno}"
        for path in python_files(STORE)
        for node in nodes_of(path)
        if isinstance(node, ast.BinOp)
        and any(isinstance(part, ast.Constant) and _SQL.search(str(part.value)) for part in ast.walk(node))
    ]
    assert wrong + sums == []


def test_more_than_two_parameters_have_names() -> None:
    texts = [(place, text) for place, _, text, _ in statements(STORE)]
    texts += [(path.name, path.read_text()) for path in FILES]
    assert [place for place, text in texts if text.count("%s") > 2] == []


def test_states_that_choose_rows_are_literals() -> None:
    texts = [(place, text) for place, _, text, _ in statements(STORE)]
    texts += [(path.name, path.read_text()) for path in FILES]
    assert [place for place, text in texts if _STATE_AS_PARAMETER.search(text)] == []


def test_comments_are_not_sent(tmp_path: Path) -> None:
    (tmp_path / "rows.read.sql").write_text(
        "-- Reads 100 % of {them}.\nSELECT '{}'::jsonb\n    -- all\nFROM rows\n"
    )
    assert load_sql(str(tmp_path / "rows.py"), "read") == b"SELECT '{}'::jsonb\nFROM rows\n"


def test_savepoints_are_those_of_the_session() -> None:
    """psycopg's `transaction` commits without the statements that come last (protocol P26)."""
    users = [
        str(path.relative_to(CONNECTOR))
        for path in python_files(CONNECTOR)
        if re.search(r"\bconn\.transaction\(", path.read_text())
    ]
    assert users == []
