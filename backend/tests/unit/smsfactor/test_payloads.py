"""SMSFactor's answers and webhook bodies, as documented and as they may arrive broken."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.vocabulary import BalanceMode
from connector.smsfactor import answers, events, paris
from connector.smsfactor.payloads import Balance, SendCall
from connector.smsfactor.webhook_bodies import EventNotUnderstood

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def a_send(**changes: Any) -> SendCall:
    call: dict[str, Any] = {
        "text": "Votre commande est là",
        "push_type": "alert",
        "sender": None,
        "unicode": False,
        "recipients": [("sbx-1", "33612345678")],
    }
    return SendCall(**(call | changes))


def test_a_send_leaves_out_what_is_unset() -> None:
    assert a_send().as_json() == {
        "sms": {
            "message": {"text": "Votre commande est là", "pushtype": "alert"},
            "recipients": {"gsm": [{"gsmsmsid": "sbx-1", "value": "33612345678"}]},
        }
    }
    full = a_send(sender="LUMEN", unicode=True, push_type="marketing", links=["https://lumen.example/a"])
    assert full.as_json()["sms"]["message"] == {  # type: ignore[index]
        "text": "Votre commande est là",
        "pushtype": "marketing",
        "sender": "LUMEN",
        "unicode": 1,
        "links": ["https://lumen.example/a"],
    }


@pytest.mark.parametrize(
    "recipients",
    [
        [],
        [("a", "33612345678"), ("b", "33612345678")],
        [("a", "+33612345678")],
        [("a", "06 12")],
        [("a", "")],
        [(str(n), f"336{n:08d}") for n in range(501)],
    ],
)
def test_a_call_that_must_not_be_made_cannot_be_built(recipients: list[tuple[str, str]]) -> None:
    with pytest.raises(ValueError, match=r"recipients|twice|digits"):
        a_send(recipients=recipients)


ACCEPTED = {
    "status": 1, "message": "OK", "ticket": "15948909", "cost": 2, "credits": 1247, "total": 3, "sent": 2,
    "blacklisted": 1, "duplicated": 0, "npai": 0, "invalid": 0,
}  # fmt: skip


def test_an_accepted_send() -> None:
    # The last three counters are absent on older deployments.
    answer = answers.read_send_answer(ACCEPTED, moderated=False, recipients=3)
    assert (answer.ticket, answer.cost, answer.credits) == ("15948909", 2, 1247)
    assert (answer.total, answer.sent, answer.moderated) == (3, 2, False)
    assert {name: count for name, count in answer.counters.items() if count} == {"blacklisted": 1}
    assert set(answer.counters) >= {"not_allowed", "flood", "country_limit"}


def test_a_moderated_send_may_say_little() -> None:
    answer = answers.read_send_answer({"status": -8, "ticket": 15948909}, moderated=True, recipients=3)
    assert (answer.ticket, answer.sent, answer.total, answer.cost) == ("15948909", 3, 3, None)
    assert answer.moderated


@pytest.mark.parametrize("sent", [None, "many", True, [2]])
def test_an_accepted_send_must_say_how_many(sent: object) -> None:
    with pytest.raises(answers.NotUnderstood, match="sent"):
        answers.read_send_answer(ACCEPTED | {"sent": sent}, moderated=False, recipients=3)


@pytest.mark.parametrize(
    ("body", "balance"),
    [
        (
            {"credits": "1249", "postpaid": "0", "postpaid_limit": False, "unlimited": False},
            Balance(BalanceMode.PREPAID, 1249),
        ),
        ({"credits": 1249}, Balance(BalanceMode.PREPAID, 1249)),
        ({"credits": "12", "postpaid": "1", "unlimited": True}, Balance(BalanceMode.POSTPAID, 12)),
        ({"credits": "0", "postpaid": "0", "unlimited": True}, Balance(BalanceMode.UNLIMITED, 0)),
        ({"credits": "-3", "unlimited": "0"}, Balance(BalanceMode.PREPAID, -3)),
        ({"credits": "12.5"}, Balance(BalanceMode.PREPAID, 12)),
    ],
)
def test_credits(body: dict[str, object], balance: Balance) -> None:
    assert answers.read_balance(body) == balance


@pytest.mark.parametrize("value", [None, "", "a lot", True, "nan", "inf", {}])
def test_credits_that_are_no_number(value: object) -> None:
    with pytest.raises(answers.NotUnderstood):
        answers.read_balance({"credits": value})


def test_account() -> None:
    row: dict[str, object] = {
        "client_id": "204518", "parent_client_id": "0", "email": "ops@lumen.example", "firstname": "Ines",
        "lastname": "Moreau", "company": "Atelier Lumen", "country_code": "FR", "status": "1", "address2": None,
    }  # fmt: skip
    account = answers.read_account({"status": 1, "account": row})
    assert (account.client_id, account.first_name, account.last_name) == ("204518", "Ines", "Moreau")
    assert account.parent_client_id is None
    assert account.is_active
    child = answers.read_account({"account": row | {"parent_client_id": "17", "status": "0"}})
    assert child.parent_client_id == "17"
    assert not child.is_active
    with pytest.raises(answers.NotUnderstood):
        answers.read_account({"account": {}})
    with pytest.raises(answers.NotUnderstood):
        answers.read_account({"account": [row]})


def test_listed_messages() -> None:
    row = {
        "campaign_id": "15948909", "client_message_id": "sbx-1", "message": "Bonjour", "cost": "1",
        "destination": "33612345678", "message_id": "998877", "sender": "LUMEN", "date": "2025-11-24 09:30:01",
        "dlr_date": "2025-11-24 09:30:07", "status": "DELIVERED", "type": "sms_mt",
    }  # fmt: skip
    unknown = row | {"client_message_id": None, "status": "Odd", "dlr_date": None, "destination": 33612345678}
    page = answers.read_messages({"messages": [row, unknown], "totalRecords": 9, "totalDisplayRecords": "2"})
    assert page.total == 2
    first, second = page.rows
    assert (first.gateway_id, first.ticket, first.number) == ("sbx-1", "15948909", "+33612345678")
    assert (first.state, first.reason, first.cost_credits) == ("delivered", None, 1)
    assert first.at == datetime(2025, 11, 24, 8, 30, 1, tzinfo=UTC)
    assert first.receipt_at == datetime(2025, 11, 24, 8, 30, 7, tzinfo=UTC)
    assert (second.gateway_id, second.status, second.state, second.receipt_at) == (None, "odd", None, None)
    assert second.number == "+33612345678"


@pytest.mark.parametrize(
    "body",
    [{}, {"messages": []}, {"messages": {}, "totalRecords": 0}, {"messages": ["x"], "totalRecords": 1}],
)
def test_a_list_without_its_rows_or_total_is_not_understood(body: dict[str, object]) -> None:
    with pytest.raises(answers.NotUnderstood):
        answers.read_messages(body)


def test_listed_numbers() -> None:
    row = {
        "id": 7,
        "destination": "33612345678",
        "date": "2025-11-24 09:30:01",
        "campaign_id": 15,
        "batch_id": None,
    }
    page = answers.read_listed_numbers({"list": [row], "totalRecords": "31"})
    assert page.total == 31
    assert (page.rows[0].entry_id, page.rows[0].number, page.rows[0].ticket) == ("7", "+33612345678", "15")


DLR = {
    "date": "2025-11-24T09:30:07+01:00", "status": 3, "destination": "33612345678", "message_id": "sbx-1",
    "campaign_id": "15948909", "country_code": "FR",
}  # fmt: skip


def test_a_receipt() -> None:
    receipt = events.read_receipt(DLR)
    assert (receipt.gateway_id, receipt.ticket, receipt.number) == ("sbx-1", "15948909", "+33612345678")
    assert (receipt.code, receipt.state, receipt.reason) == (3, "delivered", None)
    assert receipt.at == datetime(2025, 11, 24, 8, 30, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [
        (0, "undelivered", "not_sent"),
        (1, "accepted", None),
        (2, "undelivered", "not_delivered"),
        (3, "delivered", None),
        (4, "undelivered", "not_allowed"),
        (5, "undelivered", "invalid_destination"),
        (6, "undelivered", "invalid_sender"),
        (7, "undelivered", "route_not_available"),
        (9, "undelivered", "rejected"),
        (11, "undelivered", "network_error"),
        (12, "expired", "expired"),
        ("12", "expired", "expired"),
        (8, "accepted", "unknown_code"),
        (10, "accepted", "unknown_code"),
        (-1, "accepted", "unknown_code"),
        ("DELIVERED", "accepted", "unknown_code"),
        (None, "accepted", "unknown_code"),
    ],
)
def test_receipt_codes(code: object, state: str, reason: str | None) -> None:
    receipt = events.read_receipt(DLR | {"status": code})
    assert (receipt.state, receipt.reason) == (state, reason)


def test_a_receipt_of_a_message_that_is_not_ours() -> None:
    assert events.read_receipt(DLR | {"message_id": None}).gateway_id is None
    assert events.read_receipt({}).gateway_id is None


def test_a_reply_and_a_stop() -> None:
    body = {
        "date": "2025-07-24 09:41:10", "message": "Oui\0 \ud83d", "from": "33612345678", "account_id": "204518",
        "last_message_id": "sbx-1",
    }  # fmt: skip
    reply = events.read_inbound(body)
    # Characters that PostgreSQL or UTF-8 cannot hold are replaced. No offset means Paris time, UTC+2 in summer.
    assert reply.text == "Oui \ufffd"
    assert (reply.number, reply.gateway_id, reply.account_client_id) == ("+33612345678", "sbx-1", "204518")
    assert reply.at == datetime(2025, 7, 24, 7, 41, 10, tzinfo=UTC)
    stop = events.read_inbound({"from": "33612345678", "message": None, "date": "yesterday"})
    assert (stop.text, stop.gateway_id, stop.at) == ("", None, None)
    with pytest.raises(EventNotUnderstood):
        events.read_inbound(body | {"from": "LUMEN"})


def test_a_click() -> None:
    body = {
        "campaign_id": "15948909", "gsmsid": "sbx-1", "date": "2025-11-24 09:47:21", "short_url": "37MM",
        "long_url": "https://lumen.example/suivi?c=1", "brand": "Apple", "model": None, "os": "iOS",
        "clicks_on_link": "2",
    }  # fmt: skip
    click = events.read_click(body)
    assert (click.gateway_id, click.short_code, click.clicks_on_link, click.model) == ("sbx-1", "37MM", 2, "")
    with pytest.raises(EventNotUnderstood):
        events.read_click({"gsmsid": "sbx-1"})


def test_a_balance_alert() -> None:
    alert = events.read_balance_alert({"balance": "159", "trigger": "500", "date": "2025-11-24 16:38:00"})
    assert (alert.balance, alert.trigger, alert.at) == (159, 500, datetime(2025, 11, 24, 15, 38, tzinfo=UTC))
    with pytest.raises(EventNotUnderstood):
        events.read_balance_alert({"trigger": "500"})


@given(st.dictionaries(st.sampled_from([*DLR, "from", "long_url", "balance", "message", "gsmsid"]), JSON))
def test_events_are_read_or_refused(fields: dict[str, object]) -> None:
    events.read_receipt(fields)
    for read in (events.read_inbound, events.read_click, events.read_balance_alert):
        try:
            event = read(fields)
        except EventNotUnderstood:
            continue
        json.dumps(str(event)).encode()  # every event can be logged


@given(
    st.dictionaries(
        st.sampled_from([*ACCEPTED, "account", "messages", "list", "webhooks", "totalRecords"]), JSON
    )
)
def test_answers_are_read_or_refused(body: dict[str, object]) -> None:
    readers = (
        answers.read_account, answers.read_balance, answers.read_messages, answers.read_listed_numbers,
        answers.read_webhooks, answers.read_one_webhook,
        lambda answer: answers.read_send_answer(answer, moderated=False, recipients=1),
    )  # fmt: skip
    for read in readers:
        try:
            read(body)
        except answers.NotUnderstood:
            continue


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2025-11-24 09:30:00", datetime(2025, 11, 24, 8, 30, tzinfo=UTC)),
        ("2025-07-24 09:30:00", datetime(2025, 7, 24, 7, 30, tzinfo=UTC)),
        ("2025-11-24T09:30:00", datetime(2025, 11, 24, 8, 30, tzinfo=UTC)),
        ("2025-11-24T09:30:00+01:00", datetime(2025, 11, 24, 8, 30, tzinfo=UTC)),
        ("2025-11-24T08:30:00Z", datetime(2025, 11, 24, 8, 30, tzinfo=UTC)),
        # Autumn's repeated hour means its first pass. Spring's missing hour is read as if it existed.
        ("2025-10-26 02:30:00", datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),
        ("2025-03-30 02:30:00", datetime(2025, 3, 30, 1, 30, tzinfo=UTC)),
        ("", None),
        ("24/11/2025", None),
        ("0001-01-01 00:00:00", None),
        (None, None),
        (1732437000, None),
    ],
)
def test_dates_from_the_gateway(written: object, instant: datetime | None) -> None:
    assert paris.from_gateway(written) == instant


def test_dates_for_the_gateway() -> None:
    assert paris.to_gateway(datetime(2025, 7, 24, 7, 30, 59, 999, tzinfo=UTC)) == "2025-07-24 09:30:59"
    with pytest.raises(ValueError, match="aware"):
        paris.to_gateway(datetime(2025, 7, 24))  # noqa: DTZ001 - the naive instant is the point


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_date_survives_the_way_there_and_back(instant: datetime) -> None:
    read = paris.from_gateway(paris.to_gateway(instant))
    assert read is not None
    # One hour a year occurs twice; the first is taken.
    assert instant.replace(microsecond=0).timestamp() - read.timestamp() in (0, 3600)
