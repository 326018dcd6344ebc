"""`make stage`: copy the HubSpot project as it is uploaded, with the secret segment in its service addresses.

HubSpot's workflows call addresses that hold a segment only HubSpot knows. It stands in the staged hsmeta files alone:
never in git, and never in a profile variable, which views can read. The copy leaves out what HubSpot does not build,
and the sandbox's profile. The sandbox itself is built from such a copy.
"""

import argparse
import fnmatch
import os
import re
import shutil
import sys
from collections.abc import Callable, Collection
from pathlib import Path

from tools.stamps import ROOT, WORK_DIR

PLACEHOLDER = "${SERVICE_SEGMENT}"  # HubSpot refuses a project with a variable that no profile has
VARIABLE = "HUBSPOT_URL_SEGMENTS"
PROJECT_FILE, IGNORE_FILE = "hsproject.json", ".hsignore"
SOURCE = Path("hubspot-project") / "src"
SANDBOX_PROFILE = "hsprofile.sandbox.json"
#: Left behind besides the patterns of .hsignore; HubSpot installs packages by the lock file.
_NEVER = ("node_modules", ".npmrc", ".prettierignore", ".prettierrc.json")
_SEGMENT = re.compile(r"[A-Za-z0-9_-]{32,100}")
_SERVICE_URL = re.compile(r'"(?:actionUrl|optionsUrl|targetUrl)":\s*"([^"]*)"')


class StageError(Exception):
    """The project cannot be staged; the text says why."""


def stage(
    out: Path, segment: str, *, root: Path = ROOT, only_profile: str | None = None, link_modules: bool = False
) -> None:
    """Write the copy to `out`, which is replaced. Raises StageError.

    `only_profile` keeps one profile instead of all but the sandbox's. `link_modules` lets the copy be built here: its
    node_modules lead to the installed packages.
    """
    if not _SEGMENT.fullmatch(segment):
        raise StageError(f"the first of {VARIABLE} needs 32 to 100 letters, digits, hyphens or underscores")
    if out.exists() and not (out / PROJECT_FILE).exists() and any(out.iterdir()):
        raise StageError(f"{out} holds something else; nothing was changed")
    fresh = out.with_name(out.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True, mode=0o700)  # it holds a secret
    try:
        shutil.copy(root / PROJECT_FILE, fresh)
        shutil.copy(root / IGNORE_FILE, fresh)
        shutil.copytree(root / SOURCE, fresh / SOURCE, ignore=_left_behind(root, only_profile))
        _write_segment(fresh, segment)
        if link_modules:
            _link_modules(root / SOURCE / "app" / "node_modules", fresh / SOURCE / "app" / "node_modules")
    except BaseException:
        shutil.rmtree(fresh)
        raise
    shutil.rmtree(out, ignore_errors=True)
    fresh.rename(out)


def ignore_patterns(root: Path) -> list[str]:
    """The patterns of .hsignore: bare names, which work from every folder, as HubSpot's CLI resolves them twice."""
    lines = (line.strip() for line in (root / IGNORE_FILE).read_text().splitlines())
    patterns = [line for line in lines if line and not line.startswith("#")]
    if paths := [pattern for pattern in patterns if "/" in pattern]:
        raise StageError(f"{IGNORE_FILE} holds paths, which HubSpot's CLI ignores: {', '.join(paths)}")
    return patterns


def _left_behind(root: Path, only_profile: str | None) -> Callable[[str, list[str]], Collection[str]]:
    patterns = [*ignore_patterns(root), *_NEVER]

    def ignore(folder: str, names: list[str]) -> Collection[str]:
        left = {name for name in names if any(fnmatch.fnmatch(name, pattern) for pattern in patterns)}
        profiles = fnmatch.filter(names, "hsprofile.*.json")
        wanted = {f"hsprofile.{only_profile}.json"} if only_profile else {*profiles} - {SANDBOX_PROFILE}
        return left | ({*profiles} - wanted)

    return ignore


def _write_segment(project: Path, segment: str) -> None:
    """Replace the placeholder in the hsmeta files. Raises StageError for a service's address without it."""
    for path in sorted((project / SOURCE).rglob("*.json")):
        text = path.read_text()
        if not path.name.endswith("-hsmeta.json"):
            if PLACEHOLDER[2:-1] in text:
                raise StageError(
                    f"{path.name} names {PLACEHOLDER[2:-1]}: views can read every profile variable"
                )
            continue
        bare = [url for url in _SERVICE_URL.findall(text) if f"/{PLACEHOLDER}" not in url]
        if bare:
            raise StageError(f"{path.name}: without {PLACEHOLDER}, anyone could call {', '.join(bare)}")
        path.write_text(text.replace(PLACEHOLDER, segment))


def _link_modules(installed: Path, links: Path) -> None:
    """Links to the installed packages; those of the workspace lead to the copy's own folders."""
    links.mkdir()
    for entry in installed.iterdir():
        if entry.name.startswith("@") and not entry.is_symlink():
            _link_modules(entry, links / entry.name)
        elif entry.is_symlink():
            (links / entry.name).symlink_to(entry.readlink())  # relative: to a package of the workspace
        else:
            (links / entry.name).symlink_to(entry.resolve())


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make stage", description=__doc__)
    parser.add_argument("--out", type=Path, default=WORK_DIR / "upload", help="the folder to (re)write")
    out = parser.parse_args(arguments).out.resolve()
    try:
        stage(out, os.environ.get(VARIABLE, "").split(",")[0].strip())
    except StageError as fault:
        print(f"Not staged: {fault}.", file=sys.stderr)
        return 2
    print(f"Staged in {out}. It holds a secret: upload it from there, and pass it on to nobody.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
