"""Remembers which inputs a step of the set-up has already been done for, so that it is skipped next time."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK_DIR = ROOT / ".sandbox"
STAMPS_DIR = WORK_DIR / "stamps"


class Stamp:
    """The mark of one step: the hash of the files and facts that it depends on."""

    def __init__(self, name: str, files: Iterable[Path], facts: Iterable[str]) -> None:
        self._path = STAMPS_DIR / name
        digest = hashlib.sha256()
        for fact in (
            str(ROOT),
            *facts,
        ):  # a moved checkout is set up again: virtual environments know their place
            digest.update(fact.encode() + b"\0")
        for file in files:
            digest.update(file.read_bytes() + b"\0")
        self._digest = digest.hexdigest()

    def is_current(self) -> bool:
        """Whether the step was done for exactly these inputs."""
        return self._path.exists() and self._path.read_text() == self._digest

    def write(self) -> None:
        """Note that the step is done."""
        STAMPS_DIR.mkdir(parents=True, exist_ok=True)
        self._path.write_text(self._digest)

    def remove(self) -> None:
        """Note that the step is under way: if it is interrupted, it is done again."""
        self._path.unlink(missing_ok=True)
