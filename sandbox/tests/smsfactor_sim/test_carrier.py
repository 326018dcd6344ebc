"""The fate of an SMS by the last digits of its number, and events made by hand."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.tests.smsfactor_sim.support import PUBLIC, Gateway, Receiver, gateway_in_process

START = "2026-11-23T10:00:00+01:00"
KINDS = ("DLR", "MO", "STOP", "CLICKER", "BALANCE_ALERT")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def gateway(receiver: Receiver) -> Iterator[Gateway]:
    """A gateway with a webhook of every type, at /{type}."""
    with gateway_in_process(receiver, start=START) as gateway:
        for kind in KINDS:
            gateway.register(kind, f"{PUBLIC}/{kind}")
        yield gateway


def outcome(gateway: Gateway, receiver: Receiver) -> list[tuple[str, Any]]:
    """The webhooks' events once everything is done: (type, status of a DLR or text of a reply)."""
    gateway.advance(30)
    return [
        (one.path.strip("/"), one.json.get("status", one.json.get("message", one.json.get("short_url"))))
        for one in receiver.received
    ]


@pytest.mark.parametrize(
    ("ending", "events"),
    [
        ("00", [("DLR", 3)]),
        ("89", [("DLR", 3)]),
        ("90", [("DLR", 2)]),
        ("91", [("DLR", 5)]),
        ("92", [("DLR", 12)]),
        ("93", [("DLR", 9)]),
        ("94", [("DLR", 3), ("MO", "Oui")]),
        ("95", [("DLR", 3), ("STOP", "STOP")]),
        ("97", [("DLR", 3), ("DLR", 3)]),
        ("98", [("DLR", 3), ("DLR", 1)]),
        ("99", []),
    ],
)
def test_outcome_by_ending(gateway: Gateway, receiver: Receiver, ending: str, events: list[Any]) -> None:
    gateway.send("Salut", f"336123456{ending}")
    assert outcome(gateway, receiver) == events


def test_delivery_receipt(gateway: Gateway, receiver: Receiver) -> None:
    ticket = gateway.send("Salut", "33612345678")["ticket"]
    gateway.advance(10)
    (receipt,) = receiver.wait(1)
    # Two seconds after the hand-over, however far the clock was moved.
    assert receipt.json["date"] == "2026-11-23T10:00:02+01:00"
    assert receipt.json | {"date": None} == {
        "date": None,
        "status": 3,
        "destination": "33612345678",
        "message_id": "m-33612345678",
        "campaign_id": ticket,
        "country_code": "FR",
    }


def test_a_message_without_id_has_none_in_its_receipt(gateway: Gateway, receiver: Receiver) -> None:
    gateway.get("/send", text="Salut", to="33612345678")
    gateway.advance(10)
    assert receiver.wait(1)[0].json["message_id"] is None


def test_late_sent_has_the_earlier_date(gateway: Gateway, receiver: Receiver) -> None:
    gateway.send("Salut", "33612345698")
    gateway.advance(10)
    delivered, sent = receiver.wait(2)
    assert (delivered.json["status"], sent.json["status"]) == (3, 1)
    assert sent.json["date"] < delivered.json["date"]


def test_reply_names_the_last_message_and_no_campaign(gateway: Gateway, receiver: Receiver) -> None:
    gateway.set(webhook_date_style="bare")
    ticket = gateway.send("Salut", "33612345694")["ticket"]
    outcome(gateway, receiver)
    reply = receiver.wait(2)[1].json
    assert reply.pop("date")[10] == " "
    assert reply == {
        "message": "Oui",
        "from": "33612345694",
        "account_id": "204518",
        "last_message_id": "m-33612345694",
    }
    span = {"date_start": "2026-11-23 00:00:00", "date_end": "2026-11-24 00:00:00"}
    (found,) = gateway.get("/messages/mo", **span)["replies"]
    assert (found["campaign_id"], found["message"]) == (ticket, "Oui")
    assert gateway.get(f"/campaign/{ticket}/mo")["replies"][0]["destination"] == 33612345694


def test_a_custom_sender_cannot_be_answered_but_stop_works(gateway: Gateway, receiver: Receiver) -> None:
    gateway.send("Salut", "33612345694", sender="LUMEN")
    gateway.send("Salut", "33612345695", sender="LUMEN")
    assert sorted(outcome(gateway, receiver)) == [("DLR", 3), ("DLR", 3), ("STOP", "STOP")]


def test_stop_puts_the_number_on_the_blacklist(gateway: Gateway, receiver: Receiver) -> None:
    gateway.set(stop_also_emits_mo=True)
    ticket = gateway.send("Salut", "33612345695")["ticket"]
    assert outcome(gateway, receiver) == [("DLR", 3), ("STOP", "STOP"), ("MO", "STOP")]
    (entry,) = gateway.get("/blacklist")["list"]
    assert (entry["destination"], entry["campaign_id"]) == ("33612345695", int(ticket))
    assert gateway.send("Encore", "33612345695")["blacklisted"] == 1
    assert gateway.get(f"/campaign/{ticket}/blacklist")["stops"][0]["destination"] == "33612345695"


def test_an_unknown_number_goes_to_the_npai_list(gateway: Gateway, receiver: Receiver) -> None:
    ticket = gateway.send("Salut", "33612345691")["ticket"]
    outcome(gateway, receiver)
    assert gateway.send("Encore", "33612345691")["npai"] == 1
    assert gateway.get(f"/campaign/{ticket}/npai")["npais"][0]["destination"] == "33612345691"
    assert gateway.call("PUT", f"/campaign/{ticket}/npai")["NPAI"] == 1


def test_clicks_on_each_link(gateway: Gateway, receiver: Receiver) -> None:
    links = ["https://a.example/1", "https://a.example/2"]
    ticket = gateway.send("<-short-> <-short->", "33612345696", pushtype="alert", links=links)["ticket"]
    events = outcome(gateway, receiver)
    assert [kind for kind, _ in events] == ["DLR", "CLICKER", "CLICKER"]
    click = receiver.received[1].json
    assert click.pop("date")[10] == " "
    code = click.pop("short_url")
    assert click == {
        "campaign_id": ticket,
        "gsmsid": "m-33612345696",
        "long_url": "https://a.example/1",
        "brand": "Apple",
        "model": "iPhone",
        "os": "iOS",
        "info1": None,
        "info2": None,
        "info3": None,
        "info4": None,
        "clicks_on_link": "1",
    }
    answer = gateway.anonymous.get(f"{gateway.url}/s/{code}", allow_redirects=False, timeout=10)
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://a.example/1")
    gateway.settle()
    assert receiver.wait(4)[3].json["clicks_on_link"] == "2"
    gateway.control("/click", {"code": code, "brand": None, "model": None, "os": None})
    gateway.settle()
    assert receiver.wait(5)[4].json["brand"] is None


def test_intermediate_receipts(gateway: Gateway, receiver: Receiver) -> None:
    gateway.set(dlr_intermediate=True, dlr_delay_s=30)
    gateway.send("Salut", "33612345678")
    gateway.settle()
    assert [one.json["status"] for one in receiver.received] == [1]
    assert outcome(gateway, receiver) == [("DLR", 1), ("DLR", 3)]


def test_receipts_come_by_the_clock(gateway: Gateway, receiver: Receiver) -> None:
    gateway.set(dlr_delay_s=100)
    gateway.send("Salut", "33612345678")
    gateway.advance(90)
    assert receiver.received == []
    gateway.advance(10)
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("text", "stop"),
    [("stop", True), ("  Stop SMS", True), ("Stopper ?", False), ("non", False), ("ARRET", False)],
)
def test_a_reply_by_hand(gateway: Gateway, receiver: Receiver, text: str, stop: bool) -> None:
    gateway.send("Salut", "33612345678")
    gateway.advance(10)
    assert gateway.control("/mo", {"number": "+33612345678", "text": text})["stop"] is stop
    gateway.settle()
    reply = receiver.wait(2)[1]
    assert reply.path == ("/STOP" if stop else "/MO")
    assert (reply.json["message"], reply.json["last_message_id"]) == (text, "m-33612345678")


def test_other_words_can_be_a_stop(gateway: Gateway, receiver: Receiver) -> None:
    """Which words the gateway takes for a STOP is unconfirmed."""
    gateway.set(stop_words=["stop", "arret", "arrêt"])
    gateway.send("Salut", "33612345678")
    gateway.advance(10)
    texts = ("ARRET", "Arrêt SMS", "Stop", "arrete")
    assert [gateway.control("/mo", {"number": "33612345678", "text": text})["stop"] for text in texts] == [
        True, True, True, False,
    ]  # fmt: skip
    gateway.set(stop_words=[])
    assert gateway.control("/mo", {"number": "33612345678", "text": "STOP"})["stop"] is False


def test_any_receipt_by_hand(gateway: Gateway, receiver: Receiver) -> None:
    gateway.send("Salut", "33612345699")
    gateway.advance(10)
    for status in (4, 8):
        gateway.control("/dlr", {"gsmsmsid": "m-33612345699", "status": status})
    gateway.settle()
    assert [one.json["status"] for one in receiver.wait(2)] == [4, 8]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/mo", {"number": "0140000000", "text": "x"}),
        ("/mo", {"number": "33612345678"}),
        ("/mo", {"number": "33612345678", "text": "x", "from": "y"}),
        ("/click", {"code": "none"}),
        ("/dlr", {"gsmsmsid": "none", "status": 3}),
        ("/dlr", {"gsmsmsid": "none", "status": "3"}),
        ("/accounts/1", {"credits": 1}),
        ("/accounts/204518", {"credits": "1"}),
        ("/accounts/204518", {"colour": 1}),
    ],
)
def test_wrong_controls_are_refused(gateway: Gateway, path: str, body: Any) -> None:
    answer = gateway.anonymous.post(f"{gateway.url}/_control{path}", json=body, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_low_balance_is_told_once_when_it_falls_below_the_trigger(
    gateway: Gateway, receiver: Receiver
) -> None:
    assert gateway.get("/notification/balance")["notification"]["alert_trigger"] == "500"
    changed = gateway.call("PUT", "/notification/balance", {"notification": {"alert_trigger": "1249"}})
    assert changed["notification"]["alert_trigger"] == "1249"
    gateway.send("Salut", "33612345699")
    gateway.settle()
    assert receiver.received == []
    gateway.send("Salut", "33612345699")
    gateway.send("Salut", "33612345699")
    gateway.settle()
    (alert,) = receiver.received
    assert alert.path == "/BALANCE_ALERT"
    assert (alert.json["balance"], alert.json["trigger"], set(alert.json)) == (
        "1248",
        "1249",
        {"balance", "trigger", "date"},
    )
