"""Files of the repository as the house tests read them: each folder is listed, and each file parsed, once a run."""

import ast
import os
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CONNECTOR = ROOT / "backend" / "connector"


@cache
def python_files(folder: Path) -> list[Path]:
    """The folder's Python files, sorted; installed packages (tens of thousands of files) are not entered."""
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "node_modules"]
        found += [Path(place, name) for name in names if name.endswith(".py")]
    return sorted(found)


@cache
def nodes_of(path: Path) -> list[ast.AST]:
    """All nodes of a Python file; the module is the first."""
    return list(ast.walk(ast.parse(path.read_text())))
