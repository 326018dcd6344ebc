"""Behaviour that recordings of the real API and SMSFactor's own suites show, and settings for what they leave open."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.tests.smsfactor_sim.support import PUBLIC, Gateway, Receiver, running_gateway, send_body

START = "2026-11-23T10:00:00+01:00"
N, N2 = "33612345678", "33698765432"
NEW_COUNTERS = {"not_allowed", "flood", "country_limit"}


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway(start=START) as gateway:
        yield gateway


def test_national_digits_are_invalid_and_the_answer_has_a_ticket_all_the_same(gateway: Gateway) -> None:
    answer = gateway.send("Salut", "0799175425")
    assert (answer["status"], answer["sent"], answer["invalid"], answer["cost"]) == (1, 0, 1, 0)
    assert answer["ticket"].isdigit()
    assert gateway.get(f"/campaign/{answer['ticket']}")["campaign"][0]["total"] == "0"
    assert gateway.accepted() == []
    gateway.set(national_numbers="french")
    assert gateway.send("Salut", "0612345678")["sent"] == 1


@pytest.mark.parametrize("name", ["blacklist", "npai"])
def test_lists_take_merge_fields_and_no_national_digits(gateway: Gateway, name: str) -> None:
    gsm = [{"value": N, "info1": "Inès", "info4": ""}, {"value": "0612345678"}]
    assert gateway.call("POST", f"/{name}", {name: {"contacts": {"gsm": gsm}}})["added_contacts"] == 1
    [row] = gateway.get(f"/{name}")["list"]
    assert (row["destination"], row["info1"], row["info2"], row["info4"]) == (N, "Inès", None, "")


@pytest.mark.parametrize(
    ("headers", "details"),
    [
        ({"Authorization": "Bearer 1"}, "Token invalide"),
        (
            {"sfusername": "a@b.example", "sfpassword": "wrong"},
            "Le login et le mot de passe ne correspondent pas",
        ),
    ],
)
def test_errors_are_in_french(gateway: Gateway, headers: dict[str, str], details: str) -> None:
    accept = {"Accept": "application/json"}
    answer = requests.get(gateway.url + "/credits", headers={**accept, **headers}, timeout=10).json()
    assert (answer["status"], answer["message"], answer["details"]) == (-1, "Token invalide", details)
    gateway.set(language="en")
    answer = requests.get(gateway.url + "/credits", headers={**accept, **headers}, timeout=10).json()
    assert (answer["status"], answer["message"]) == (-1, "AUTHENTICATION_ERROR")


def test_a_refused_field_is_named_in_french(gateway: Gateway) -> None:
    answer = gateway.call("POST", "/send", {"sms": {"message": {}, "recipients": {"gsm": [{"value": N}]}}})
    assert answer["message"] == "Erreur de données"
    assert answer["details"] == "Le champ 'text' est obligatoire dans 'message'"


SENDERS = [
    # sender, accepted by the strict rule, by the wide one
    ("LUMEN", True, True),
    ("SDK JAVA", False, True),
    ("PASS-LAS", False, True),
    ("Atelier Lumen, Nantes", False, True),
    ("A" * 25, False, False),
    ("LUMEN;", False, False),
]


@pytest.mark.parametrize(("sender", "strict", "wide"), SENDERS)
def test_senders_are_a_setting(gateway: Gateway, sender: str, strict: bool, wide: bool) -> None:
    for rule, accepted in (("strict", strict), ("wide", wide)):
        gateway.set(sender_rule=rule)
        assert gateway.send("Salut", N, sender=sender)["status"] == (1 if accepted else -7)


def test_answers_of_2023_lack_the_newer_counters(gateway: Gateway) -> None:
    assert set(gateway.send("Salut", N)) >= NEW_COUNTERS
    gateway.set(send_counters="2023")
    answer = gateway.send("Salut", N, N2)
    assert not NEW_COUNTERS & set(answer)
    assert (answer["total"], answer["sent"], answer["invalid"]) == (2, 2, 0)


def test_a_cancellation_just_after_an_immediate_send_is_answered_and_recalls_nothing(
    gateway: Gateway,
) -> None:
    ticket = gateway.send("Salut", N)["ticket"]
    gateway.settle()
    assert gateway.call("DELETE", f"/send/{ticket}") == {"status": 1, "message": "OK", "credits": 1249}
    assert gateway.accepted() == [f"m-{N}"]
    gateway.advance(61)
    assert gateway.call("DELETE", f"/send/{ticket}")["status"] == -5


def test_the_java_suites_texts_for_flags_are_taken(gateway: Gateway) -> None:
    child = {"email": "c@example.org", "password": "password", "isChild": "1", "unlimited": "0"}
    assert gateway.call("POST", "/account", {"account": child})["status"] == 1
    child |= {"email": "d@example.org", "unlimited": "yes"}
    assert gateway.call("POST", "/account", {"account": child})["status"] == -7


# --- webhooks


def registration(gateway: Gateway) -> requests.Response:
    webhook = {"webhook": {"type": "DLR", "url": f"{PUBLIC}/dlr"}}
    return gateway.session.post(gateway.url + "/webhook", json=webhook, timeout=10)


def test_a_registration_can_be_refused_or_forbidden_by_a_proxy(gateway: Gateway) -> None:
    gateway.set(webhook_registration="refuse")
    refused = registration(gateway)
    assert (refused.status_code, refused.json()["status"]) == (200, -7)
    gateway.set(webhook_registration="forbid")
    forbidden = registration(gateway)
    assert forbidden.status_code == 403
    assert forbidden.headers["Content-Type"].startswith("text/html")
    assert gateway.get("/webhook")["webhooks"] == []
    gateway.set(webhook_registration="accept")
    assert registration(gateway).json()["status"] == 1


def test_a_webhook_that_fails_is_paused_and_brings_nothing_until_it_is_live(gateway: Gateway) -> None:
    gateway.set(webhook_retries=0, webhook_pauses_after=2)
    webhook_id = gateway.register("DLR", "https://nowhere.example/dlr")
    for number in range(3):
        gateway.send("Salut", f"3361234560{number}")
        gateway.advance(10)
    deliveries = gateway.control("/webhooks")["deliveries"]
    assert [row["state"] for row in deliveries] == ["failed", "failed"]
    shown = gateway.get(f"/webhook/{webhook_id}")["webhook"]
    assert (shown["status"], shown["last_http_code"]) == ("paused", 0)
    live = gateway.call("PUT", f"/webhook/{webhook_id}/status", {"webhook": {"status": "live"}})
    assert live["webhook"]["status"] == "live"


def test_a_webhook_that_works_again_is_not_paused() -> None:
    with Receiver() as receiver, running_gateway(receiver, start=START) as gateway:
        receiver.statuses = [500, 200, 500]
        gateway.set(webhook_retries=0, webhook_pauses_after=2)
        webhook_id = gateway.register("DLR", f"{PUBLIC}/dlr")
        for number in range(3):
            gateway.send("Salut", f"3361234560{number}")
            gateway.advance(10)
        assert gateway.get(f"/webhook/{webhook_id}")["webhook"]["status"] == "live"


# --- the network


def test_a_proxys_page_hides_an_accepted_send(gateway: Gateway) -> None:
    gateway.set(proxy_page=404)
    answer: Any = gateway.session.post(gateway.url + "/send", json=send_body("Salut", N), timeout=10)
    assert answer.status_code == 404
    assert "<h1>404 Not Found</h1>" in answer.text
    assert gateway.accepted() == [f"m-{N}"]
    gateway.set(proxy_page_after=False)
    gateway.session.post(gateway.url + "/send", json=send_body("Salut", N2), timeout=10)
    assert gateway.accepted() == [f"m-{N}"]
