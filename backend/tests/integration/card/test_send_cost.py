"""A card send costs the database two transactions and one durable commit; nothing is locked during HubSpot's call."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from psycopg.pq import TransactionStatus

from backend.tests.integration.view_calls import ask, open_card
from connector import create_app
from connector.settings import Settings
from connector.store import session
from connector.store.session import Conn
from connector.wiring import Wiring
from sandbox.hubspot_sim.testing import HubSpot
from sandbox.hubspot_sim.world import PORTAL_ID


@pytest.fixture
def app(connected: Wiring) -> Flask:
    return create_app(connected.settings, connected)


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Each transaction that the pool's connections commit; True: it wrote, and waits for the disk."""
    ended: list[bool] = []
    commit = session.Conn.commit

    def counting(conn: Conn) -> None:
        if conn.info.transaction_status == TransactionStatus.INTRANS:
            conn.run_last()
            row = conn.execute(
                "SELECT pg_current_xact_id_if_assigned() IS NOT NULL"
                " AND current_setting('synchronous_commit') = 'on' AS is_durable"
            ).fetchone()
            assert row is not None
            ended.append(row["is_durable"])
        commit(conn)

    monkeypatch.setattr(session.Conn, "commit", counting)
    return ended


def a_send(app: Flask, key: str) -> dict[str, Any]:
    """A send to the first number of the contact's card."""
    number = open_card(app, "0-1", "501")["numbers"][0]
    return {
        "object_type_id": "0-1",
        "object_id": "501",
        "property": number["property"],
        "recipient": number["recipient"],
        "push_type": "alert",
        "sender": None,
        "unicode": False,
        "text": "Votre colis est arrivé",
        "links": [],
        "idempotency_key": key,
    }


def test_send_is_two_transactions_and_one_durable_commit(app: Flask, commits: list[bool]) -> None:
    body = a_send(app, "a-key-of-a-card")
    commits.clear()
    answer = ask(app, "/card/send", body)
    assert answer["data"]["repeated"] is False
    assert commits == [False, True]


def test_repeated_send_is_one_transaction(app: Flask, commits: list[bool]) -> None:
    body = a_send(app, "a-key-of-a-card")
    first = ask(app, "/card/send", body)
    commits.clear()
    again = ask(app, "/card/send", body)
    assert (again["data"]["repeated"], again["data"]["message"]["id"]) == (
        True,
        first["data"]["message"]["id"],
    )
    assert commits == [False]


def test_nothing_is_locked_while_hubspot_is_asked(
    app: Flask, own: Conn, hubspot: HubSpot, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = a_send(app, "a-key-of-a-card")
    seen: list[int] = []
    read = _reading(app)

    def looking(*arguments: Any, **options: Any) -> Any:
        row = own.execute(
            "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database()"
            " AND xact_start IS NOT NULL AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        ).fetchone()
        own.commit()
        assert row is not None
        seen.append(row["n"])
        return read(*arguments, **options)

    monkeypatch.setattr("connector.hubspot.transport.Transport.call", looking)
    assert ask(app, "/card/send", body)["ok"]
    assert seen == [0]


def _reading(app: Flask) -> Callable[..., Any]:
    from connector.hubspot.transport import Transport

    return Transport.call


def test_send_counts_its_call_in_the_budget(app: Flask, own: Conn, connected: Wiring) -> None:
    body = a_send(app, "a-key-of-a-card")
    own.execute(
        "UPDATE call_budgets SET tokens = 3, background_tokens = 2, refilled_at = now() + interval '1 h'"
        " WHERE bucket = 'calls'"
    )
    own.commit()
    assert ask(app, "/card/send", body)["ok"]
    row = own.execute(
        "SELECT tokens, background_tokens FROM call_budgets WHERE portal_id = %s AND bucket = 'calls'",
        (PORTAL_ID,),
    ).fetchone()
    assert row == {"tokens": 2, "background_tokens": 2}


def test_send_waits_for_a_budget_that_is_used_up(app: Flask, own: Conn, settings: Settings) -> None:
    body = a_send(app, "a-key-of-a-card")
    own.execute(
        "UPDATE call_budgets SET tokens = 0, paused_until = now() + interval '1 h' WHERE bucket = 'calls'"
    )
    own.commit()
    assert ask(app, "/card/send", body)["error"]["code"] == "hubspot_unavailable"
