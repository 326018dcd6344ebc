"""Builds the host and its fixture extensions once, and serves them to one test at a time."""

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
    """The folder with host/ and bundles/."""
    node = shutil.which("node")
    assert node, "Node.js is not installed"
    out = tmp_path_factory.mktemp("built-host")
    done = subprocess.run(
        [node, str(BUILD_SCRIPT), str(out)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "NODE_ENV": "production"},
    )
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture
def host(page: Page, built_host: Path) -> Iterator[HostPage]:
    """A fresh world and a page that is not open yet."""
    world = PageWorld()
    server = serve(built_host, world)
    yield HostPage(page, world, world.url)
    server.shutdown()
    server.server_close()
