"""Wrong requests and the answer each must get: HTTP 200 and a negative status in the body, nothing sent,
nothing charged."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.tests.smsfactor_sim.support import TOKEN, Gateway, gateway_in_process, send_body

N = "33612345678"
GSM = {"gsm": [{"value": N}]}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    with gateway_in_process(start="2026-11-23T10:00:00+01:00") as gateway:
        yield gateway


def sms(**sms: Any) -> dict[str, Any]:
    return {"sms": sms}


SENDS: list[tuple[str, Any, int]] = [
    ("flat body of a hobby project", {"to": N, "text": "Salut"}, -7),
    ("no recipients", sms(message={"text": "Salut"}), -7),
    ("no message", sms(recipients=GSM), -7),
    ("no text", sms(message={}, recipients=GSM), -7),
    ("empty text", send_body("", N), -7),
    ("blank text", send_body("  \n", N), -7),
    ("text is a number", send_body(5, N), -7),  # type: ignore[arg-type]
    ("no recipient in the list", send_body("Salut"), -7),
    ("recipients not a list", sms(message={"text": "Salut"}, recipients={"gsm": {"value": N}}), -7),
    ("recipient without value", sms(message={"text": "a"}, recipients={"gsm": [{"gsmsmsid": "1"}]}), -7),
    ("value is a number", sms(message={"text": "a"}, recipients={"gsm": [{"value": 33612345678}]}), -7),
    (
        "merge field on a number",
        sms(message={"text": "a"}, recipients={"gsm": [{"value": N, "info1": "x"}]}),
        -7,
    ),
    ("id too long", sms(message={"text": "a"}, recipients={"gsm": [{"value": N, "gsmsmsid": "x" * 41}]}), -7),
    ("id not ASCII", sms(message={"text": "a"}, recipients={"gsm": [{"value": N, "gsmsmsid": "é"}]}), -7),
    ("id is null", sms(message={"text": "a"}, recipients={"gsm": [{"value": N, "gsmsmsid": None}]}), -7),
    ("too many recipients", send_body("a", *[f"336{n:08}" for n in range(1001)]), -7),
    ("unknown field in message", send_body("Salut", N, pushType="alert"), -7),
    ("unknown field in sms", sms(message={"text": "a"}, recipients=GSM, options={}), -7),
    ("unknown push type", send_body("Salut", N, pushtype="promo"), -7),
    ("push type null", send_body("Salut", N, pushtype=None), -7),
    ("sender too long", send_body("Salut", N, sender="ATELIERLUMEN"), -7),
    ("sender too short", send_body("Salut", N, sender="AL"), -7),
    ("sender with a space", send_body("Salut", N, sender="LU MEN"), -7),
    ("sender is a number", send_body("Salut", N, sender="0612345678"), -7),
    ("sender empty", send_body("Salut", N, sender=""), -7),
    ("unicode as true", send_body("Salut", N, unicode=True), -7),
    ("unicode as text", send_body("Salut", N, unicode="1"), -7),
    ("tag without link", send_body("Voir <-short->", N, pushtype="alert"), -7),
    ("link without tag", send_body("Voir", N, pushtype="alert", links=["https://a.example"]), -7),
    ("links empty", send_body("Voir", N, pushtype="alert", links=[]), -7),
    ("link no URL", send_body("<-short->", N, pushtype="alert", links=["a.example"]), -7),
    ("links without push type", send_body("<-short->", N, links=["https://a.example"]), -7),
    ("delay not a date", send_body("Salut", N, delay="tomorrow"), -4),
    ("delay in ISO form", send_body("Salut", N, delay="2026-11-24T09:30:00"), -4),
    ("delay without seconds", send_body("Salut", N, delay="2026-11-24 09:30"), -4),
    ("delay on the 31st of November", send_body("Salut", N, delay="2026-11-31 09:30:00"), -4),
    ("delay six minutes ago", send_body("Salut", N, delay="2026-11-23 09:54:00"), -4),
    ("delay null", send_body("Salut", N, delay=None), -4),
    ("text that asks for no credits", send_body("Salut [[nocredit]]", N), -3),
]


@pytest.mark.parametrize(("body", "status"), [row[1:] for row in SENDS], ids=[row[0] for row in SENDS])
@pytest.mark.parametrize("path", ["/send", "/send/simulate"])
def test_a_wrong_send_is_refused(gateway: Gateway, path: str, body: Any, status: int) -> None:
    check_refused(gateway.call("POST", path, body), status)
    assert gateway.accepted() == []
    assert gateway.get("/credits")["credits"] == "1250"


def check_refused(payload: dict[str, Any], status: int) -> None:
    assert set(payload) == {"status", "message", "details"}
    assert payload["status"] == status
    assert type(payload["status"]) is int
    assert payload["message"]
    assert payload["details"]


OTHERS: list[tuple[str, str, Any, int]] = [
    ("GET", "/send?to=33612345678", None, -7),
    ("GET", "/send?text=Salut", None, -7),
    ("GET", "/send?text=Salut&to=33612345678&unicode=1", None, -7),
    ("GET", "/send?text=Salut&to=33612345678&to=33612345679", None, -7),
    ("GET", "/send?text=%3C-short-%3E&to=33612345678&pushtype=alert", None, -7),
    ("GET", "/send?text=Salut&to=33612345678&delay=2020-01-01%2009:00:00", None, -4),
    ("DELETE", "/send/424242", None, -5),
    ("POST", "/webhook", {}, -7),
    ("POST", "/webhook", {"type": "DLR", "url": "https://a.example"}, -7),
    ("POST", "/webhook", {"webhook": {"type": "dlr", "url": "https://a.example"}}, -7),
    ("POST", "/webhook", {"webhook": {"type": "DLR", "url": "a.example/x"}}, -7),
    ("POST", "/webhook", {"webhook": {"type": "DLR", "url": "https://a.example", "secret": "x"}}, -7),
    ("POST", "/webhook", {"webhook": {"type": "DLR", "url": "https://a.example", "signature": ""}}, -7),
    ("PUT", "/webhook/9/status", {"webhook": {"status": "live"}}, -5),
    ("GET", "/webhook/9", None, -5),
    ("DELETE", "/webhook/9", None, -5),
    ("POST", "/token", {"name": "x"}, -7),
    ("POST", "/token", {"token": {}}, -7),
    ("POST", "/token", {"token": {"name": "x", "ttl": 0}}, -7),
    ("POST", "/token", {"token": {"name": "x", "allowed_ips": ["home"]}}, -7),
    ("DELETE", "/token/9", None, -5),
    ("DELETE", "/token/x", None, -5),
    ("POST", "/token/account/1", {"token": {"name": "x"}}, -5),
    ("GET", "/messages", None, -7),
    ("GET", "/messages?date_start=2026-11-23%2000:00:00", None, -7),
    ("GET", "/messages?date_start=2026-11-23&date_end=soon", None, -7),
    ("GET", "/messages?date_start=2026-11-23&date_end=2026-11-24&campaign_id=1", None, -7),
    ("GET", "/messages?date_start=2026-11-23&date_end=2026-11-24&status=lost", None, -7),
    ("GET", "/messages?date_start=2026-11-23&date_end=2026-11-24&type=sms", None, -7),
    ("GET", "/messages?date_start=2026-11-23&date_end=2026-11-24&sort=cost", None, -7),
    ("GET", "/messages?date_start=2026-11-23&date_end=2026-11-24&length=1001", None, -7),
    ("GET", "/messages/mo?date_end=2026-11-24", None, -7),
    ("GET", "/campaigns?length=2000", None, -7),
    ("GET", "/campaigns?sort=sender", None, -7),
    ("GET", "/campaign/424242", None, -5),
    ("POST", "/blacklist", {"contacts": {"gsm": []}}, -7),
    ("POST", "/blacklist", {"blacklist": {"contacts": {"gsm": []}}}, -7),
    ("POST", "/npai", {"npai": {"contacts": {"gsm": [{"number": N}]}}}, -7),
    ("DELETE", "/blacklist/contact/9", None, -5),
    ("POST", "/account", {"account": {"email": "x", "password": "password", "country_code": "FR"}}, -7),
    (
        "POST",
        "/account",
        {"account": {"email": "a@b.example", "password": "short", "country_code": "FR"}},
        -7,
    ),
    ("POST", "/account", {"account": {"email": "a@b.example", "password": "password"}}, -7),
    ("POST", "/account/transfer", {"transfer": {"to_account": 1, "credits": 5}}, -5),
    ("POST", "/send/lists", {"sms": {"message": {"text": "a"}, "lists": [{"value": "404"}]}}, -5),
    ("POST", "/send/lists", {"sms": {"message": {"text": "a"}, "lists": []}}, -7),
    ("POST", "/list", {"list": {"contacts": {"gsm": [{"value": N}]}}}, -7),
    ("GET", "/list/404", None, -5),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), OTHERS)
def test_another_wrong_call_is_refused(
    gateway: Gateway, method: str, path: str, body: Any, status: int
) -> None:
    check_refused(gateway.call(method, path, body), status)
    assert gateway.accepted() == []


@pytest.mark.parametrize(
    ("raw", "headers", "status"),
    [
        (b'{"sms": ', JSON, -6),
        (b"", JSON, -6),
        (b"\xff\xfe", JSON, -6),
        (b"[]", JSON, -7),
        (b"null", JSON, -7),
        (b'{"sms": {}}', {}, -2),
        (b'{"sms": {}}', {"Content-Type": "text/plain"}, -2),
        (b"<sms><message>", {"Content-Type": "application/xml"}, -2),
        (b'<!DOCTYPE sms [<!ENTITY a "b">]><sms>&a;</sms>', {"Content-Type": "application/xml"}, -2),
    ],
)
def test_a_body_that_cannot_be_read(
    gateway: Gateway, raw: bytes, headers: dict[str, str], status: int
) -> None:
    answer = gateway.session.post(gateway.url + "/send", data=raw, headers=headers, timeout=10)
    assert answer.status_code == 200
    check_refused(answer.json(), status)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer 1"},
        {"Authorization": TOKEN},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"sfusername": "ops@atelier-lumen.example"},
        {"sfusername": "ops@atelier-lumen.example", "sfpassword": "wrong"},
    ],
)
def test_an_unproven_caller_is_refused(gateway: Gateway, headers: dict[str, str]) -> None:
    answer = gateway.anonymous.get(
        gateway.url + "/account", headers={"Accept": "application/json", **headers}, timeout=10
    )
    assert answer.status_code == 200
    check_refused(answer.json(), -1)


def test_the_token_in_the_query_counts_for_get_send_only(gateway: Gateway) -> None:
    accept = {"Accept": "application/json"}
    query = {"token": TOKEN, "text": "Salut", "to": N}
    simulated = gateway.anonymous.get(
        gateway.url + "/send/simulate", params=query, headers=accept, timeout=10
    )
    assert simulated.json()["sent"] == 1
    credits_answer = gateway.anonymous.get(gateway.url + "/credits", params=query, headers=accept, timeout=10)
    assert credits_answer.json()["status"] == -1


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("PUT", "/send", 405)])
def test_what_does_not_exist_has_no_status(gateway: Gateway, method: str, path: str, status: int) -> None:
    answer = gateway.session.request(method, gateway.url + path, timeout=10)
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
