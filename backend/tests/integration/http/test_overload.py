"""More calls than can be stored, under the web server's own settings: 429 at once, no accepted call is lost."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest
import requests

from backend.tests.factories import a_portal
from backend.tests.workflow_calls import SECRET, SEGMENT, SEND_SMS, execution, signed
from connector.inbound.http.coalescer import PATIENCE_S
from connector.settings import Settings
from connector.store.database import connect
from connector.store.vault import Vault
from sandbox.processes import Process, stop_all
from sandbox.stack import PUBLIC_ORIGIN, Stack, free_port, web_server

THREADS = 64  # per process, as in gunicorn.conf.py
CALLS = 3 * THREADS


class Web:
    """One process of the web server and its database; calls of one portal."""

    def __init__(self, url: str, settings: Settings) -> None:
        self.url = url
        self.settings = settings
        with connect(settings.database_url) as conn:
            self.portal_id = a_portal(conn, Vault.of(settings.secret_keys)).portal_id

    def bodies(self, count: int) -> list[dict[str, Any]]:
        return [execution(self.portal_id) for _ in range(count)]

    def call(self, body: dict[str, Any]) -> requests.Response:
        return requests.post(self.url + SEND_SMS, timeout=60, **signed(SEND_SMS, body, base=PUBLIC_ORIGIN))

    def stored(self) -> list[str]:
        """Callback ids of executions whose message is stored."""
        with connect(self.settings.database_url) as conn:
            rows = conn.execute(
                "SELECT e.callback_id FROM workflow_executions e JOIN messages m USING (portal_id, message_id)"
            ).fetchall()
        return [row["callback_id"] for row in rows]


@pytest.fixture
def web(make_database: Callable[[], str], tmp_path: Path) -> Iterator[Web]:
    changes = {"HUBSPOT_CLIENT_SECRET": SECRET, "HUBSPOT_URL_SEGMENTS": SEGMENT, "WEB_CONCURRENCY": "1"}
    environment = Stack(tmp_path, make_database(), environment=changes).environment()
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = web_server(port, "connector:create_app()")
    process = Process("web", command, environment, tmp_path / "web.log", url + "/health/ready")
    made = Web(url, Settings.from_environment(environment))
    process.start()
    try:
        process.wait_until_ready()
        yield made
    finally:
        stop_all([process])


def test_database_that_stands_still_has_calls_come_again_and_loses_none(web: Web) -> None:
    bodies = web.bodies(CALLS)
    first, late = web.bodies(2)
    with ThreadPoolExecutor(CALLS) as pool, connect(web.settings.database_url) as blocker:
        assert web.call(first).status_code == 200  # the process has its connections
        blocker.execute("LOCK TABLE workflow_executions IN ACCESS EXCLUSIVE MODE")
        calls = {pool.submit(web.call, body): body for body in bodies}
        refused_first = wait_for_answer(calls, status=429)
        asked_at = time.monotonic()
        refused_late = web.call(late)
        assert time.monotonic() - asked_at < PATIENCE_S, "it need not wait as long as those before it"
        blocker.rollback()
        answers = {body["callbackId"]: call.result() for call, body in calls.items()}
    for refused in (refused_first, refused_late):
        assert refused.status_code == 429
        assert refused.json() == {"error": {"code": "overloaded", "params": {}}}
        assert 1_000 <= int(refused.headers["Retry-After"]) <= 60_000, "milliseconds, as HubSpot reads it"
    accepted = {callback_id for callback_id, answer in answers.items() if answer.status_code == 200}
    sent_away = {callback_id for callback_id, answer in answers.items() if answer.status_code == 429}
    assert accepted | sent_away == set(answers)
    assert accepted, "those whose batch was under way"
    assert len(sent_away) > THREADS, "also those whom no thread could look at before"
    assert sorted(web.stored()) == sorted({first["callbackId"], *accepted}), "each once, and nothing else"
    with ThreadPoolExecutor(8) as pool:
        again = {answer.status_code for answer in pool.map(web.call, (*bodies, late))}
    assert again == {200}
    assert sorted(web.stored()) == sorted(body["callbackId"] for body in (first, *bodies, late))


def wait_for_answer(
    calls: dict[Future[requests.Response], dict[str, Any]], *, status: int
) -> requests.Response:
    """The first answer; fails unless it has this status."""
    done, _ = wait(calls, timeout=30, return_when="FIRST_COMPLETED")
    answer = next(iter(done)).result()
    assert answer.status_code == status
    return answer
