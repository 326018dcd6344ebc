"""HubSpot's official client at connection level: its faults are translated, its secrets do not leak."""

import json
import socket
import time
import traceback
from typing import Any

import pytest

from connector.hubspot.client import HubSpotApi
from connector.hubspot.errors import HubSpotError, OAuthUnavailable, OutcomeUnknown, Unavailable
from connector.hubspot.oauth import HubSpotOAuth
from connector.hubspot.payloads import RecordUpdate

RECORD = json.dumps({"id": "501", "properties": {"phone": "0612345678"}})
SHORT_S = 0.4
ENDS_WITHIN_S = 20.0  # a deadline that is not observed lets a call last 50 s
# Values that must not leak. Tracebacks quote source lines, so calls use these constants instead.
TOKEN, CLIENT_SECRET, NUMBER = "SECRET-TOKEN", "SECRET-OF-THE-APP", "0612345678"


def read(address: str, timeout_s: float = 5.0) -> Any:
    portal = HubSpotApi(address, timeout_s=timeout_s).portal(TOKEN)
    return portal.read_object("contacts", "501", ["phone", "mobilephone"])


def write(address: str, timeout_s: float = 5.0) -> Any:
    portal = HubSpotApi(address, timeout_s=timeout_s).portal(TOKEN)
    return portal.batch_update("contacts", [RecordUpdate("501", {"phone": NUMBER})])


def test_what_is_sent(scripted: Any, answer_with: Any) -> None:
    server = scripted(
        lambda connection, request: answer_with(200, RECORD if "GET" in request.line else '{"results":[]}')
    )
    read(server.address + "/")
    write(server.address)
    first, second = server.requests
    assert first.line == "GET /crm/objects/2026-09/contacts/501?properties=phone%2Cmobilephone HTTP/1.1"
    assert first.headers["authorization"] == "Bearer SECRET-TOKEN"
    assert second.line == "POST /crm/objects/2026-09/contacts/batch/update HTTP/1.1"
    assert second.headers["content-type"] == "application/json"
    assert json.loads(second.body) == {"inputs": [{"id": "501", "properties": {"phone": "0612345678"}}]}


def test_one_connection_serves_all_portals(scripted: Any, answer_with: Any) -> None:
    server = scripted(lambda connection, request: answer_with(200, RECORD))
    api = HubSpotApi(server.address)
    for number in range(5):
        api.portal(f"token-{number}").read_object("contacts", "501", ["phone"])
    assert [request.headers["authorization"] for request in server.requests] == [
        f"Bearer token-{number}" for number in range(5)
    ]
    assert server.connections == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_the_official_clients_own_retries_are_off(scripted: Any, answer_with: Any, status: int) -> None:
    server = scripted(lambda connection, request: answer_with(status, "{}", Retry_After="0"))
    with pytest.raises(HubSpotError):
        read(server.address)
    assert len(server.requests) == 1


def test_refusals_give_their_connection_back(scripted: Any, answer_with: Any) -> None:
    server = scripted(lambda connection, request: answer_with(404, "{}"))
    api = HubSpotApi(server.address)
    for _ in range(5):
        with pytest.raises(HubSpotError):
            api.portal("token").account_details()
    assert server.connections == 1


def test_an_error_that_is_not_utf8_is_still_an_error(scripted: Any, answer_with: Any) -> None:
    # The generated wrapper of the official client fails on it with a UnicodeDecodeError.
    server = scripted(lambda connection, request: answer_with(500, b"\xff\xfe"))
    with pytest.raises(Unavailable):
        read(server.address)


def test_a_tls_failure_is_a_decision(scripted: Any, answer_with: Any) -> None:
    # The generated wrapper of the official client fails on it with an AttributeError.
    server = scripted(lambda connection, request: answer_with(200, RECORD))
    address = server.address.replace("http:", "https:")
    with pytest.raises(Unavailable):
        read(address)
    with pytest.raises((Unavailable, OutcomeUnknown)):
        write(address)


def test_silence_and_dripping_end_at_the_deadline(scripted: Any) -> None:
    def drip(connection: socket.socket, request: object) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not dripping.over.wait(0.05):
            connection.sendall(b" ")

    silent: Any = scripted(lambda connection, request: silent.over.wait(50) and None)
    dripping: Any = scripted(drip)
    for server in (silent, dripping):
        begun = time.monotonic()
        with pytest.raises(Unavailable):
            read(server.address, SHORT_S)
        with pytest.raises(OutcomeUnknown):
            write(server.address, SHORT_S)
        assert time.monotonic() - begun < ENDS_WITHIN_S


def test_a_redirect_is_not_followed(scripted: Any, answer_with: Any) -> None:
    target = scripted(lambda connection, request: answer_with(200, RECORD))
    server = scripted(lambda connection, request: answer_with(307, "", Location=target.address + "/x"))
    with pytest.raises(Unavailable):
        read(server.address)
    with pytest.raises(OutcomeUnknown):
        write(server.address)
    with pytest.raises(OAuthUnavailable):
        an_oauth(server.address).refresh(TOKEN)
    assert target.requests == []


def an_oauth(address: str) -> HubSpotOAuth:
    redirect_uri = "https://connector.example/callback"
    return HubSpotOAuth(
        address, address, client_id="id", client_secret=CLIENT_SECRET, redirect_uri=redirect_uri
    )


def quoting_error(answer_with: Any) -> Any:
    """A refusal that quotes its request, as HubSpot's do."""
    return lambda connection, request: answer_with(
        400, json.dumps({"message": request.body.decode() + NUMBER})
    )


def test_an_error_shows_no_secret_and_no_number(scripted: Any, answer_with: Any, closed_address: str) -> None:
    for address in (scripted(quoting_error(answer_with)).address, closed_address):
        for call in (read, write):
            with pytest.raises(HubSpotError) as failed:
                call(address)
            shown = "".join(traceback.format_exception(failed.value)) + repr(failed.value)
            assert "SECRET" not in shown
            assert NUMBER not in shown


def test_an_oauth_error_shows_no_secret(scripted: Any, answer_with: Any, closed_address: str) -> None:
    cut = scripted(lambda connection, request: None)
    for address in (scripted(quoting_error(answer_with)).address, cut.address, closed_address):
        oauth = an_oauth(address)
        for call in (oauth.refresh, oauth.exchange_code, oauth.revoke, oauth.introspect):
            with pytest.raises(HubSpotError) as failed:
                call(TOKEN)
            shown = "".join(traceback.format_exception(failed.value)) + repr(failed.value)
            assert "SECRET" not in shown
