"""Executions of workflow actions through the Flask application, on PostgreSQL, with real signatures."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from backend.tests import workflow_calls
from backend.tests.factories import a_portal
from backend.tests.workflow_calls import SEND_SMS, execution
from connector import create_app
from connector.store.database import Conn
from connector.store.portals import Portal
from connector.store.vault import Vault
from connector.wiring import Wiring

Outputs = dict[str, str]


@pytest.fixture(scope="module")
def app(wiring: Wiring) -> Flask:
    return create_app(wiring.settings, wiring)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def portal(conn: Conn, vault: Vault) -> Portal:
    return a_portal(conn, vault)


@pytest.fixture
def run(client: FlaskClient) -> Callable[..., Outputs]:
    """Execute an action and return its output fields."""

    def call(body: dict[str, Any], path: str = SEND_SMS, version: str = "v3") -> Outputs:
        answer = client.post(path, **workflow_calls.signed(path, body, version=version))
        assert answer.status_code == 200, answer.get_data()
        fields: Outputs = answer.get_json()["outputFields"]
        assert all(isinstance(value, str) for value in fields.values())
        return fields

    return call


def rows(conn: Conn, query: str, portal: Portal) -> list[dict[str, Any]]:
    found = conn.execute(query, (portal.portal_id,)).fetchall()  # type: ignore[arg-type]
    conn.commit()
    return found


def stored(conn: Conn, portal: Portal) -> list[dict[str, Any]]:
    return rows(conn, "SELECT * FROM messages WHERE portal_id = %s ORDER BY created_at", portal)


def test_an_execution_is_answered_once_it_is_stored(
    run: Callable[..., Outputs], conn: Conn, portal: Portal
) -> None:
    fields = run(execution(portal.portal_id))
    [message] = stored(conn, portal)
    assert fields == {
        "hs_execution_state": "SUCCESS",
        "status": "queued",
        "reason": "",
        "message_id": str(message["message_id"]),
        "recipient": "+33612345601",
        "sms_count": "1",
        "cost": "1",
        "reply": "",
    }
    assert (message["state"], message["source"], message["priority"]) == ("queued", "workflow", 1)
