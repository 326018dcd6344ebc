"""A proved webhook body is never refused: read, else stored as bytes by account and shown as a problem (P24)."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.tests.factories import a_portal
from connector import create_app
from connector.store.consent import opt_outs
from connector.store.database import Conn
from connector.store.portals import account_webhooks, problems
from connector.store.portals.portals import Portal
from connector.wiring import Wiring

UNREADABLE = [
    b"",
    b"\x00\x01\xff",
    b"<html>503</html>",
    b"{}",
    b"[" * 100_000,
    b'{"from": "LUMEN", "message": "x"}',
]
STOP = {"date": "2026-11-23T09:00:00", "message": "Arrêtez, STOP", "from": "33612345604"}


class Sender:
    """SMSFactor as it calls the webhooks of one account."""

    def __init__(self, client: FlaskClient, secrets: account_webhooks.WebhookSecrets) -> None:
        self.client, self.secrets = client, secrets

    def send(self, kind: str, body: bytes, *, signature: str | None = None) -> TestResponse:
        return self.client.post(
            f"/smsfactor/events/{self.secrets.path}/{kind}",
            data=body,
            headers={"X-SMSFactor-Signature": signature or self.secrets.signature},
        )


@pytest.fixture
def portal(conn: Conn, wiring: Wiring) -> Portal:
    return a_portal(conn, wiring.vault)


@pytest.fixture
def sender(wiring: Wiring, conn: Conn, portal: Portal) -> Sender:
    secrets = account_webhooks.webhook_secrets(conn, wiring.vault, str(portal.portal_id))
    conn.commit()
    return Sender(create_app(wiring.settings, wiring).test_client(), secrets)


def unread(conn: Conn, portal: Portal) -> list[dict[str, Any]]:
    rows = conn.execute(
        "SELECT type, body, fault FROM unread_events WHERE client_id = %s ORDER BY received_at",
        (str(portal.portal_id),),
    ).fetchall()
    conn.commit()
    return rows


def opted_out(conn: Conn, portal: Portal, number: str) -> bool:
    found = opt_outs.find(conn, portal.portal_id, number)
    conn.commit()
    return found is not None


@pytest.mark.parametrize("kind", ["dlr", "mo", "stop", "clicker"])
def test_unreadable_bodies_are_stored_and_counted(
    sender: Sender, conn: Conn, portal: Portal, kind: str
) -> None:
    bodies = UNREADABLE if kind in ("mo", "stop") else UNREADABLE[:-1]
    for body in bodies:
        answer = sender.send(kind, body)
        assert (answer.status_code, answer.get_json()) == (200, {"status": "not_understood"})
    assert sender.send(kind, bodies[0]).get_json() == {"status": "repeated"}
    rows = unread(conn, portal)
    assert [(row["type"], bytes(row["body"])) for row in rows] == [(kind.upper(), body) for body in bodies]
    assert problems.open_problems(conn, portal.portal_id) == [
        {"code": "gateway_events_unread", "params": {"count": len(bodies)}}
    ]


def test_unproved_bodies_are_refused_before_they_are_read(sender: Sender, conn: Conn, portal: Portal) -> None:
    for body in UNREADABLE:
        assert sender.send("stop", body, signature="guess").status_code == 401
    assert unread(conn, portal) == []


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_signature_covers_the_bytes_as_they_came(
    sender: Sender, conn: Conn, portal: Portal, encoding: str
) -> None:
    body = json.dumps(STOP, ensure_ascii=False).encode(encoding)
    digest = hmac.new(sender.secrets.signature.encode(), body, hashlib.sha256).hexdigest()
    assert sender.send("stop", body, signature=digest).get_json() == {"status": "stored"}
    assert opted_out(conn, portal, "+33612345604")
    row = conn.execute("SELECT text FROM opt_outs WHERE portal_id = %s", (portal.portal_id,)).fetchone()
    assert row == {"text": "Arrêtez, STOP"}


@pytest.mark.parametrize(
    "body",
    [
        b'{"from": "33612345605", "message": "STOP\nMarie"}',
        b'{"from": "33612345605", "message": "STOP", "cost": 1e400}',
        b'{"from": "33612345605", "message": "STOP", "cost": NaN}',
        rb'{"from": "33612345605", "message": "STOP", "more": {"a\u0000": "\ud800"}}',
        b'{"from": "33612345605", "message": "STOP", "more": ' + b"[" * 1000 + b"]" * 1000 + b"}",
        b'{"from": "33612345605", "message": "STO',
    ],
)
def test_stop_whose_number_can_be_read_is_obeyed(
    sender: Sender, conn: Conn, portal: Portal, body: bytes
) -> None:
    assert sender.send("stop", body).get_json() == {"status": "stored"}
    assert opted_out(conn, portal, "+33612345605")
    assert unread(conn, portal) == []


def test_one_unreadable_event_does_not_hide_the_others_of_its_body(
    sender: Sender, conn: Conn, portal: Portal
) -> None:
    body = json.dumps([{"from": "LUMEN", "message": "x"}, STOP]).encode()
    assert sender.send("stop", body).status_code == 200
    assert opted_out(conn, portal, "+33612345604")
    assert len(unread(conn, portal)) == 1


def test_same_event_written_in_another_way_is_one_event(sender: Sender, conn: Conn, portal: Portal) -> None:
    ways = [
        json.dumps(STOP),
        json.dumps(STOP, ensure_ascii=False),
        json.dumps({**dict(reversed(STOP.items())), "account_id": None}),
        json.dumps({**STOP, "date": "2026-11-23T09:00:00+01:00"}),
    ]
    answers = [sender.send("stop", way.encode()).get_json()["status"] for way in ways]
    assert answers == ["stored", "repeated", "repeated", "repeated"]
    later = sender.send("stop", json.dumps({**STOP, "date": "2026-11-24T09:00:00"}).encode())
    assert later.get_json() == {"status": "stored"}


REPLY = {"date": "2026-11-23T09:00:00", "message": "Oui", "from": "33612345604", "account_id": "9"}


def former_key(type_: str, payload: dict[str, Any]) -> str:
    """The key of the former version: of the whole body."""
    canonical = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{type_}:{hashlib.sha256(canonical.encode()).hexdigest()}"


def test_event_that_the_former_version_stored_is_not_stored_again(
    sender: Sender, conn: Conn, portal: Portal
) -> None:
    """It was killed before its answer, and SMSFactor repeats the event to the new version."""
    conn.execute(
        "INSERT INTO inbox (portal_id, event_key, client_id, type, payload, applied_at)"
        " VALUES (%s, %s, %s, 'STOP', '{}', now())",
        (portal.portal_id, former_key("STOP", STOP), str(portal.portal_id)),
    )
    conn.execute(
        "INSERT INTO unassigned_events (client_id, event_key, type, payload) VALUES (%s, %s, 'MO', '{}')",
        (str(portal.portal_id), former_key("MO", REPLY)),
    )
    conn.commit()
    for kind, event in (("stop", STOP), ("mo", REPLY)):
        assert sender.send(kind, json.dumps(event).encode()).get_json() == {"status": "repeated"}
    assert not opted_out(conn, portal, STOP["from"]), "the person may have consented again since"


def test_broken_body_whose_event_is_read_in_part_is_stored_as_bytes_too(
    sender: Sender, conn: Conn, portal: Portal
) -> None:
    bodies = {
        "dlr": b'{"status": 3, "campaign_id": "9", "message_id": "hs-12',
        "mo": b'{"from": "33612345604", "message": "Oui, dema',
        "clicker": b'{"gsmsid": "hs-1", "long_url": "https://lum',
    }
    for kind, body in bodies.items():
        assert sender.send(kind, body).status_code == 200
    assert [(row["type"].lower(), bytes(row["body"])) for row in unread(conn, portal)] == [*bodies.items()]


def test_each_stop_of_a_broken_body_is_obeyed(sender: Sender, conn: Conn, portal: Portal) -> None:
    body = b'[{"from": "33612345607", "message": "STOP"}, {"from": "33612345608", "message": "ST'
    assert sender.send("stop", body).status_code == 200
    assert opted_out(conn, portal, "+33612345607")
    assert opted_out(conn, portal, "+33612345608")
