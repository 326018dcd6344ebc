"""The gateway adapter against the gateway simulator, over real HTTP: calls arrive, faults are distinguished."""

import json
import queue
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.domain.text import segments
from connector.domain.vocabulary import BalanceMode, Direction, GatewayEvent
from connector.inbound.http.signatures import verify_smsfactor
from connector.smsfactor import events
from connector.smsfactor.client import SmsFactorClient
from connector.smsfactor.errors import NotSent, OutcomeUnknown, Refused, Unavailable
from connector.smsfactor.payloads import Balance, SendCall
from connector.smsfactor.webhook_bodies import read_body

TOKEN = "contract-test-token"
CONTRACT = json.loads((Path(__file__).parents[3] / "contracts" / "segments.json").read_text("utf-8"))
SHORT_S = 0.5


@pytest.fixture
def client(gateway: Any) -> SmsFactorClient:
    return SmsFactorClient(gateway.url, timeout_s=10)


def a_call(text: str = "Bonjour", **changes: Any) -> SendCall:
    call: dict[str, Any] = {
        "text": text,
        "push_type": "alert",
        "sender": None,
        "unicode": False,
        "recipients": [("t-1", "33639980001")],
    }
    return SendCall(**(call | changes))


def accepted_ids(gateway: Any) -> list[str]:
    return [row["gsmsmsid"] for row in gateway.control("accepted")["accepted"]]


def test_a_send_reaches_the_handset(client: SmsFactorClient, gateway: Any) -> None:
    before = client.credits(TOKEN).value
    answer = client.send(TOKEN, a_call("Été à 20 €", sender="LUMEN"))
    assert (answer.total, answer.sent, answer.cost, answer.moderated) == (1, 1, 1, False)
    assert answer.credits == before - 1 == client.credits(TOKEN).value
    assert not any(answer.counters.values())
    assert [row["campaign_id"] for row in gateway.control("accepted")["accepted"]] == [answer.ticket]
    gateway.control("clock", {"advance_s": 60})
    gateway.control("idle?timeout_s=5")
    handset = gateway.control("handsets")["handsets"][0]
    assert handset["number"] == "33639980001"
    assert (handset["messages"][0]["text"], handset["messages"][0]["sender"]) == ("Été à 20 €", "LUMEN")


def test_unicode_and_links_are_passed_on(client: SmsFactorClient, gateway: Any) -> None:
    client.send(TOKEN, a_call("Noël 🎄 <-short->", unicode=True, links=["https://lumen.example/a?b=c"]))
    gateway.control("clock", {"advance_s": 60})
    gateway.control("idle?timeout_s=5")
    message = gateway.control("handsets")["handsets"][0]["messages"][0]
    assert message["text"].startswith("Noël 🎄 ")
    assert len(message["links"]) == 1


def test_who_was_left_out_is_counted(client: SmsFactorClient, gateway: Any) -> None:
    gateway.control("mo", {"number": "33639980002", "text": "STOP"})
    recipients = [("t-1", "33639980001"), ("t-2", "33639980002"), ("t-3", "33140201234")]
    answer = client.send(TOKEN, a_call(recipients=recipients))
    assert (answer.total, answer.sent) == (3, 1)
    assert {name: count for name, count in answer.counters.items() if count} == {
        "invalid": 1,
        "blacklisted": 1,
    }
    nobody = client.send(TOKEN, a_call(recipients=[("t-4", "33639980002")]))
    assert (nobody.sent, nobody.cost, nobody.counters["blacklisted"]) == (0, 0, 1)


def test_moderation_is_an_answer(client: SmsFactorClient, gateway: Any) -> None:
    answer = client.send(TOKEN, a_call("[[moderation]]"))
    assert answer.moderated
    assert answer.ticket
    assert answer.sent == 1


@pytest.mark.parametrize(
    ("token", "changes", "kind", "status"),
    [
        ("1", {}, "auth", -1),
        (TOKEN, {"text": "[[nocredit]]"}, "no_credits", -3),
        (TOKEN, {"sender": "MUCHTOOLONGSENDER"}, "invalid", -7),
        (TOKEN, {"text": "<-short->"}, "invalid", -7),
    ],
)
def test_refusals(
    client: SmsFactorClient, gateway: Any, token: str, changes: dict[str, Any], kind: str, status: int
) -> None:
    with pytest.raises(Refused) as refused:
        client.send(token, a_call(**changes))
    assert (refused.value.kind, refused.value.status) == (kind, status)
    assert refused.value.detail
    assert accepted_ids(gateway) == []


FAULTS = [
    # kind, details, the adapter's error, whether the gateway has the SMS
    ("timeout_before", {}, OutcomeUnknown, False),
    ("timeout_after", {}, OutcomeUnknown, True),
    ("reset_before", {}, OutcomeUnknown, False),
    ("reset_after", {}, OutcomeUnknown, True),
    ("malformed", {}, OutcomeUnknown, True),
    ("status", {"status": 503, "body": "down"}, OutcomeUnknown, False),
    ("status_after", {"status": 500, "body": {"status": -99}}, OutcomeUnknown, True),
    ("status", {"status": 200, "body": {"status": -99}}, OutcomeUnknown, False),
    ("status", {"status": 200, "body": {"error": "odd"}}, OutcomeUnknown, False),
    ("status", {"status": 429, "body": {"status": -7}, "headers": {"Retry-After": "3"}}, Refused, False),
    ("status", {"status": 401, "body": {"status": -1}}, Refused, False),
    ("status_after", {"status": 429, "body": ""}, OutcomeUnknown, True),
    ("status_after", {"status": 404, "body": "<html>404 Not Found</html>"}, OutcomeUnknown, True),
]


@pytest.mark.parametrize(("kind", "details", "error", "has_it"), FAULTS)
def test_every_loss_of_a_send_is_told_apart_and_never_repeated(
    gateway: Any, kind: str, details: dict[str, Any], error: type[Exception], has_it: bool
) -> None:
    gateway.break_next("POST", "/send", kind, **details)
    client = SmsFactorClient(gateway.url, timeout_s=SHORT_S)
    with pytest.raises(error):
        client.send(TOKEN, a_call())
    assert accepted_ids(gateway) == (["t-1"] if has_it else [])
    assert len(gateway.calls("/send")) == 1
    # The connection pool still works.
    assert SmsFactorClient(gateway.url).send(TOKEN, a_call()).sent == 1


@pytest.mark.parametrize("kind", ["timeout_before", "reset_before", "reset_after", "malformed", "status"])
def test_a_read_without_answer_is_unavailable(gateway: Any, kind: str) -> None:
    gateway.break_next("GET", "/credits", kind)
    client = SmsFactorClient(gateway.url, timeout_s=SHORT_S)
    with pytest.raises(Unavailable):
        client.credits(TOKEN)
    assert client.credits(TOKEN).mode == "prepaid"


def test_nothing_leaves_for_a_gateway_that_is_not_there(closed_address: str) -> None:
    with pytest.raises(NotSent):
        SmsFactorClient(closed_address).send(TOKEN, a_call())


def test_the_account_and_its_credits(client: SmsFactorClient, gateway: Any) -> None:
    account = client.account(TOKEN)
    assert account.client_id
    assert "@" in account.email
    assert account.is_active
    assert account.parent_client_id is None
    prepaid = client.credits(TOKEN)
    assert prepaid.mode == "prepaid"
    gateway.control(f"accounts/{account.client_id}", {"unlimited": True})
    assert client.credits(TOKEN).mode == "unlimited"
    gateway.control(f"accounts/{account.client_id}", {"postpaid": True, "credits": 12})
    assert client.credits(TOKEN).mode == "postpaid"
    with pytest.raises(Refused) as refused:
        client.account("1")
    assert refused.value.kind == "auth"
    assert Balance(BalanceMode.PREPAID, 1) != prepaid


def test_look_up_page_by_page(client: SmsFactorClient, gateway: Any) -> None:
    recipients = [(f"t-{n}", f"336399800{n:02d}") for n in range(5)]
    ticket = client.send(TOKEN, a_call("Bonjour", recipients=recipients)).ticket
    start, end = datetime.now(UTC) - timedelta(hours=3), datetime.now(UTC) + timedelta(hours=3)
    assert client.messages(TOKEN, start, end, 0, 1000, Direction.OUTBOUND).total == 0  # the list lags
    gateway.control("clock", {"advance_s": 120})
    gateway.control("idle?timeout_s=5")
    rows: list[Any] = []
    for offset in (0, 2, 4):
        page = client.messages(TOKEN, start, end, offset, 2, Direction.OUTBOUND)
        assert page.total == 5
        rows += page.rows
    assert sorted(row.gateway_id or "" for row in rows) == [gateway_id for gateway_id, _ in recipients]
    assert {(row.ticket, row.text, row.state, row.cost_credits) for row in rows} == {
        (ticket, "Bonjour", "delivered", 1)
    }
    assert all(row.at and abs(row.at - datetime.now(UTC)) < timedelta(minutes=5) for row in rows)
    assert {row.number for row in rows} == {f"+{digits}" for _, digits in recipients}
    past = client.messages(TOKEN, start - timedelta(days=2), start, 0, 10, Direction.OUTBOUND)
    assert (past.total, list(past.rows)) == (0, [])


def test_replies_are_looked_up_too(client: SmsFactorClient, gateway: Any) -> None:
    client.send(TOKEN, a_call())
    gateway.control("clock", {"advance_s": 60})
    gateway.control("mo", {"number": "33639980001", "text": "Oui"})
    gateway.control("clock", {"advance_s": 60})
    start, end = datetime.now(UTC) - timedelta(hours=3), datetime.now(UTC) + timedelta(hours=3)
    page = client.messages(TOKEN, start, end, 0, 10, Direction.INBOUND)
    assert [(row.text, row.number, row.gateway_id) for row in page.rows] == [("Oui", "+33639980001", None)]


def test_replies_name_the_campaign_that_they_answer(client: SmsFactorClient, gateway: Any) -> None:
    ticket = client.send(TOKEN, a_call()).ticket
    gateway.control("clock", {"advance_s": 60})
    for text in ("Oui", "Non"):
        gateway.control("mo", {"number": "33639980001", "text": text})
        gateway.control("clock", {"advance_s": 60})
    start, end = datetime.now(UTC) - timedelta(hours=3), datetime.now(UTC) + timedelta(hours=3)
    pages = [client.replies(TOKEN, start, end, offset, 1) for offset in (0, 1)]
    assert [page.total for page in pages] == [2, 2]
    rows = [row for page in pages for row in page.rows]
    assert [(row.text, row.number, row.ticket) for row in rows] == [
        ("Oui", "+33639980001", ticket),
        ("Non", "+33639980001", ticket),
    ]
    assert all(row.at and abs(row.at - datetime.now(UTC)) < timedelta(minutes=5) for row in rows)


def test_webhooks_are_registered_changed_and_removed(client: SmsFactorClient) -> None:
    made = client.create_webhook(TOKEN, GatewayEvent.DLR, "https://connector.sandbox.example/a/dlr", "s3cret")
    assert (made.type, made.url) == ("DLR", "https://connector.sandbox.example/a/dlr")
    assert "s3cret" not in repr(made)
    listed = client.list_webhooks(TOKEN)
    assert [(one.webhook_id, one.status, one.last_http_code) for one in listed] == [
        (made.webhook_id, "live", None)
    ]
    changed = client.update_webhook(
        TOKEN, made.webhook_id, GatewayEvent.DLR, "https://connector.sandbox.example/b/dlr", "other"
    )
    assert changed.url.endswith("/b/dlr")
    assert client.set_webhook_live(TOKEN, made.webhook_id).status == "live"
    client.delete_webhook(TOKEN, made.webhook_id)
    assert client.list_webhooks(TOKEN) == []
    with pytest.raises(Refused) as refused:
        client.delete_webhook(TOKEN, made.webhook_id)
    assert refused.value.kind == "not_found"


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"webhook_signature": "hmac", "webhook_date_style": "bare", "webhook_content_type": "text/plain"},
        {"webhook_content_type": "application/x-www-form-urlencoded"},
    ],
)
def test_events_are_signed_and_understood(
    client: SmsFactorClient,
    gateway: Any,
    webhook_receiver: tuple[str, queue.Queue[Any]],
    settings: dict[str, Any],
) -> None:
    _, arrived = webhook_receiver
    gateway.control("settings", settings)
    for kind in (GatewayEvent.DLR, GatewayEvent.MO, GatewayEvent.STOP):
        client.create_webhook(TOKEN, kind, f"https://connector.sandbox.example/x/{kind}", f"secret of {kind}")
    ticket = client.send(TOKEN, a_call(recipients=[("t-1", "33639980001"), ("t-2", "33639980092")])).ticket
    gateway.control("clock", {"advance_s": 60})
    gateway.control("idle?timeout_s=5")
    gateway.control("mo", {"number": "33639980001", "text": "Oui, à bientôt"})
    gateway.control("mo", {"number": "33639980092", "text": "Stop SMS"})
    gateway.control("idle?timeout_s=5")
    received = [arrived.get(timeout=5) for _ in range(4)]
    fields: dict[str, list[dict[str, Any]]] = {"DLR": [], "MO": [], "STOP": []}
    for one in received:
        kind = one.path.rpartition("/")[2]
        header = one.headers.get("X-SMSFactor-Signature")
        assert verify_smsfactor(header, f"secret of {kind}", [one.body])
        assert not verify_smsfactor(header, "another secret", [one.body])
        fields[kind] += read_body(one.body).events
    receipts = {receipt.gateway_id: receipt for receipt in map(events.read_receipt, fields["DLR"])}
    assert {name: (one.state, one.reason) for name, one in receipts.items()} == {
        "t-1": ("delivered", None),
        "t-2": ("expired", "expired"),
    }
    assert {one.ticket for one in receipts.values()} == {ticket}
    reply, stop = events.read_inbound(fields["MO"][0]), events.read_inbound(fields["STOP"][0])
    assert (reply.text, reply.number, reply.gateway_id) == ("Oui, à bientôt", "+33639980001", "t-1")
    assert (stop.text, stop.number, stop.gateway_id) == ("Stop SMS", "+33639980092", "t-2")
    for at in (*(receipt.at for receipt in receipts.values()), reply.at, stop.at):
        assert at is not None
        assert abs(at - datetime.now(UTC)) < timedelta(minutes=5)


def test_clicks_and_balance_alerts_are_understood(
    client: SmsFactorClient, gateway: Any, webhook_receiver: tuple[str, queue.Queue[Any]]
) -> None:
    _, arrived = webhook_receiver
    account = client.account(TOKEN).client_id
    gateway.control(f"accounts/{account}", {"credits": 500, "alert_trigger": 500})
    for kind in (GatewayEvent.CLICKER, GatewayEvent.BALANCE_ALERT):
        client.create_webhook(TOKEN, kind, f"https://connector.sandbox.example/x/{kind}", "secret")
    call = a_call("<-short->", recipients=[("t-1", "33639980096")], links=["https://lumen.example/a"])
    ticket = client.send(TOKEN, call).ticket
    gateway.control("clock", {"advance_s": 60})
    gateway.control("idle?timeout_s=5")
    received = [arrived.get(timeout=5) for _ in range(2)]
    bodies = {one.path.rpartition("/")[2]: read_body(one.body).events[0] for one in received}
    click = events.read_click(bodies["CLICKER"])
    assert (click.gateway_id, click.ticket, click.long_url) == ("t-1", ticket, "https://lumen.example/a")
    alert = events.read_balance_alert(bodies["BALANCE_ALERT"])
    assert (alert.balance, alert.trigger) == (499, 500)


def test_the_stop_list_and_the_unassigned_list(client: SmsFactorClient, gateway: Any) -> None:
    for number in ("33639980001", "33639980002", "33639980003"):
        gateway.control("mo", {"number": number, "text": "STOP"})
    rows = [*client.blacklist(TOKEN, 0, 2).rows, *client.blacklist(TOKEN, 2, 2).rows]
    assert {row.number for row in rows} == {"+33639980001", "+33639980002", "+33639980003"}
    assert client.blacklist(TOKEN, 0, 2).total == 3
    assert all(row.listed_at for row in rows)
    first = next(row for row in rows if row.number == "+33639980001")
    client.remove_from_blacklist(TOKEN, first.entry_id)
    assert client.blacklist(TOKEN, 0, 10).total == 2
    with pytest.raises(Refused) as refused:
        client.remove_from_blacklist(TOKEN, first.entry_id)
    assert refused.value.kind == "not_found"
    client.send(TOKEN, a_call(recipients=[("t-1", "33639980091")]))
    gateway.control("clock", {"advance_s": 60})
    gateway.control("idle?timeout_s=5")
    assert [row.number for row in client.npai(TOKEN, 0, 10).rows] == ["+33639980091"]


def text_of(vector: dict[str, Any]) -> str:
    if "text" in vector:
        return str(vector["text"])
    return "".join(characters * times for characters, times in vector["repeat"])


def test_the_simulator_charges_what_we_count(client: SmsFactorClient) -> None:
    """Compares two independent counters on every shared vector."""
    # A text of blanks only is refused as empty.
    vectors = [vector for vector in CONTRACT["vectors"] if text_of(vector).strip()]
    charged = {}
    for vector in vectors:
        text = text_of(vector)
        answer = client.send(TOKEN, a_call(text, unicode=vector["encoding"] == "ucs2"))
        charged[text] = answer.cost
    assert charged == {text_of(vector): vector["parts"] for vector in vectors}


def test_the_simulator_charges_the_stop_mention_we_expect(client: SmsFactorClient, gateway: Any) -> None:
    gateway.control("settings", {"stop_mention": " STOP 36035 free".ljust(segments.STOP_MENTION_UNITS)})
    for vector in CONTRACT["counted_vectors"]:
        text = text_of(vector)
        call = a_call(
            text,
            push_type=vector["push_type"],
            sender=vector["sender"],
            unicode=not segments.is_gsm7(text),
            links=["https://lumen.example/a"] * text.count(segments.SHORT_URL_TAG),
        )
        assert client.send(TOKEN, call).cost == vector["parts"], vector
