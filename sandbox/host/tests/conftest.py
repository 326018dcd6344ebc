"""Builds the host and its fixture extensions once, and serves them to one test at a time."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from sandbox.host.tests.host_page import HostPage
from sandbox.host.tests.page_server import PageWorld, serve

BUILD_SCRIPT = Path(__file__).parent / "build-fixtures.mjs"


@pytest.fixture(scope="session")
def built_host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with host/ and bundles/; all workers of a run share it."""
    base = tmp_path_factory.getbasetemp()
    out = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "built-host"
    finished = out / "finished"
    with out.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            out.mkdir(exist_ok=True)
            build_into(out)
            finished.touch()
    return out


def build_into(out: Path) -> None:
    node = shutil.which("node")
    assert node, "Node.js is not installed"
    done = subprocess.run(
        [node, str(BUILD_SCRIPT), str(out)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "NODE_ENV": "production"},
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def host(page: Page, built_host: Path) -> Iterator[HostPage]:
    """A fresh world and a page that is not open yet."""
    world = PageWorld()
    server = serve(built_host, world)
    yield HostPage(page, world, world.url)
    server.shutdown()
    server.server_close()
