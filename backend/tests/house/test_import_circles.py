"""No two modules of the product or of the sandbox import each other, directly or through others."""

import ast
from collections.abc import Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from backend.tests.house.sources import ROOT, python_files

PACKAGES = {"connector": ROOT / "backend", "sandbox": ROOT}


def modules_of(package: str) -> dict[str, Path]:
    """Each module of a package by its dotted name, without tests."""
    above = PACKAGES[package]
    paths = [path.relative_to(above) for path in python_files(above / package)]
    inside = [path for path in paths if "tests" not in path.parts]
    return {".".join(path.with_suffix("").parts).removesuffix(".__init__"): above / path for path in inside}


@cache
def parsed(source: str) -> list[ast.AST]:
    return list(ast.walk(ast.parse(source)))


def imports_of(source: str, names: Mapping[str, object]) -> set[str]:
    """The modules among `names` that a source imports; late and type imports count too."""
    found: set[str] = set()
    for node in parsed(source):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (inside & names.keys()) or {node.module}
    return found & names.keys()


def circle_of(sources: Mapping[str, str]) -> list[str]:
    """The modules of one circle, first and last the same; empty if there is none."""
    graph = {name: imports_of(source, sources) - {name} for name, source in sources.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle
    return []


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_modules_do_not_import_each_other(package: str) -> None:
    sources = {name: path.read_text() for name, path in modules_of(package).items()}
    assert sum(len(imports_of(source, sources)) for source in sources.values()) > len(sources)
    assert circle_of(sources) == []


def test_finds_a_circle_also_of_late_and_type_imports() -> None:
    sources = {
        "a": "from a import b",
        "a.b": "if TYPE_CHECKING:\n    from a.c import C",
        "a.c": "def late() -> None:\n    import a.b",
    }
    assert set(circle_of(sources)) == {"a.b", "a.c"}
