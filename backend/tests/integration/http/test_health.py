"""Readiness: the database is there, migrated for this version, and its secrets can be opened."""

import dataclasses
from collections.abc import Iterator

import pytest
import structlog
from cryptography.fernet import Fernet
from structlog.testing import LogCapture

from backend.tests.factories import a_portal
from connector import create_app
from connector.settings import Settings
from connector.store.database import Conn
from connector.store.readiness import wanted_schema
from connector.store.vault import Vault
from connector.wiring import Wiring, wire


def ready(wiring: Wiring) -> tuple[int, dict[str, str]]:
    answer = create_app(wiring.settings, wiring).test_client().get("/health/ready")
    return answer.status_code, answer.get_json()


@pytest.fixture
def other_keys(alone: Wiring) -> Iterator[Wiring]:
    """A process on the same database whose SECRET_KEYS are others."""
    made = wire(dataclasses.replace(alone.settings, secret_keys=(Fernet.generate_key().decode(),)))
    yield made
    made.close()


def test_migrated_database_is_ready(alone: Wiring) -> None:
    assert ready(alone) == (200, {"status": "ok"})


def test_old_schema_is_named_and_a_newer_one_serves(alone: Wiring, own: Conn) -> None:
    try:
        answers = []
        for revision in ("0001", "9999"):
            own.execute("UPDATE alembic_version SET version_num = %s", (revision,))
            own.commit()
            answers.append(ready(alone))
    finally:
        own.execute("UPDATE alembic_version SET version_num = %s", (wanted_schema(),))
        own.commit()
    assert answers == [(503, {"status": "schema_old"}), (200, {"status": "ok"})]


def test_database_without_tables_has_an_old_schema(alone: Wiring, own: Conn) -> None:
    own.execute("ALTER TABLE alembic_version RENAME TO hidden")
    own.commit()
    try:
        assert ready(alone) == (503, {"status": "schema_old"})
    finally:
        own.execute("ALTER TABLE hidden RENAME TO alembic_version")
        own.commit()


def test_wrong_secret_keys_are_named_while_they_open_nothing(
    alone: Wiring, own: Conn, other_keys: Wiring
) -> None:
    assert ready(other_keys) == (200, {"status": "ok"}), "nothing is stored yet"
    portal = a_portal(own, alone.vault)
    started_later = dataclasses.replace(other_keys, readiness=wire(other_keys.settings).readiness)
    assert ready(started_later) == (503, {"status": "secret_keys_wrong"})
    assert ready(alone) == (200, {"status": "ok"})
    own.execute("DELETE FROM hubspot_tokens WHERE portal_id = %s", (portal.portal_id,))
    own.execute("DELETE FROM account_links WHERE portal_id = %s", (portal.portal_id,))
    own.execute("DELETE FROM sms_accounts WHERE client_id = %s", (str(portal.portal_id),))
    own.commit()
    assert ready(started_later) == (200, {"status": "ok"}), "they open everything that is left"


def test_secrets_that_cannot_be_opened_are_named_at_start(
    alone: Wiring, own: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_portal(own, alone.vault)
    settings: Settings = dataclasses.replace(alone.settings, secret_keys=(Fernet.generate_key().decode(),))
    logs = LogCapture()
    monkeypatch.setattr("connector.readiness.log", structlog.wrap_logger(None, processors=[logs]))
    app = create_app(settings)
    app.extensions["wiring"].close()
    named = [(entry["table"], entry["key_id"], entry["rows"]) for entry in logs.entries]
    key_id = alone.vault.key_id
    assert named == [("account_links", key_id, 1), ("hubspot_tokens", key_id, 1), ("sms_accounts", key_id, 1)]


def test_older_process_stays_ready_during_a_rotation(alone: Wiring, own: Conn) -> None:
    assert ready(alone) == (200, {"status": "ok"})
    rotated = Vault.of((Fernet.generate_key().decode(), *alone.settings.secret_keys))
    a_portal(own, rotated)
    assert ready(alone) == (200, {"status": "ok"})
