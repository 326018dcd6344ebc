"""Faults of the gateway at connection level: which calls may be repeated and which must not.

Protocol P5: definite refusals are -1, -2, -3, -4, -6 and -7 beside any HTTP status below 500, and a call that never
left. The outcome of every other fault is unknown: a page without such a status may be a proxy's.
"""

import json
import socket
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from connector.domain.vocabulary import Direction, GatewayEvent, PushType
from connector.smsfactor import transport
from connector.smsfactor.client import SmsFactorClient
from connector.smsfactor.errors import GatewayError, NotSent, OutcomeUnknown, Refused, Unavailable
from connector.smsfactor.payloads import SendCall

TOKEN = "eyJ.SECRET-TOKEN.x"
CALL = SendCall("Bonjour", PushType.ALERT, None, False, [("sbx-1", "33612345678")])
OK = {"status": 1, "message": "OK", "ticket": "1", "cost": 1, "credits": 9, "total": 1, "sent": 1}
SHORT_S = 0.4
ENDS_WITHIN_S = 20.0  # a deadline that is not observed lets a call last 50 s


def send(address: str, timeout_s: float = 5.0) -> Any:
    return SmsFactorClient(address, timeout_s=timeout_s).send(TOKEN, CALL)


def read(address: str, timeout_s: float = 5.0) -> Any:
    return SmsFactorClient(address, timeout_s=timeout_s).credits(TOKEN)


def test_what_is_sent(scripted: Any, answer_with: Any) -> None:
    server = scripted(lambda connection, request: answer_with(200, json.dumps(OK), Set_Cookie="a=b; Path=/"))
    client = SmsFactorClient(server.address + "/")
    assert client.send(TOKEN, CALL).ticket == "1"
    client.send(TOKEN, CALL)
    first, second = server.requests
    assert first.line == "POST /send HTTP/1.1"
    # Without Accept the gateway answers XML; it looks at Content-Type on every call.
    assert (first.headers["accept"], first.headers["content-type"]) == (
        "application/json",
        "application/json",
    )
    assert first.headers["authorization"] == f"Bearer {TOKEN}"
    assert json.loads(first.body) == CALL.as_json()
    assert "transfer-encoding" not in first.headers
    assert "cookie" not in second.headers


def test_reads_carry_the_same_headers(scripted: Any, answer_with: Any) -> None:
    server = scripted(lambda connection, request: answer_with(200, '{"status":1,"credits":"5"}'))
    read(server.address)
    headers = server.requests[0].headers
    assert (headers["accept"], headers["content-type"]) == ("application/json", "application/json")


def test_one_connection_serves_many_calls(scripted: Any, answer_with: Any) -> None:
    server = scripted(lambda connection, request: answer_with(200, json.dumps(OK)))
    client = SmsFactorClient(server.address)
    for _ in range(5):
        client.send(TOKEN, CALL)
    assert (server.connections, len(server.requests)) == (1, 5)


def test_a_chunked_answer_is_read(scripted: Any) -> None:
    text = json.dumps(OK).encode()
    parts = [text[:10], text[10:]]
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"".join(f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in parts)
    server = scripted(lambda connection, request: head + chunks + b"0\r\n\r\n")
    client = SmsFactorClient(server.address)
    assert [client.send(TOKEN, CALL).sent for _ in range(2)] == [1, 1]
    assert server.connections == 1


REFUSALS = [
    # HTTP status, body, kind, reported status
    (200, {"status": -1}, "auth", -1),
    (200, {"status": -2}, "invalid", -2),
    (200, {"status": -3}, "no_credits", -3),
    (200, {"status": -4}, "invalid", -4),
    (200, {"status": -6}, "invalid", -6),
    (200, {"status": -7}, "invalid", -7),
    (400, {"status": -7}, "invalid", -7),
    (403, {"status": -3}, "no_credits", -3),
    (401, {"status": -1}, "auth", -1),
    (404, {"status": -7}, "invalid", -7),
    (429, {"status": -7}, "rate_limited", -7),
]
UNKNOWN = [
    (200, {"status": -99}),
    (200, {"status": -5}),
    (200, {"status": -9}),
    (200, {"status": "1", "sent": 1}),
    (200, {"status": True, "sent": 1}),
    (200, {"status": 1.0, "sent": 1}),
    (200, {"error": "Something"}),
    (200, {}),
    (200, []),
    (200, ""),
    (200, "<response><status>1</status></response>"),
    (200, "\xff\xfe"),
    (200, "[" * 100_000),
    (200, {"status": 1, "ticket": "1"}),
    (202, {}),
    (302, ""),
    (400, {}),
    (401, OK),
    (401, {"error": "no"}),
    (401, "<html>"),
    (403, {}),
    (403, {"status": -8, "ticket": "1"}),
    (403, {"status": -99}),
    (403, "<html>403 Forbidden</html>"),
    (404, ""),
    (404, OK),
    (404, "<html>404 Not Found</html>"),
    (404, {"status": 404, "title": "Not Found"}),
    (404, {"status": -5}),
    (408, ""),
    (413, ""),
    (422, {"error": "x"}),
    (429, ""),
    (429, {"error": "slow down"}),
    (500, {"status": -7}),
    (500, ""),
    (502, "<html>"),
    (503, {"status": -1}),
    (503, OK),
    (504, ""),
]


def body_of(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@pytest.mark.parametrize(("http", "body", "kind", "status"), REFUSALS)
def test_definite_refusals(
    scripted: Any, answer_with: Any, http: int, body: object, kind: str, status: int
) -> None:
    server = scripted(lambda connection, request: answer_with(http, body_of(body)))
    for call in (send, read):
        with pytest.raises(Refused) as refused:
            call(server.address)
        assert (refused.value.kind, refused.value.status) == (kind, status)
    assert len(server.requests) == 2


@pytest.mark.parametrize(("http", "body"), UNKNOWN)
def test_everything_else_is_unknown_for_a_send(
    scripted: Any, answer_with: Any, http: int, body: object
) -> None:
    server = scripted(lambda connection, request: answer_with(http, body_of(body)))
    with pytest.raises(OutcomeUnknown):
        send(server.address)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("http", "body", "expected"),
    [
        (200, {"status": -5}, "not_found"),
        (404, {"status": -5}, "not_found"),
        (404, "<html>404 Not Found</html>", None),
        (404, "", None),
        (401, "<html>", None),
        (403, {}, None),
        (400, {}, None),
        (422, {"error": "x"}, None),
        (429, "", None),
        (200, {"status": -99}, None),
        (200, {"status": -8}, None),
        (200, {"status": 1, "credits": "none"}, None),
        (200, "<response/>", None),
        (302, "", None),
        (500, {"status": -1}, None),
        (503, "", None),
    ],
)
def test_reads_are_refused_or_unavailable(
    scripted: Any, answer_with: Any, http: int, body: object, expected: str | None
) -> None:
    server = scripted(lambda connection, request: answer_with(http, body_of(body)))
    with pytest.raises(Refused if expected else Unavailable) as failed:
        read(server.address)
    assert getattr(failed.value, "kind", None) == expected


def test_a_moderated_send_is_an_answer(scripted: Any, answer_with: Any) -> None:
    body = {"status": -8, "message": "CAMPAIGN_UNDER_MODERATION", "ticket": "77", "cost": 1, "credits": 8}
    server = scripted(lambda connection, request: answer_with(200, json.dumps(body)))
    answer = send(server.address)
    assert (answer.moderated, answer.ticket, answer.sent) == (True, "77", 1)


@pytest.mark.parametrize(
    ("http", "header", "wait_s"),
    [
        (429, "7", 7.0),
        (429, "999999", 3600.0),
        (429, "-1", 0.0),
        (429, "soon", 10.0),
        (503, "7", 7.0),
        (503, "soon", None),
    ],
)
@pytest.mark.parametrize("call", [send, read])
def test_retry_after(
    scripted: Any, answer_with: Any, call: Any, http: int, header: str, wait_s: float | None
) -> None:
    server = scripted(lambda connection, request: answer_with(http, "", Retry_After=header))
    with pytest.raises(GatewayError) as failed:
        call(server.address)
    assert failed.value.retry_after_s == wait_s


def no_dns(*_: object) -> None:
    raise socket.gaierror(socket.EAI_NONAME, "unknown host")


@pytest.mark.parametrize("trouble", ["refused", "unknown host", "TLS"])
def test_a_call_that_never_left(
    scripted: Any, answer_with: Any, closed_address: str, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    server = scripted(lambda connection, request: answer_with(200, json.dumps(OK)))
    address = closed_address
    if trouble == "unknown host":
        address = "http://gateway.invalid"
        monkeypatch.setattr(socket, "getaddrinfo", no_dns)
    elif trouble == "TLS":
        address = server.address.replace("http:", "https:")
    with pytest.raises(NotSent):
        send(address)
    with pytest.raises(Unavailable):
        read(address)


def test_a_body_does_not_leave_after_the_deadline(
    scripted: Any, answer_with: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If resolving a host name outlasts the lease, the call must not leave: another worker may own the messages."""
    server = scripted(lambda connection, request: answer_with(200, json.dumps(OK)))
    look_up = socket.getaddrinfo
    clock = {"late_s": 0.0}
    monotonic = time.monotonic

    def slow_look_up(*arguments: Any, **options: Any) -> Any:
        clock["late_s"] = 60.0
        return look_up(*arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slow_look_up)
    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + clock["late_s"])
    with pytest.raises(NotSent):
        send(server.address)
    assert all(request.body == b"" for request in server.requests)


def close(connection: socket.socket, request: object) -> None:
    """Read the request, answer nothing."""


def cut_answer(connection: socket.socket, request: object) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n{"status": 1, "sent": 1')


def cut_head(connection: socket.socket, request: object) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Le")


def no_http(connection: socket.socket, request: object) -> None:
    connection.sendall(b"220 mail.example ESMTP\r\n\r\n")


def huge(connection: socket.socket, request: object) -> None:
    # A valid answer that trailing blanks make too long to be read.
    content = json.dumps(OK | {"credits": "1"}).encode().ljust(transport.MAX_ANSWER_BYTES + 1)
    connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)


@pytest.mark.parametrize("script", [close, cut_answer, cut_head, no_http, huge])
def test_a_lost_answer(scripted: Any, script: Any) -> None:
    server = scripted(script)
    with pytest.raises(OutcomeUnknown):
        send(server.address)
    with pytest.raises(Unavailable):
        read(server.address)
    # No call was repeated.
    assert len(server.requests) == 2


def test_an_answer_that_was_cut_does_not_spoil_the_next_call(scripted: Any, answer_with: Any) -> None:
    answers = iter([cut_answer, None])

    def script(connection: socket.socket, request: Any) -> bytes | None:
        cut = next(answers)
        return answer_with(200, json.dumps(OK)) if cut is None else cut(connection, request)

    server = scripted(script)
    client = SmsFactorClient(server.address)
    with pytest.raises(OutcomeUnknown):
        client.send(TOKEN, CALL)
    assert client.send(TOKEN, CALL).sent == 1


def test_silence_ends_at_the_deadline(scripted: Any) -> None:
    server: Any = scripted(lambda connection, request: server.over.wait(50) and None)
    begun = time.monotonic()
    with pytest.raises(OutcomeUnknown):
        send(server.address, timeout_s=SHORT_S)
    with pytest.raises(Unavailable):
        read(server.address, timeout_s=SHORT_S)
    assert SHORT_S <= time.monotonic() - begun < ENDS_WITHIN_S


def test_an_answer_that_drips_ends_at_the_deadline(scripted: Any) -> None:
    """`requests` alone would read for 1,000 times 50 ms, because each single read is fast enough."""

    def drip(connection: socket.socket, request: object) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not server.over.wait(0.05):
            connection.sendall(b" ")

    server: Any = scripted(drip)
    begun = time.monotonic()
    with pytest.raises(OutcomeUnknown):
        send(server.address, timeout_s=SHORT_S)
    assert time.monotonic() - begun < ENDS_WITHIN_S


def test_a_call_may_have_its_own_deadline(scripted: Any) -> None:
    server: Any = scripted(lambda connection, request: server.over.wait(50) and None)
    begun = time.monotonic()
    with pytest.raises(OutcomeUnknown):
        SmsFactorClient(server.address, timeout_s=60).send(TOKEN, CALL, timeout_s=SHORT_S)
    assert time.monotonic() - begun < ENDS_WITHIN_S


def test_calls_until_a_deadline_share_it(scripted: Any) -> None:
    """The first one gets no answer, and the second is not even made."""
    server: Any = scripted(lambda connection, request: server.over.wait(50) and None)
    client = SmsFactorClient(server.address, timeout_s=60).until(time.monotonic() + SHORT_S)
    for call in (client.account, client.credits):
        with pytest.raises(Unavailable):
            call(TOKEN)
    with pytest.raises(NotSent):
        client.send(TOKEN, CALL)
    assert [request.line for request in server.requests] == ["GET /account HTTP/1.1"]


def test_a_redirect_is_not_followed(scripted: Any, answer_with: Any) -> None:
    target = scripted(lambda connection, request: answer_with(200, json.dumps(OK)))
    server = scripted(lambda connection, request: answer_with(307, "", Location=target.address + "/send"))
    with pytest.raises(OutcomeUnknown):
        send(server.address)
    assert target.requests == []


@pytest.mark.parametrize("token", ["", "a b", "tok\nen", "tok\r\nX-Other: 1", "jeton-é", "\x00"])
def test_a_token_that_cannot_be_sent_is_refused_here(scripted: Any, answer_with: Any, token: str) -> None:
    server = scripted(lambda connection, request: answer_with(200, json.dumps(OK)))
    client = SmsFactorClient(server.address)
    for call in (lambda: client.send(token, CALL), lambda: client.account(token)):
        with pytest.raises(Refused) as refused:
            call()
        assert refused.value.kind == "auth"
    assert server.requests == []


@pytest.mark.parametrize(
    "script", [close, lambda connection, request: b"HTTP/1.1 500 Error\r\nContent-Length: 0\r\n\r\n"]
)
def test_an_error_shows_no_secret(scripted: Any, closed_address: str, script: Any) -> None:
    addresses = (closed_address, scripted(script).address)
    for address in addresses:
        with pytest.raises(GatewayError) as failed:
            send(address)
        shown = "".join(traceback.format_exception(failed.value)) + repr(failed.value)
        assert "SECRET" not in shown
        assert "Bonjour" not in shown
        assert "33612345678" not in shown


def test_the_netrc_file_and_the_proxy_settings_of_a_machine_do_not_apply(
    scripted: Any, answer_with: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, closed_address: str
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", closed_address)
    server = scripted(lambda connection, request: answer_with(200, json.dumps(OK)))
    send(server.address)
    assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


PATHS: list[tuple[str, Callable[[SmsFactorClient], object], str, str]] = [
    ("GET", lambda client: client.list_webhooks(TOKEN), "/webhook", '{"status":1,"webhooks":[]}'),
    ("DELETE", lambda client: client.delete_webhook(TOKEN, "6/6"), "/webhook/6%2F6", '{"status":1}'),
    (
        "DELETE",
        lambda client: client.remove_from_blacklist(TOKEN, "9"),
        "/blacklist/contact/9",
        '{"status":1}',
    ),
    (
        "GET",
        lambda client: client.npai(TOKEN, 100, 50),
        "/npai?start=100&length=50",
        '{"status":1,"list":[],"totalRecords":0}',
    ),
    (
        "GET",
        lambda client: client.messages(
            TOKEN,
            datetime(2025, 7, 1, tzinfo=UTC),
            datetime(2025, 7, 2, tzinfo=UTC),
            0,
            1000,
            Direction.INBOUND,
        ),
        "/messages?date_start=2025-07-01+02%3A00%3A00&date_end=2025-07-02+02%3A00%3A00"
        "&type=messages-in&sort=date&start=0&length=1000",
        '{"status":1,"messages":[],"totalRecords":0}',
    ),
]


@pytest.mark.parametrize(("method", "call", "path", "body"), PATHS)
def test_paths(scripted: Any, answer_with: Any, method: str, call: Any, path: str, body: str) -> None:
    server = scripted(lambda connection, request: answer_with(200, body))
    call(SmsFactorClient(server.address))
    assert server.requests[0].line == f"{method} {path} HTTP/1.1"


def test_registering_a_webhook_twice_by_mistake_is_avoided(scripted: Any, closed_address: str) -> None:
    def create(address: str) -> None:
        SmsFactorClient(address).create_webhook(
            TOKEN, GatewayEvent.DLR, "https://connector.example/x", "secret"
        )

    with pytest.raises(NotSent):
        create(closed_address)
    with pytest.raises(OutcomeUnknown):
        create(scripted(close).address)
