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
from connector.domain.vocabulary import GatewayEvent
from connector.store.consent import opt_outs
from connector.store.database import Conn
from connector.store.portals import account_webhooks, problems
from connector.store.portals.portals import Portal
from connector.store.unread_events import UnreadBody, keep
from connector.use_cases.delivery.forget_unread import erase_number
from connector.wiring import Wiring
from connector.worker.forgotten_lanes import ForgottenLanes
from connector.worker.main import sweep

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


LARGE = 1_000_000  # bytes of a body that are read


@pytest.mark.parametrize("more", [0, 1, 3_000_000])
def test_body_of_any_size_is_obeyed_as_far_as_it_is_read(
    sender: Sender, conn: Conn, portal: Portal, more: int
) -> None:
    """A body above a megabyte is proved in parts, and never in memory as a whole."""
    body = json.dumps(STOP).encode() + b" " * (LARGE + more - len(json.dumps(STOP)))
    digest = hmac.new(sender.secrets.signature.encode(), body, hashlib.sha256).hexdigest()
    answer = sender.send("stop", body, signature=digest)
    assert (answer.status_code, answer.get_json()["status"]) == (200, "not_understood" if more else "stored")
    assert opted_out(conn, portal, "+" + STOP["from"])
    kept = [(row["fault"], len(row["body"])) for row in unread(conn, portal)]
    assert kept == ([("too large", LARGE)] if more else [])
    assert [one["code"] for one in problems.open_problems(conn, portal.portal_id)] == (
        ["gateway_events_unread"] if more else []
    )


def test_large_bodies_that_begin_alike_are_two(sender: Sender, conn: Conn, portal: Portal) -> None:
    for end in (b"1", b"2", b"2"):
        assert sender.send("dlr", b"x" * LARGE + end).status_code == 200
    assert len(unread(conn, portal)) == 2


def test_large_body_is_proved_to_its_end(sender: Sender, conn: Conn, portal: Portal) -> None:
    body = json.dumps(STOP).encode() + b" " * LARGE
    digest = hmac.new(sender.secrets.signature.encode(), body, hashlib.sha256).hexdigest()
    assert sender.send("stop", body + b" ", signature=digest).status_code == 401
    assert not opted_out(conn, portal, "+" + STOP["from"])


def test_no_other_route_takes_a_large_body(sender: Sender, conn: Conn) -> None:
    for path in ("/view/card/send", "/hubspot/workflow/guess/options/senders"):
        answer = sender.client.post(path, data=b" " * (LARGE + 1))
        assert answer.status_code in (401, 413), path


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
    assert not opted_out(conn, portal, "+" + STOP["from"]), "the person may have consented again since"


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


# --- how long they stay, and a person's erasure


def age(conn: Conn, portal: Portal, days: int) -> None:
    conn.execute(
        "UPDATE unread_events SET received_at = received_at - make_interval(days => %s) WHERE client_id = %s",
        (days, str(portal.portal_id)),
    )
    conn.commit()


def test_unread_events_are_shown_for_a_week_and_deleted_after_a_month(
    sender: Sender, conn: Conn, wiring: Wiring, portal: Portal
) -> None:
    """Also those of an account that sends nothing, whose webhooks nobody checks."""
    assert sender.send("mo", b"\x00").status_code == 200
    conn.execute("UPDATE account_links SET token_enc = NULL WHERE portal_id = %s", (portal.portal_id,))
    conn.commit()
    seen = []
    for _ in range(5):
        sweep(wiring, ForgottenLanes({}))
        codes = [one["code"] for one in problems.open_problems(conn, portal.portal_id)]
        seen.append((codes, len(unread(conn, portal))))
        age(conn, portal, 8)
    assert seen == [(["gateway_events_unread"], 1), ([], 1), ([], 1), ([], 1), ([], 0)]


HOLDING = [
    b"06 12 34 56 98?",
    b"\x00+33 (0)6.12.34.56.98",
    b"from=%2B33612345698&x",
    b"from=06%2012%2034%2056%2098",
    rb'{"from": "\u002b33 6\u00a012\u00a034\u00a056\u00a098',
    "33612345698 à é".encode("utf-16"),
    b"tel: 06-12-34-56-98&nbsp;",
]
OTHER = [b"33612345605", b"0612345698123 is longer", b"612345 and 698", b"\xff\xfe", b"6123456 STOP 98"]


def test_erasing_a_number_deletes_the_bodies_that_hold_it_in_any_notation(
    sender: Sender, conn: Conn, portal: Portal
) -> None:
    for kind in ("dlr", "clicker"):
        for body in [*HOLDING, *OTHER]:
            keep(
                conn,
                UnreadBody(str(portal.portal_id), GatewayEvent(kind.upper()), body, digest(body), "test"),
            )
    conn.commit()
    assert erase_number(conn, "+33612345698") == 2 * len(HOLDING)
    conn.commit()
    assert sorted(bytes(row["body"]) for row in unread(conn, portal)) == sorted(2 * OTHER)
    assert erase_number(conn, "+33612345698") == 0


def test_erasing_looks_at_more_bodies_than_one_page_has(conn: Conn, portal: Portal) -> None:
    for number in range(250):
        body = b"33612345606" if number % 2 else b"33612345607"
        body += b" %d" % number
        keep(conn, UnreadBody(str(portal.portal_id), GatewayEvent.MO, body, digest(body), "test"))
    conn.commit()
    assert erase_number(conn, "+33612345606") == 125
    conn.commit()
    assert len(unread(conn, portal)) == 125


def digest(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()
