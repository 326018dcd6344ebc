"""The web server as it is started in production: which path is served is decided by the request line alone."""

from collections.abc import Callable, Iterator

import pytest
import requests

from sandbox.processes import Process, stop_all
from sandbox.stack import Stack, free_port, web_server


@pytest.fixture(scope="module")
def web_url(make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("web")
    environment = Stack(directory, make_database(), environment={"WEB_CONCURRENCY": "1"}).environment()
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = web_server(port, "connector:create_app()")
    process = Process("web", command, environment, directory / "web.log", url + "/health/ready")
    process.start()
    try:
        process.wait_until_ready()
        yield url
    finally:
        stop_all([process])


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/health/live", {"SCRIPT_NAME": "/health"}, 200),
        ("/x/health/live", {"SCRIPT_NAME": "/x"}, 404),
        ("/health/live", {"SCRIPT_NAME": "/elsewhere"}, 200),
        ("/x", {"PATH_INFO": "/health/live"}, 404),
        ("/health/live", {"Script-Name": "/health"}, 200),
    ],
)
def test_headers_do_not_choose_the_path(
    web_url: str, path: str, headers: dict[str, str], status: int
) -> None:
    assert requests.get(web_url + path, headers=headers, timeout=20).status_code == status
