"""Fixtures shared by all Python tests: databases, a running stack, the browser.

Each worker of pytest-xdist has its own database and its own stack. All workers share one PostgreSQL server and one
migrated template database, which new databases are copied from.
"""

import fcntl
import hashlib
import itertools
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, find, settings
from hypothesis import strategies as st

from sandbox.emptied_database import EmptiedDatabase
from sandbox.postgres import Server, ensure_server
from sandbox.processes import ROOT
from sandbox.stack import BUILD_DIR, Stack, running_stack

pytest_plugins = ("tools.areas",)
# No test asserts a time: the first example loads numbering data and time zones, which takes long on a busy machine.
settings.register_profile("project", deadline=None)
settings.load_profile("project")
WORK_DIR = ROOT / ".sandbox"
LOG_TAIL_LINES = 40
BROWSER_ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",  # containers have little shared memory
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # a page that needs the internet must fail
)


@pytest.fixture(scope="session", autouse=True)
def _known_characters(request: pytest.FixtureRequest) -> None:
    """Hypothesis builds its table of characters in a fresh clone, which its first test would be blamed for."""
    if any(hasattr(getattr(item, "obj", None), "hypothesis") for item in request.session.items):
        find(
            st.characters(),
            lambda sign: True,
            settings=settings(database=None, deadline=None, suppress_health_check=list(HealthCheck)),
        )


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The PostgreSQL server: the embedded one, or DATABASE_URL's."""
    WORK_DIR.mkdir(exist_ok=True)
    with ensure_server(WORK_DIR / "postgres-tests", is_durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def template_database(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database with all migrations, to which no session ever connects."""
    digest = hashlib.sha256()
    for migration in sorted((ROOT / "backend" / "migrations").rglob("*.py")):
        digest.update(migration.read_bytes())
    name = f"template_{digest.hexdigest()[:12]}"
    with (WORK_DIR / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _drop_leftovers(postgres, keep=name)
        if name not in postgres.database_names():
            unfinished = postgres.create_database("template_unfinished")
            Stack(tmp_path_factory.mktemp("migrate"), unfinished).migrate()
            postgres.rename_database("template_unfinished", name)
    return name


@pytest.fixture(scope="session")
def make_database(postgres: Server, template_database: str) -> Iterator[Callable[[], str]]:
    """Makes migrated, empty databases and returns their URLs."""
    made: list[str] = []
    numbers = itertools.count(1)

    def make() -> str:
        made.append(f"test_{os.getpid()}_{next(numbers)}")
        return postgres.create_database(made[-1], template=template_database)

    yield make
    for name in made if not postgres.is_embedded else []:  # the next run drops them there, ten times faster
        postgres.drop_database(name)


@pytest.fixture(scope="session")
def database(make_database: Callable[[], str]) -> str:
    """The URL of a migrated database. All tests of one worker share it, so each test uses its own portals."""
    return make_database()


@pytest.fixture(scope="session")
def reused_database(make_database: Callable[[], str]) -> Iterator[EmptiedDatabase]:
    """This worker's database, emptied before each test that uses it."""
    database = EmptiedDatabase(make_database())
    yield database
    database.close()


@pytest.fixture
def fresh_database(reused_database: EmptiedDatabase) -> str:
    """The URL of a migrated, empty database for one test."""
    reused_database.empty()
    return reused_database.url


@pytest.fixture(scope="session")
def make_stack(
    make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Stack]]:
    """Starts stacks with given settings, each on a new database: `make_stack(GATEWAY_TIMEOUT_S="2")`.

    For tests that kill processes or change delays. Stacks stop at the end of the session, or by `stop()`.
    """
    if not (BUILD_DIR / "project.json").exists():
        pytest.fail("The extensions are not built: run `make setup` first.")
    with ExitStack() as stacks:

        def make(**environment: str) -> Stack:
            directory = tmp_path_factory.mktemp("stack")
            started = running_stack(directory, make_database(), environment, is_migrated=True)
            return stacks.enter_context(started)

        yield make


@pytest.fixture(scope="session")
def stack(make_stack: Callable[..., Stack]) -> Stack:
    """Both simulators, web and worker on free ports; all tests of one worker share them."""
    return make_stack()


@pytest.fixture(scope="session")
def base_url() -> None:
    """Replaces pytest-playwright's fixture, whose form pytest deprecates; tests use complete URLs."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """pytest-playwright's settings to start the Chromium that the set-up found, without internet access."""
    chosen = os.environ.get("CHROMIUM")
    path_file = WORK_DIR / "chromium"
    if not chosen and not path_file.exists():
        pytest.fail("No Chromium: run `make setup-tests` first.")
    arguments = [*BROWSER_ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]  # root has no sandbox
    return {
        **browser_type_launch_args,
        "executable_path": chosen or path_file.read_text().strip(),
        "args": arguments,
    }


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the logs of the stacks to the report of a failed test that uses them."""
    report = yield
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, Stack):
                report.sections += [(f"log of {name}", _tail(value.log(name))) for name in value.names]
    return report


def _tail(text: str) -> str:
    return "\n".join(text.splitlines()[-LOG_TAIL_LINES:])


def _drop_leftovers(postgres: Server, keep: str) -> None:
    """Drop databases of earlier test runs and templates of older migrations."""
    for name in postgres.database_names():
        kind, _, rest = name.partition("_")
        of_past_run = (
            kind == "test" and postgres.is_embedded and not psutil.pid_exists(int(rest.split("_")[0]))
        )
        if of_past_run or (kind == "template" and name != keep):
            postgres.drop_database(name)
