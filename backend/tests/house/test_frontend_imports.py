"""Files of the HubSpot views never import each other in a circle."""

import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[3] / "hubspot-project" / "src" / "app"
_IMPORT = re.compile(r"""from '(\.[^']+)'""")


def _imports(file: Path) -> set[Path]:
    """The files that a file imports by relative path, types included."""
    wanted = ((file.parent / name).resolve() for name in _IMPORT.findall(file.read_text(encoding="utf-8")))
    found = set()
    for path in wanted:
        endings = (path.with_name(path.name + ending) for ending in (".ts", ".tsx"))
        found |= {each for each in (*endings, path / "index.ts") if each.is_file()}
    return found


def _circle(graph: dict[Path, set[Path]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [path.name for path in error.args[1]]
    return []


def test_no_circle() -> None:
    files = [path for path in APP.rglob("*.ts*") if "node_modules" not in path.parts]
    graph = {file: _imports(file) for file in files}
    assert sum(map(len, graph.values())) > len(files) / 2, "imports are no longer found"
    assert _circle(graph) == []


@pytest.mark.parametrize("name", ["b.ts", "b.tsx"])
def test_finds_a_circle(tmp_path: Path, name: str) -> None:
    """The check itself must be able to fail."""
    first, second = tmp_path / "a.ts", tmp_path / name
    first.write_text("import { b } from './b';")
    second.write_text("import type { A } from './a';")
    assert _circle({file: _imports(file) for file in (first, second)}) != []
