"""The meaning of the gateway's answers: sent, refused, a fault of the account, or unknown (P5, P10)."""

import dataclasses
from typing import Any

import pytest

from backend.tests.factories import a_portal
from backend.tests.integration.conftest import NOBODY, drain, impatient
from backend.tests.integration.delivery.steps import (
    age_attempts,
    due_now,
    history,
    now_of,
    send,
    take_turn,
    to,
)
from connector.domain.phone_numbers import PhoneNumber
from connector.domain.vocabulary import Cause, LaneKind, MessageState, NumberKind, Reason
from connector.smsfactor.client import SmsFactorClient
from connector.store import lanes
from connector.store.database import Conn
from connector.store.messages import claims, counts
from connector.store.portals.portals import Portal
from connector.use_cases.delivery.accept_attempt import accept_attempt
from connector.use_cases.delivery.apply_receipt import ApplyReceipt, apply_receipt
from connector.wiring import Wiring
from sandbox.driver.gateway import Gateway

# --- success


def test_message_is_accepted_once_and_its_facts_are_kept(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    message = send(own, linked, portal, text="Bonjour, votre colis est là", sender="LUMEN")
    drain(linked)
    after = now_of(own, message)
    assert after.state == "accepted"
    assert after.ticket is not None
    assert after.cost_credits == 1
    assert gateway.accepted_ids() == [message.gateway_id]
    [shown] = gateway.messages_on(message.recipient)
    assert (shown["text"], shown["sender"]) == ("Bonjour, votre colis est là", "LUMEN")
    assert history(own, message) == ["queued", "sending", "accepted"]
    assert counts.sent_count(own, portal.portal_id, [message.recipient]) == 1


def test_acceptance_plans_the_event_and_the_properties(own: Conn, linked: Wiring, portal: Portal) -> None:
    message = send(own, linked, portal)
    drain(linked)
    [event] = own.execute("SELECT event_type, event_id, properties FROM event_writes").fetchall()
    assert (event["event_type"], event["event_id"]) == ("sms_sent_contact", f"{message.gateway_id}-sent")
    assert event["properties"]["text"] == message.text
    [write] = own.execute("SELECT last_message, flags FROM record_writes").fetchall()
    assert write["last_message"]["smsfactor_last_message_status"] == "sent"
    assert write["last_message"]["smsfactor_last_message_campaign_id"].isdigit()
    assert write["flags"] == {}, "a mark set by hand is not ours to take away"


# --- P5: definite refusals


@pytest.mark.parametrize("status", [-2, -4, -6, -7])
def test_refusal_of_the_message_is_final(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway, status: int
) -> None:
    gateway.fault("status", status=200, body={"status": status, "message": "X", "details": "Y"})
    message = send(own, linked, portal)
    drain(linked)
    assert (now_of(own, message).state, now_of(own, message).reason) == ("refused", "gateway_invalid")
    assert gateway.accepted_ids() == []


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"status": 200, "body": {"status": -1, "message": "X"}}, "gateway_auth"),
        ({"status": 200, "body": {"status": -3, "message": "X"}}, "gateway_no_credits"),
        ({"status": 401, "body": {"status": -1}}, "gateway_auth"),
        ({"status": 403, "body": {"status": -3}}, "gateway_no_credits"),
    ],
)
def test_refusal_of_the_account_keeps_the_message_and_pauses(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway, fault: dict[str, Any], reason: Reason
) -> None:
    gateway.fault("status", **fault)
    message = send(own, linked, portal)
    drain(linked)
    waiting = now_of(own, message)
    assert (waiting.state, waiting.reason) == ("queued", reason)
    [problem] = own.execute("SELECT code FROM problems WHERE closed_at IS NULL").fetchall()
    assert problem["code"] == reason
    [account] = own.execute("SELECT balance_is_stale FROM sms_accounts").fetchall()
    assert account["balance_is_stale"] == (reason == "gateway_no_credits"), (
        "the card must not go on showing it"
    )
    assert gateway.calls() == 1
    due_now(own)
    drain(linked)
    assert now_of(own, message).state == "accepted"
    assert gateway.accepted_ids() == [message.gateway_id]
    assert own.execute("SELECT 1 FROM problems WHERE closed_at IS NULL").fetchall() == []


def test_too_many_calls_is_a_no_that_waits(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    gateway.fault("status", status=429, body={"status": -7}, headers={"Retry-After": "7"})
    message = send(own, linked, portal)
    drain(linked)
    assert now_of(own, message).state == "queued"
    due_now(own)
    drain(linked)
    assert gateway.accepted_ids() == [message.gateway_id]


def test_unreachable_gateway_loses_nothing(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    away = dataclasses.replace(linked, smsfactor=SmsFactorClient(NOBODY, timeout_s=2.0))
    message = send(own, linked, portal)
    drain(away)
    waiting = now_of(own, message)
    assert (waiting.state, waiting.reason) == ("queued", "gateway_unreachable")
    due_now(own)
    drain(linked)
    sent = now_of(own, message)
    assert (sent.state, sent.reason) == ("accepted", None)
    assert gateway.accepted_ids() == [message.gateway_id]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status_after", "status": 500, "body": {}},
        {"kind": "status_after", "status": 502, "body": "<html>bad gateway</html>"},
        {"kind": "status_after", "status": 401, "body": "<html>authenticate</html>"},
        {"kind": "status_after", "status": 403, "body": "<html>blocked</html>"},
        {"kind": "status_after", "status": 404, "body": "<html>not found</html>"},
        {"kind": "status_after", "status": 403, "body": {"status": -99}},
        {"kind": "status_after", "status": 429, "body": ""},
        {"kind": "status_after", "status": 200, "body": {"status": -99, "message": "UNKNOWN"}},
        {"kind": "status_after", "status": 200, "body": {"message": "no status"}},
        {"kind": "malformed"},
        {"kind": "reset_after"},
        {"kind": "timeout_after"},
    ],
    ids=lambda fault: fault["kind"] + str(fault.get("status", "")),
)
def test_everything_else_is_unknown_and_never_sent_again(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway, fault: dict[str, object]
) -> None:
    gateway.fault(**fault)  # type: ignore[arg-type]
    message = send(own, linked, portal)
    drain(impatient(linked) if fault["kind"] == "timeout_after" else linked)
    assert now_of(own, message).state == "unknown"
    due_now(own)
    drain(linked)
    assert now_of(own, message).state in ("unknown", "accepted", "delivered")
    assert gateway.accepted_ids() == [message.gateway_id]
    assert gateway.calls() == 1


@pytest.mark.parametrize(
    ("recipient", "reason"),
    [(PhoneNumber("+33412345678", "FR", NumberKind.FIXED), "invalid_number")],
)
def test_filtered_recipient_is_refused_with_the_counters_reason(
    own: Conn, linked: Wiring, portal: Portal, recipient: PhoneNumber, reason: Reason
) -> None:
    message = send(own, linked, portal, recipient=recipient)
    drain(linked)
    after = now_of(own, message)
    assert (after.state, after.reason) == ("refused", reason)
    assert counts.sent_count(own, portal.portal_id, [message.recipient]) == 0


def test_moderated_message_waits_for_smsfactors_check(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    message = send(own, linked, portal, text="[[moderation]] Soldes")
    drain(linked)
    after = now_of(own, message)
    assert after.state == "moderated"
    assert after.ticket is not None
    due_now(own)
    drain(linked)
    assert gateway.calls() == 1


# --- P10: receipts overtake answers


@pytest.mark.parametrize("state", ["delivered", "undelivered", "expired", "accepted"])
def test_receipt_before_the_answer_proves_acceptance(
    own: Conn, linked: Wiring, portal: Portal, state: MessageState
) -> None:
    message = send(own, linked, portal)
    claim = claims.claim(own, take_turn(own, portal), call_s=2.0).claim
    assert claim is not None
    own.commit()
    receipt = ApplyReceipt(
        portal_id=portal.portal_id,
        gateway_id=message.gateway_id,
        state=state,
        reason=None,
        ticket="4711",
        occurred_at=message.created_at,
    )
    entered = lanes.enter(own, portal.portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM)
    assert apply_receipt(entered, receipt)
    own.commit()
    assert (now_of(own, message).state, now_of(own, message).ticket) == (state, "4711")
    row = own.execute("SELECT outcome FROM attempts").fetchone()
    own.commit()
    assert row == {"outcome": "accepted"}, "the whole call is known to be accepted: nothing is looked up"
    # The answer comes late: it brings the cost and moves nothing back.
    entered = lanes.enter(own, portal.portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM)
    accept_attempt(entered, claim.attempt_id, ticket="4711", cost_credits=2, cause=Cause.ANSWER)
    own.commit()
    after = now_of(own, message)
    assert (after.state, after.cost_credits) == (state, 2)
    assert counts.sent_count(own, portal.portal_id, [message.recipient]) == 1


def test_final_state_never_moves(own: Conn, linked: Wiring, portal: Portal) -> None:
    message = send(own, linked, portal)
    drain(linked)
    for state in (
        MessageState.DELIVERED,
        MessageState.UNDELIVERED,
        MessageState.ACCEPTED,
        MessageState.DELIVERED,
    ):
        entered = lanes.enter(own, portal.portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM)
        apply_receipt(
            entered,
            ApplyReceipt(portal.portal_id, message.gateway_id, state, None, None, message.created_at),
        )
        own.commit()
    assert now_of(own, message).state == "delivered"
    assert history(own, message) == ["queued", "sending", "accepted", "delivered"]


def test_receipt_of_another_portal_moves_nothing(own: Conn, linked: Wiring, portal: Portal) -> None:
    message = send(own, linked, portal)
    drain(linked)
    stranger = a_portal(own, linked.vault)
    receipt = ApplyReceipt(
        stranger.portal_id, message.gateway_id, MessageState.DELIVERED, None, None, message.created_at
    )
    entered = lanes.enter(own, stranger.portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM)
    assert not apply_receipt(entered, receipt)
    own.commit()
    assert now_of(own, message).state == "accepted"


def test_no_receipt_for_three_days_asks_the_gateway(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    message = send(own, linked, portal, recipient=to("99"))
    drain(linked)
    gateway.advance(3600)
    age_attempts(own, minutes=72 * 60)
    drain(linked)
    after = now_of(own, message)
    assert (after.state, after.reason) == ("expired", "no_receipt")
