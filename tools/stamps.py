"""Records the inputs of each finished set-up step, so that the next run skips it."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK_DIR = ROOT / ".sandbox"
STAMPS_DIR = WORK_DIR / "stamps"


class Stamp:
    """The stamp of one step: a hash of the files and facts it depends on."""

    def __init__(self, name: str, files: Iterable[Path], facts: Iterable[str]) -> None:
        self._path = STAMPS_DIR / name
        digest = hashlib.sha256()
        for fact in (
            str(ROOT),
            *facts,
        ):  # a moved checkout is set up again: virtual environments contain absolute paths
            digest.update(fact.encode() + b"\0")
        for file in files:
            digest.update(file.read_bytes() + b"\0")
        self._digest = digest.hexdigest()

    def is_current(self) -> bool:
        """Whether the step has finished with exactly these inputs."""
        return self._path.exists() and self._path.read_text() == self._digest

    def write(self) -> None:
        """Mark the step as done."""
        STAMPS_DIR.mkdir(parents=True, exist_ok=True)
        self._path.write_text(self._digest)

    def remove(self) -> None:
        """Remove the stamp before the step starts, so that an interrupted step runs again."""
        self._path.unlink(missing_ok=True)
