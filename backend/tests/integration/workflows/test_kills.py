"""A web process killed around the commit: every answered execution is stored, and a repeat makes no second SMS."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from backend.tests.factories import a_portal
from backend.tests.workflow_calls import SECRET, SEGMENT, SEND_SMS, execution, signed
from connector.settings import Settings
from connector.store.database import connect
from connector.store.vault import Vault
from sandbox.processes import ROOT, Process, stop_all
from sandbox.stack import PUBLIC_ORIGIN, Stack, free_port, web_server


@pytest.mark.parametrize(("moment", "kept"), [("stored", 0), ("committed", 1)])
def test_killed_around_the_commit(
    moment: str, kept: int, make_database: Callable[[], str], tmp_path: Path
) -> None:
    environment = {
        **Stack(
            tmp_path,
            make_database(),
            environment={"HUBSPOT_CLIENT_SECRET": SECRET, "HUBSPOT_URL_SEGMENTS": SEGMENT},
        ).environment(),
        "PYTHONPATH": f"{ROOT}:{ROOT / 'backend'}",
        "DYING_AT": moment,
        "DYING_ONCE": str(tmp_path / "died"),
    }
    settings = Settings.from_environment(environment)
    with connect(settings.database_url) as conn:
        portal = a_portal(conn, Vault.of(settings.secret_keys))
    url = f"http://127.0.0.1:{(port := free_port())}"
    application = "backend.tests.integration.workflows.dying_web:create_app()"
    web = Process(
        "web", web_server(port, application), environment, tmp_path / "web.log", url + "/health/ready"
    )
    body = execution(portal.portal_id)

    def call() -> requests.Response:
        return requests.post(url + SEND_SMS, timeout=30, **signed(SEND_SMS, body, base=PUBLIC_ORIGIN))

    def stored() -> list[dict[str, Any]]:
        with connect(settings.database_url) as conn:
            return conn.execute(
                "SELECT m.message_id FROM messages m JOIN workflow_executions e USING (portal_id, message_id)"
            ).fetchall()

    web.start()
    try:
        web.wait_until_ready()
        with pytest.raises(requests.ConnectionError):
            call()
        assert (tmp_path / "died").exists()
        before = stored()
        assert len(before) == kept
        answer = call()
        again = call()
    finally:
        stop_all([web])
    assert (answer.status_code, again.json()) == (200, answer.json())
    [message] = stored()
    assert answer.json()["outputFields"]["message_id"] == str(message["message_id"])
    assert kept == 0 or before == [message]
