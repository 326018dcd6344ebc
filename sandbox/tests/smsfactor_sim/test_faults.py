"""Faults on the gateway's send: the client's view, and whether the gateway's own log has the SMS."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from sandbox.origins import Origins
from sandbox.smsfactor_sim.app import create_simulator
from sandbox.smsfactor_sim.world import Config
from sandbox.tests.smsfactor_sim.support import PUBLIC, Gateway, Receiver, running_gateway, send_body

N = "33612345678"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def gateway(receiver: Receiver) -> Iterator[Gateway]:
    with running_gateway(receiver) as gateway:
        yield gateway


def fault(gateway: Gateway, kind: str, **order: object) -> str:
    wanted = {"method": "POST", "path": "/send", "kind": kind, **order}
    return str(gateway.control("/faults", wanted)["id"])


def send(gateway: Gateway, timeout: float = 20) -> requests.Response:
    return gateway.session.post(gateway.url + "/send", json=send_body("Salut", N), timeout=timeout)


@pytest.mark.parametrize(
    ("kind", "accepted"),
    [("reset_before", 0), ("reset_after", 1), ("timeout_before", 0), ("timeout_after", 1)],
)
def test_a_lost_answer(gateway: Gateway, kind: str, accepted: int) -> None:
    fault_id = fault(gateway, kind)
    with pytest.raises((requests.ConnectionError, requests.ReadTimeout)):
        send(gateway, timeout=1)
    assert gateway.control(f"/faults/{fault_id}?wait_hits=1")["hits"] == 1
    assert len(gateway.accepted()) == accepted
    assert send(gateway).json()["status"] == 1


@pytest.mark.parametrize(
    ("kind", "status", "accepted"), [("status", 503, 0), ("status_after", 500, 1), ("malformed", 200, 1)]
)
def test_a_wrong_answer(gateway: Gateway, kind: str, status: int, accepted: int) -> None:
    fault(gateway, kind, status=status if status != 200 else 503)
    assert send(gateway).status_code == status
    assert len(gateway.accepted()) == accepted


def test_a_business_refusal_can_be_ordered(gateway: Gateway) -> None:
    fault(gateway, "status", status=200, body={"status": -99, "message": "UNKNOWN_ERROR"})
    assert send(gateway).json()["status"] == -99
    assert gateway.accepted() == []


def test_a_receipt_can_overtake_the_answer(gateway: Gateway, receiver: Receiver) -> None:
    gateway.register("DLR", f"{PUBLIC}/dlr")
    fault_id = fault(gateway, "hold_after")
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(send, gateway)
        gateway.control(f"/faults/{fault_id}?wait_waiting=1")
        gateway.advance(5)
        (receipt,) = receiver.wait(1)
        assert not call.done()
        gateway.control(f"/faults/{fault_id}/release", {})
        assert call.result(10).json()["ticket"] == receipt.json["campaign_id"]


def test_a_call_held_before_is_not_accepted_until_released(gateway: Gateway) -> None:
    fault_id = fault(gateway, "hold_before")
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(send, gateway)
        gateway.control(f"/faults/{fault_id}?wait_waiting=1")
        assert gateway.accepted() == []
        gateway.control(f"/faults/{fault_id}/release", {})
        assert call.result(10).json()["sent"] == 1
    assert gateway.accepted() == [f"m-{N}"]


def test_a_duplicate_call_is_accepted_twice(gateway: Gateway) -> None:
    fault_id = fault(gateway, "hold_after", duplicate=True)
    gateway.control(f"/faults/{fault_id}/release", {})
    assert send(gateway).json()["sent"] == 1
    assert gateway.accepted() == [f"m-{N}", f"m-{N}"]


def test_a_revoked_token(gateway: Gateway) -> None:
    assert requests.delete(f"{gateway.url}/_control/tokens/1", timeout=10).status_code == 200
    assert send(gateway).json()["status"] == -1


def test_the_call_log_knows_account_answer_and_campaign(gateway: Gateway) -> None:
    ticket = send(gateway).json()["ticket"]
    gateway.session.get(f"{gateway.url}/handsets", timeout=10)
    (call,) = gateway.control("/calls")["calls"]
    assert (call["path"], call["status"], call["answer_status"]) == ("/send", 200, 1)
    assert (call["account_id"], call["campaign_id"]) == ("204518", ticket)


def test_help_names_every_route_setting_and_ending(gateway: Gateway) -> None:
    text = requests.get(f"{gateway.url}/_control/help", timeout=10).text
    simulator = create_simulator(Config("t", Origins({})))
    try:
        rules = [
            rule.rule for rule in simulator.app.url_map.iter_rules() if rule.rule.startswith("/_control/")
        ]
    finally:
        simulator.stop()
    for rule in rules:
        assert re.sub(r"<.*?>", "ID", rule) in text, rule
    for name in gateway.control("/settings")["settings"]:
        assert f"  {name} = " in text
    for ending in range(89, 100):
        assert f"..{ending} " in text
