"""Views, SMSFactor and browsers as callers: a call is verified before it stores or does anything."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.tests.factories import a_portal
from backend.tests.integration.conftest import change
from backend.tests.integration.http.proofs import count_rows
from backend.tests.integration.view_calls import call_view
from backend.tests.workflow_calls import headers
from connector import create_app
from connector.store.database import Conn
from connector.store.portals import account_webhooks
from connector.store.vault import Vault
from connector.wiring import Wiring


@pytest.fixture(scope="module")
def app(wiring: Wiring) -> Flask:
    return create_app(wiring.settings, wiring)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def signed(client: FlaskClient) -> Callable[..., TestResponse]:
    """Call a route as HubSpot does, with one change."""
    return partial(call_view, client)


def test_signed_call_of_an_installed_portal_gets_in(
    signed: Callable[..., TestResponse], conn: Conn, vault: Vault
) -> None:
    portal = a_portal(conn, vault)
    answer = signed("/settings/open", {}, portal_id=portal.portal_id)
    assert (answer.status_code, answer.get_json()["ok"]) == (200, True)
    older = signed("/settings/open", {}, portal_id=portal.portal_id, secret="older-secret")
    assert older.status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "another-secret"},
        {"base": "https://attacker.example"},
        {"age_s": 6 * 60},
        {"age_s": -6 * 60},
        {"sent_body": b'{"token": "other"}'},
        {
            "sent_target": "/view/settings/link-account?userId=77&portalId=1"
            "&userEmail=ines%40lumen.example&appId=1234567"
        },
    ],
    ids=["secret", "other-url", "six-minutes-old", "from-the-future", "body-changed", "portal-changed"],
)
def test_wrongly_signed_call_is_refused_and_stores_nothing(
    signed: Callable[..., TestResponse], conn: Conn, vault: Vault, wrong: dict[str, Any]
) -> None:
    portal = a_portal(conn, vault, linked=False)
    before = count_rows(conn)
    answer = signed("/settings/link-account", {"token": "t"}, portal_id=portal.portal_id, **wrong)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "signature_invalid")
    assert count_rows(conn) == before


def test_portal_without_the_app_is_refused(signed: Callable[..., TestResponse], conn: Conn) -> None:
    before = count_rows(conn)
    answer = signed("/card/open", {"object_type_id": "0-1", "object_id": "501"}, portal_id=424242)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "portal_not_installed")
    assert count_rows(conn) == before


def test_view_cannot_speak_for_another_portal(
    signed: Callable[..., TestResponse], conn: Conn, vault: Vault
) -> None:
    """The browser writes a portal into the URL; HubSpot adds the real one and signs both."""
    victim, own_portal = a_portal(conn, vault), a_portal(conn, vault)
    answer = signed("/settings/open", {}, portal_id=f"{victim.portal_id}&portalId={own_portal.portal_id}")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "identity_invalid")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "object_id"),
        ({"object_type_id": "0-1", "object_id": "../5"}, "object_id"),
        ({"object_type_id": "0-99", "object_id": "5"}, "object_type_id"),
        ({"object_type_id": "0-1", "object_id": "5", "extra": 1}, "extra"),
    ],
)
def test_wrong_input_is_named(
    signed: Callable[..., TestResponse], conn: Conn, vault: Vault, body: dict[str, Any], field: str
) -> None:
    answer = signed("/card/open", body, portal_id=a_portal(conn, vault).portal_id)
    assert answer.status_code == 200
    assert answer.get_json() == {"ok": False, "error": {"code": "bad_request", "params": {"field": field}}}


def test_deployment_without_app_events_does_not_ask_for_their_scope(wiring: Wiring) -> None:
    """Without app events the project lacks their scope, and HubSpot refuses apps that request more than it names."""
    asked = {}
    for mode in ("app_events", "properties_only"):
        client = create_app(wiring.settings, change(wiring, timeline_mode=mode)).test_client()
        query = parse_qs(urlsplit(client.get("/oauth/hubspot/install").location).query)
        asked[mode] = set(query["scope"][0].split())
    assert asked["app_events"] - asked["properties_only"] == {"timeline"}
    assert asked["properties_only"] < asked["app_events"]


def webhook_of(conn: Conn, vault: Vault, client_id: str) -> account_webhooks.WebhookSecrets:
    return account_webhooks.webhook_secrets(conn, vault, client_id)


def test_template_tells_whose_signed_call_saved_it(
    signed: Callable[..., TestResponse], conn: Conn, vault: Vault
) -> None:
    """The author comes from the signed URL, not from the body."""
    portal_id = a_portal(conn, vault).portal_id
    content: dict[str, Any] = {
        "text": "Bonjour",
        "links": [],
        "push_type": "alert",
        "sender": None,
        "unicode": False,
    }
    answered = signed("/templates/save", {"name": "Accueil", **content}, portal_id=portal_id).get_json()
    template = answered["data"]["template"]
    assert (template["updated_by"], template["updated_by_email"]) == (77, "ines@lumen.example")
    stale = {"id": template["id"], "version": 2, **content}
    answered = signed("/templates/update", stale, portal_id=portal_id).get_json()
    assert answered["error"]["code"] == "template_changed"


def test_webhook_needs_both_path_and_signature(client: FlaskClient, conn: Conn, vault: Vault) -> None:
    portal = a_portal(conn, vault)
    secrets = webhook_of(conn, vault, str(portal.portal_id))
    stranger = webhook_of(conn, vault, str(a_portal(conn, vault).portal_id))
    before = count_rows(conn)
    body = {"date": "2026-11-23T09:00:00", "from": "33612345601", "message": "STOP"}
    for path, header in [
        (secrets.path, None),
        (secrets.path, stranger.signature),
        (secrets.path, "é"),
        ("guess", secrets.signature),
    ]:
        proof = {"X-SMSFactor-Signature": header} if header else {}
        answer = client.post(f"/smsfactor/events/{path}/stop", json=body, headers=proof)
        assert answer.status_code == 401
    assert count_rows(conn) == before


@pytest.mark.parametrize("kind", ["raw", "hmac"])
def test_both_readings_of_the_gateways_signature_are_accepted(
    client: FlaskClient, conn: Conn, vault: Vault, kind: str
) -> None:
    portal = a_portal(conn, vault)
    secrets = webhook_of(conn, vault, str(portal.portal_id))
    raw = json.dumps({"date": "2026-11-23T09:00:00", "from": "33612345602", "message": "STOP"}).encode()
    digest = hmac.new(secrets.signature.encode(), raw, hashlib.sha256).hexdigest()
    header = secrets.signature if kind == "raw" else digest
    answers = [
        client.post(
            f"/smsfactor/events/{secrets.path}/stop", data=raw, headers={"X-SMSFactor-Signature": header}
        )
        for _ in range(2)
    ]
    assert [answer.get_json()["status"] for answer in answers] == ["stored", "repeated"]
    row = conn.execute(
        "SELECT text FROM opt_outs WHERE portal_id = %s AND recipient = '+33612345602'", (portal.portal_id,)
    ).fetchone()
    assert row == {"text": "STOP"}


@pytest.mark.parametrize("text", ["STOP \ud800", "STOP \x00", "🙏 stop"])
def test_stop_is_obeyed_whatever_it_is_written_with(
    client: FlaskClient, conn: Conn, vault: Vault, text: str
) -> None:
    portal = a_portal(conn, vault)
    secrets = webhook_of(conn, vault, str(portal.portal_id))
    answer = client.post(
        f"/smsfactor/events/{secrets.path}/stop",
        data=json.dumps({"date": "2026-11-23T09:00:00", "from": "33612345603", "message": text}),
        headers={"X-SMSFactor-Signature": secrets.signature},
    )
    assert answer.get_json()["status"] == "stored"
    row = conn.execute(
        "SELECT 1 AS found FROM opt_outs WHERE portal_id = %s AND recipient = '+33612345603'",
        (portal.portal_id,),
    ).fetchone()
    assert row == {"found": 1}


UNUSABLE = {
    "too-large": '{"x": 1e400}',
    "not-a-number": '{"x": NaN}',
    "nul": r'{"x": "a\u0000b"}',
    "surrogate": r'{"x": "\ud83d"}',
    "1000-levels": '{"x": ' + "[" * 1000 + "]" * 1000 + "}",
    "100000-levels": '{"x": ' + "[" * 100_000 + "]" * 100_000 + "}",
}


@pytest.mark.parametrize("extra", UNUSABLE.values(), ids=UNUSABLE)
def test_stop_is_obeyed_whatever_stands_beside_it(
    client: FlaskClient, conn: Conn, vault: Vault, extra: str
) -> None:
    portal = a_portal(conn, vault)
    secrets = webhook_of(conn, vault, str(portal.portal_id))
    answer = client.post(
        f"/smsfactor/events/{secrets.path}/stop",
        data='{"date": "2026-11-23T09:00:00", "from": "33612345604", "message": "STOP", "info1": '
        + extra
        + "}",
        headers={"X-SMSFactor-Signature": secrets.signature},
    )
    assert (answer.status_code, answer.get_json()["status"]) == (200, "stored")
    row = conn.execute(
        "SELECT text FROM opt_outs WHERE portal_id = %s AND recipient = '+33612345604'", (portal.portal_id,)
    ).fetchone()
    assert row == {"text": "STOP"}


@pytest.mark.parametrize("extra", UNUSABLE.values(), ids=UNUSABLE)
@pytest.mark.parametrize("path", ["/card/open", "/templates/save", "/settings/save-preferences"])
def test_view_hears_that_its_body_is_unusable(
    signed: Callable[..., TestResponse], conn: Conn, vault: Vault, path: str, extra: str
) -> None:
    content = (
        '{"name": "a", "text": "b", "links": ["https://a.example", '
        + extra
        + '], "phone_properties": '
        + extra
    )
    content += ', "object_type_id": "0-1", "object_id": "501", "push_type": "alert", "sender": null, "unicode": false}'
    answer = signed(path, content.encode(), portal_id=a_portal(conn, vault).portal_id)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (200, "bad_request")


def test_text_that_cannot_be_stored_is_named(
    signed: Callable[..., TestResponse], conn: Conn, vault: Vault
) -> None:
    answer = signed("/settings/link-account", {"token": "a\x00b"}, portal_id=a_portal(conn, vault).portal_id)
    assert answer.get_json()["error"] == {"code": "bad_request", "params": {"field": "token"}}


def test_receipt_for_a_message_that_is_not_ours_is_acknowledged_and_dropped(
    client: FlaskClient, conn: Conn, vault: Vault
) -> None:
    portal = a_portal(conn, vault)
    secrets = webhook_of(conn, vault, str(portal.portal_id))
    before = count_rows(conn)
    answer = client.post(
        f"/smsfactor/events/{secrets.path}/dlr",
        json={"date": "2026-11-23T09:00:00+01:00", "status": 3, "message_id": "web-1", "campaign_id": "9"},
        headers={"X-SMSFactor-Signature": secrets.signature},
    )
    assert (answer.status_code, answer.get_json()["status"]) == (200, "not_ours")
    assert count_rows(conn) == before


def test_oauth_callback_with_a_planted_code_binds_nothing(client: FlaskClient, conn: Conn) -> None:
    before = count_rows(conn)
    install = client.get("/oauth/hubspot/install")
    assert install.status_code == 302
    planted = client.get("/oauth/hubspot/callback?code=stolen&state=guessed")
    assert planted.status_code == 400
    fresh = client.get("/oauth/hubspot/callback?code=from-the-marketplace")
    assert fresh.location == "/oauth/hubspot/install"
    assert count_rows(conn) == before


def state_of(answer: TestResponse) -> str:
    return parse_qs(urlsplit(answer.location).query)["state"][0]


def callback_page(client: FlaskClient, state: str) -> int:
    """The status of the callback's answer: 502 when the state is ours and HubSpot, at a closed port, is asked."""
    return client.get("/oauth/hubspot/callback", query_string={"code": "c", "state": state}).status_code


def test_beginning_an_install_stores_nothing(client: FlaskClient, conn: Conn) -> None:
    before = count_rows(conn)
    states = {state_of(client.get("/oauth/hubspot/install")) for _ in range(3)}
    assert len(states) == 3
    assert count_rows(conn) == before


def test_oauth_state_works_once(client: FlaskClient, conn: Conn) -> None:
    """The nonce's hash is stored when HubSpot answers, until the state expires; then it goes."""
    state = state_of(client.get("/oauth/hubspot/install"))
    assert callback_page(client, state) == 502
    assert callback_page(client, state) == 400
    conn.execute("UPDATE used_oauth_nonces SET expires_at = now() - interval '1 s'")
    conn.commit()
    assert callback_page(client, state_of(client.get("/oauth/hubspot/install"))) == 502
    row = conn.execute("SELECT count(*) AS n FROM used_oauth_nonces").fetchone()
    assert row == {"n": 1}


def test_oauth_state_of_another_browser_is_refused(app: Flask, client: FlaskClient, conn: Conn) -> None:
    before = count_rows(conn)
    state = state_of(app.test_client().get("/oauth/hubspot/install"))
    assert callback_page(client, state) == 400
    client.set_cookie("smsfactor_oauth_state", state, path="/oauth/hubspot")
    client.get("/oauth/hubspot/install")  # replaces it
    assert callback_page(client, state) == 400
    assert count_rows(conn) == before


def test_oauth_state_must_be_one_of_ours(
    client: FlaskClient, conn: Conn, vault: Vault, wiring: Wiring
) -> None:
    """Neither a value that the vault sealed for another purpose, nor an old state."""
    before = count_rows(conn)
    other = vault.seal("refresh-token")
    then = int(time.time()) - 601
    old = Fernet(wiring.settings.secret_keys[0]).encrypt_at_time(b"oauth-state:nonce", then).decode()
    for state in (other, old, "é", "x" * 3000):
        client.set_cookie("smsfactor_oauth_state", state, path="/oauth/hubspot")
        assert callback_page(client, state) == 400
    assert count_rows(conn) == before


@pytest.mark.parametrize("name", ["userId", "portalId", "userEmail", "appId"])
@pytest.mark.parametrize("place", ["before", "after", "encoded", "instead", "empty"])
def test_view_needs_exactly_one_of_each_identity_parameter(
    client: FlaskClient, conn: Conn, vault: Vault, name: str, place: str
) -> None:
    """The browser may write the same parameters into the URL before HubSpot appends them and signs."""
    portal = a_portal(conn, vault)
    identity = {
        "userId": "77",
        "portalId": str(portal.portal_id),
        "userEmail": "ines%40lumen.example",
        "appId": "1234567",
    }
    parts = [f"{key}={value}" for key, value in identity.items()]
    own = f"{name}={identity[name]}"
    query = {
        "before": [own, *parts],
        "after": [*parts, own],
        "encoded": [own.replace("I", "%49").replace("E", "%45"), *parts],
        "instead": [part for part in parts if part != own],
        "empty": [f"{name}=" if part == own else part for part in parts],
    }[place]
    answer = view_call(client, "/view/settings/open?" + "&".join(query))
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "identity_invalid")


def view_call(client: FlaskClient, target: str, body: bytes = b"{}") -> TestResponse:
    """A call whose URL is signed as it stands."""
    return client.post(target, data=body, headers=headers(target.replace("%40", "@"), body, "v3"))


def test_view_cannot_hide_the_identity_in_a_parameter_of_its_own(
    client: FlaskClient, conn: Conn, vault: Vault
) -> None:
    """Should HubSpot append with "?" whatever the URL holds, its user would be part of the browser's last value."""
    portal_id = a_portal(conn, vault).portal_id
    target = f"/view/settings/open?userId=5&x=?userId=77&portalId={portal_id}&userEmail=a%40b.example&appId=1"
    answer = view_call(client, target)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "identity_invalid")


def test_view_cannot_hide_the_identity_in_a_fragment(client: FlaskClient, conn: Conn, vault: Vault) -> None:
    """Should HubSpot append to a fragment and call with it, the web server leaves it out of the query."""
    portal_id = a_portal(conn, vault).portal_id
    own = f"userId=5&portalId={portal_id}&userEmail=a%40b.example&appId=1"
    target = f"/view/settings/open?{own}#&userId=77&portalId=1&userEmail=x%40b.example&appId=1"
    raw = {"REQUEST_URI": target, "RAW_URI": target}
    signature = headers(target.replace("%40", "@"), b"{}", "v3")
    answer = client.post(target, data=b"{}", headers=signature, environ_overrides=raw)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "identity_invalid")


def test_consent_without_an_author_is_not_recorded(client: FlaskClient, conn: Conn, vault: Vault) -> None:
    portal_id = a_portal(conn, vault).portal_id
    before = count_rows(conn)
    body = b'{"object_type_id": "0-1", "object_id": "1", "recipient": "+33612345678", "reason": "phone call"}'
    identity = f"userId=77&portalId={portal_id}&userEmail=a%40b.example&appId=1"
    answer = view_call(client, f"/view/card/record-consent?userId=5&{identity}", body)
    assert answer.status_code == 401
    assert count_rows(conn) == before


def test_oauth_cookie_is_for_this_round_trip_only(client: FlaskClient) -> None:
    cookie = client.get("/oauth/hubspot/install").headers["Set-Cookie"]
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
