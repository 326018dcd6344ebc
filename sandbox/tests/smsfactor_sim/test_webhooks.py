"""The delivery of webhooks: signature, retries, order, duplicates, several subscribers, pauses."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.tests.smsfactor_sim.support import PUBLIC, Gateway, Receiver, gateway_in_process

START = "2026-11-23T10:00:00+01:00"
N = "33612345678"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def gateway(receiver: Receiver) -> Iterator[Gateway]:
    with gateway_in_process(receiver, start=START) as gateway:
        yield gateway


def deliveries(gateway: Gateway) -> list[dict[str, Any]]:
    found = gateway.control("/webhooks")["deliveries"]
    assert isinstance(found, list)
    return found


def test_the_body_is_raw_json_under_the_mapped_path(gateway: Gateway, receiver: Receiver) -> None:
    gateway.register("DLR", f"{PUBLIC}/sf/8f2c/dlr?x=1")
    gateway.send("Salut", N)
    gateway.advance(5)
    (one,) = receiver.received
    assert one.path == "/sf/8f2c/dlr?x=1"
    assert one.headers["Content-Type"] == "application/json"
    assert "X-SMSFactor-Signature" not in one.headers
    assert json.loads(one.body)["destination"] == N


@pytest.mark.parametrize("mode", ["raw", "hmac", "none"])
def test_signature(gateway: Gateway, receiver: Receiver, mode: str) -> None:
    gateway.set(webhook_signature=mode, webhook_content_type="application/x-www-form-urlencoded")
    gateway.register("CLICKER", f"{PUBLIC}/clicker", "s3cr3t")
    gateway.send("<-short->", "33612345696", pushtype="alert", links=["https://a.example/é"])
    gateway.advance(5)
    gateway.advance(5)
    (one,) = receiver.received
    expected = {
        "raw": "s3cr3t",
        "hmac": hmac.new(b"s3cr3t", one.body, hashlib.sha256).hexdigest(),
        "none": None,
    }
    assert one.headers.get("X-SMSFactor-Signature") == expected[mode]
    assert one.headers["Content-Type"] == "application/x-www-form-urlencoded"
    # Written as PHP does: a client that signs its own copy of the JSON gets another signature.
    assert rb"https:\/\/a.example\/\u00e9" in one.body
    assert one.json["long_url"] == "https://a.example/é"


def test_retries_with_back_off_until_accepted(gateway: Gateway, receiver: Receiver) -> None:
    receiver.statuses = [500, 302, 200]
    webhook_id = gateway.register("DLR", f"{PUBLIC}/dlr")
    gateway.send("Salut", N)
    gateway.advance(2)
    assert len(receiver.received) == 1
    assert gateway.get(f"/webhook/{webhook_id}")["webhook"]["last_http_code"] == 500
    gateway.advance(1)
    assert len(receiver.received) == 2
    gateway.advance(4)
    assert len(receiver.received) == 2
    gateway.advance(1)
    assert len(receiver.received) == 3
    (delivery,) = deliveries(gateway)
    assert delivery["state"] == "delivered"
    assert [attempt["status"] for attempt in delivery["attempts"]] == [500, 302, 200]
    assert len({one.body for one in receiver.received}) == 1
    assert gateway.get("/webhook")["webhooks"][0]["last_http_code"] == 200


def test_an_event_is_given_up_after_the_last_retry(gateway: Gateway, receiver: Receiver) -> None:
    receiver.statuses = [503] * 9
    gateway.register("DLR", f"{PUBLIC}/dlr")
    gateway.send("Salut", N)
    for _ in range(5):
        gateway.advance(31)
    assert len(receiver.received) == 4
    assert deliveries(gateway)[0]["state"] == "failed"


def test_an_unmapped_origin_is_unreachable(gateway: Gateway) -> None:
    gateway.set(webhook_retries=1)
    webhook_id = gateway.register("DLR", "https://elsewhere.example/dlr")
    gateway.send("Salut", N)
    gateway.advance(5)
    gateway.advance(5)
    (delivery,) = deliveries(gateway)
    assert delivery["state"] == "failed"
    assert [attempt["status"] for attempt in delivery["attempts"]] == [None, None]
    assert "not mapped" in delivery["attempts"][0]["error"]
    assert gateway.get(f"/webhook/{webhook_id}")["webhook"]["last_http_code"] == 0


def test_a_later_event_of_a_message_waits_for_the_earlier_one(gateway: Gateway, receiver: Receiver) -> None:
    receiver.statuses = [500]
    gateway.set(webhook_backoff_s=[60])
    gateway.register("DLR", f"{PUBLIC}/DLR")
    gateway.register("STOP", f"{PUBLIC}/STOP")
    gateway.send("Salut", "33612345695")
    gateway.advance(2)
    gateway.advance(5)
    assert [one.path for one in receiver.received] == ["/DLR"]
    # Another message is not delayed.
    gateway.send("Salut", N)
    gateway.advance(2)
    assert [one.json.get("destination") for one in receiver.received] == ["33612345695", N]
    gateway.advance(60)
    last = [(one.path, one.json.get("destination", one.json.get("from"))) for one in receiver.received[2:]]
    assert last == [("/DLR", "33612345695"), ("/STOP", "33612345695")]


def test_reorder_sends_the_newest_event_first(gateway: Gateway, receiver: Receiver) -> None:
    gateway.set(webhook_reorder=True)
    gateway.register("DLR", f"{PUBLIC}/DLR")
    gateway.register("STOP", f"{PUBLIC}/STOP")
    gateway.send("Salut", "33612345695")
    for _ in range(6):
        gateway.advance(2)
    assert [one.path for one in receiver.received] == ["/STOP", "/DLR"]


def test_duplicates(gateway: Gateway, receiver: Receiver) -> None:
    gateway.set(webhook_duplicates=2)
    gateway.register("DLR", f"{PUBLIC}/dlr")
    gateway.send("Salut", N)
    gateway.advance(5)
    assert len({one.body for one in receiver.received}) == 1
    assert len(receiver.received) == 3


def test_two_webhooks_of_one_type_both_get_it_and_a_paused_one_nothing(
    gateway: Gateway, receiver: Receiver
) -> None:
    first = gateway.register("DLR", f"{PUBLIC}/one")
    gateway.register("DLR", f"{PUBLIC}/two")
    gateway.send("Salut", N)
    gateway.advance(5)
    assert sorted(one.path for one in receiver.received) == ["/one", "/two"]
    paused = gateway.call("PUT", f"/webhook/{first}/status", {"webhook": {"status": "paused"}})
    assert paused["webhook"]["status"] == "paused"
    gateway.send("Salut", N)
    gateway.advance(5)
    assert sorted(one.path for one in receiver.received) == ["/one", "/two", "/two"]


def test_another_account_has_its_own_webhooks(gateway: Gateway, receiver: Receiver) -> None:
    other = gateway.control("/accounts", {"email": "b@example.org", "password": "password", "credits": 5})
    gateway.register("DLR", f"{PUBLIC}/first")
    headers = {"Authorization": f"Bearer {other['token']}"}
    webhook = {"webhook": {"type": "DLR", "url": f"{PUBLIC}/second"}}
    webhook_id = gateway.call("POST", "/webhook", webhook, headers=headers)["webhook"]["webhook_id"]
    assert gateway.get(f"/webhook/{webhook_id}")["status"] == -5
    gateway.call("GET", "/send", params={"text": "Salut", "to": N}, headers=headers)
    gateway.advance(5)
    assert [one.path for one in receiver.received] == ["/second"]


def test_a_secret_that_no_header_can_carry_fails_and_harms_nothing_else(
    gateway: Gateway, receiver: Receiver
) -> None:
    gateway.set(webhook_retries=0)
    gateway.register("DLR", f"{PUBLIC}/bad", "clé → 日本")
    gateway.register("DLR", f"{PUBLIC}/good")
    for _ in range(6):
        gateway.send("Salut", N)
    gateway.advance(5)
    assert [one.path for one in receiver.received] == ["/good"] * 6
    assert [one["state"] for one in deliveries(gateway)] == ["failed", "delivered"] * 6


def test_reset_forgets_what_was_to_come(gateway: Gateway, receiver: Receiver) -> None:
    gateway.register("DLR", f"{PUBLIC}/dlr")
    gateway.send("Salut", N)
    gateway.settle()
    # The return to real time makes old events due at once, so they must be dropped before.
    gateway.at("2020-01-01T10:00:00Z")
    gateway.send("Salut", N)
    gateway.control("/reset", {})
    gateway.advance(3600)
    assert receiver.received == []
    assert gateway.get("/webhook")["webhooks"] == []
    assert gateway.accepted() == []
