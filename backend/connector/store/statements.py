"""SQL of the store: composing statements, and loading long ones from files.

- A statement is inside the function that executes it: on one line if it fits, else triple-quoted.
- More than two parameters have names.
- States and other words of the vocabulary are literals: the generic plan of a statement that has a state as a parameter
  cannot use a partial index such as `WHERE state = 'queued'`.
- A statement with parts that others share, such as a list of columns, is a module constant made by `compose`.
- A statement of three or more CTEs is in a separate file next to its module: `claims.claim.sql` is executed by
  `claim` in `claims.py`. `load_sql` reads it once, when the module is imported.
"""

import re
from pathlib import Path
from typing import Final

from psycopg import sql

_PART: Final = re.compile(r"\{(\w+)\}")
_COMMENT_LINE: Final = re.compile(r"^\s*--.*\n", re.MULTILINE)


def compose(text: str, **parts: sql.Composable) -> bytes:
    """The statement with its `{parts}` filled in. Other braces, as in `'{}'`, stay unchanged."""
    wanted = set(_PART.findall(text))
    assert wanted == parts.keys(), f"parts wanted: {wanted}, given: {parts.keys()}"
    return _PART.sub(lambda part: parts[part[1]].as_string(), text).encode()


def load_sql(module_file: str, function: str, **parts: sql.Composable) -> bytes:
    """The composed statement of a function, from the .sql file next to its module.

    Lines of comment are left out: the whole text is parsed and sent with each execution.
    """
    text = Path(module_file).with_suffix(f".{function}.sql").read_text(encoding="utf-8")
    return compose(_COMMENT_LINE.sub("", text), **parts)
