"""Delivery against the gateway's simulator over HTTP: what means "no", what means "nobody knows", and once is once.

Rules P3, P5, P6, P10 and P11 of the delivery protocol. No test writes a status: they come from answers, look-ups and
receipts. Time that has to pass is taken off the attempt's row.
"""

import dataclasses
from dataclasses import replace

import pytest

from backend.tests.factories import RECIPIENT, a_command, a_portal, link
from backend.tests.gateway import Gateway
from backend.tests.integration.conftest import NOBODY, drain
from connector.domain.phone_numbers import PhoneNumber
from connector.smsfactor.client import SmsFactorClient
from connector.store import attempts, lanes, messages, opt_outs, portals, sweep
from connector.store.database import Conn
from connector.store.lanes import Turn
from connector.store.messages import Message
from connector.store.portals import Portal
from connector.use_cases import record_outcome
from connector.use_cases.apply_receipt import ApplyReceipt, apply_receipt
from connector.use_cases.queue_message import queue_message
from connector.wiring import Wiring
from connector.worker.deliver import deliver


@pytest.fixture
def portal(own: Conn, linked: Wiring, gateway: Gateway) -> Portal:
    """A portal linked to the simulator's first account."""
    portal = a_portal(own, linked.vault, linked=False)
    relink(own, linked, portal, gateway.token)
    return portal


def relink(own: Conn, wiring: Wiring, portal: Portal, token: str) -> None:
    link(own, wiring.vault, portal.portal_id, client_id=f"client-{portal.portal_id}")
    own.execute(
        "UPDATE account_links SET token_enc = %s WHERE portal_id = %s AND unlinked_at IS NULL",
        (wiring.vault.seal(token), portal.portal_id),
    )
    own.commit()


def send(own: Conn, wiring: Wiring, portal: Portal, **changes: object) -> Message:
    queued = queue_message(own, portal, a_command(**changes), deployment_prefix="tst")
    own.commit()
    return queued.message


def now_of(own: Conn, message: Message) -> Message:
    fresh = messages.get(own, message.portal_id, message.message_id)
    own.commit()
    return fresh


def to(digits_end: str) -> PhoneNumber:
    return PhoneNumber(f"+336123456{digits_end}", "FR", "mobile")


def age_attempts(own: Conn, *, minutes: float) -> None:
    """Let time pass for every attempt, and make its next look-up due."""
    own.execute(
        "UPDATE attempts SET claimed_at = claimed_at - make_interval(secs => %(s)s),"
        " absent_at = absent_at - make_interval(secs => %(s)s),"
        " next_lookup_at = CASE WHEN next_lookup_at IS NOT NULL THEN now() END",
        {"s": minutes * 60},
    )
    own.execute("UPDATE lanes SET next_due_at = now(), not_before = NULL WHERE kind = 'reconcile'")
    own.commit()


def due_now(own: Conn) -> None:
    """End every back-off and pause."""
    own.execute("UPDATE lanes SET next_due_at = now(), not_before = NULL WHERE next_due_at < 'infinity'")
    own.execute("UPDATE sms_accounts SET paused_until = NULL")
    own.execute("UPDATE lanes SET next_due_at = now(), not_before = NULL WHERE kind = 'deliver'")
    own.commit()


def history(own: Conn, message: Message) -> list[str]:
    rows = own.execute(
        "SELECT state FROM message_states WHERE message_id = %s ORDER BY sequence", (message.message_id,)
    ).fetchall()
    own.commit()
    return [row["state"] for row in rows]


def take_turn(own: Conn, portal: Portal, lease_s: float = 30.0) -> Turn:
    """The deliver lane's turn, as a runner would take it."""
    own.execute(
        "UPDATE lanes SET not_before = NULL, next_due_at = CASE kind WHEN 'deliver' THEN now() ELSE 'infinity' END"
        " WHERE portal_id = %s",
        (portal.portal_id,),
    )
    own.commit()
    turn = lanes.take(own, owner="test", lease_s=lease_s, kinds=["deliver"])
    assert turn is not None
    assert turn.kind == "deliver"
    return turn


# --- the good way


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
    assert messages.sent_count(own, portal.portal_id, [message.recipient]) == 1


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


# --- P5: what means "no"


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
        ({"status": 401, "body": {}}, "gateway_auth"),
        ({"status": 403, "body": {}}, "gateway_auth"),
    ],
)
def test_refusal_of_the_account_keeps_the_message_and_pauses(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway, fault: dict[str, object], reason: str
) -> None:
    gateway.fault("status", **fault)
    message = send(own, linked, portal)
    drain(linked)
    waiting = now_of(own, message)
    assert (waiting.state, waiting.reason) == ("queued", reason)
    [problem] = own.execute("SELECT code FROM problems WHERE closed_at IS NULL").fetchall()
    assert problem["code"] == reason
    assert gateway.calls() == 1
    due_now(own)
    drain(linked)
    assert now_of(own, message).state == "accepted"
    assert gateway.accepted_ids() == [message.gateway_id]
    assert own.execute("SELECT 1 FROM problems WHERE closed_at IS NULL").fetchall() == []


def test_too_many_calls_is_a_no_that_waits(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    gateway.fault("status", status=429, body={}, headers={"Retry-After": "7"})
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
    drain(linked)
    assert now_of(own, message).state == "unknown"
    due_now(own)
    drain(linked)
    assert now_of(own, message).state in ("unknown", "accepted", "delivered")
    assert gateway.accepted_ids() == [message.gateway_id]
    assert gateway.calls() == 1


@pytest.mark.parametrize(
    ("recipient", "reason"),
    [(PhoneNumber("+33412345678", "FR", "fixed"), "invalid_number")],
)
def test_filtered_recipient_is_refused_with_the_counters_reason(
    own: Conn, linked: Wiring, portal: Portal, recipient: PhoneNumber, reason: str
) -> None:
    message = send(own, linked, portal, recipient=recipient)
    drain(linked)
    after = now_of(own, message)
    assert (after.state, after.reason) == ("refused", reason)
    assert messages.sent_count(own, portal.portal_id, [message.recipient]) == 0


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


# --- P6: leaving unknown


def test_lost_answer_is_found_by_its_id_with_the_listings_lag(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    gateway.fault("timeout_after")
    message = send(own, linked, portal, recipient=to("99"))  # no receipt will help
    drain(linked)
    assert now_of(own, message).state == "unknown"
    age_attempts(own, minutes=0)
    drain(linked)
    assert now_of(own, message).state == "unknown", "the listing lags: nothing to be seen yet"
    gateway.advance(60)
    age_attempts(own, minutes=1)
    drain(linked)
    found = now_of(own, message)
    assert found.state == "accepted"
    assert found.ticket is not None
    assert gateway.accepted_ids() == [message.gateway_id]
    assert messages.sent_count(own, portal.portal_id, [message.recipient]) == 1


def test_absent_call_is_sent_again_under_the_same_id_when_proved(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    gateway.fault("reset_before")
    message = send(own, linked, portal)
    drain(linked)
    assert now_of(own, message).state == "unknown"
    age_attempts(own, minutes=14)
    drain(linked)
    assert now_of(own, message).state == "unknown", "younger than 15 minutes"
    age_attempts(own, minutes=2)
    drain(linked)
    assert now_of(own, message).state == "unknown", "one look-up is not enough"
    age_attempts(own, minutes=0)
    drain(linked)
    assert now_of(own, message).state == "unknown", "the second look-up is to be a minute later"
    assert gateway.accepted_ids() == []
    age_attempts(own, minutes=1.1)
    drain(linked)
    assert now_of(own, message).state == "accepted"
    assert gateway.accepted_ids() == [message.gateway_id]
    assert history(own, message) == ["queued", "sending", "unknown", "queued", "sending", "accepted"]


def test_incomplete_listing_proves_nothing(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    gateway.fault("reset_before")
    message = send(own, linked, portal)
    drain(linked)
    for _ in range(3):
        gateway.fault("status", path="/messages", method="GET", status=503, body={})
        age_attempts(own, minutes=20)
        drain(linked)
        assert now_of(own, message).state == "unknown"
    assert gateway.accepted_ids() == []


def test_after_a_day_nobody_will_know(own: Conn, linked: Wiring, portal: Portal, gateway: Gateway) -> None:
    gateway.fault("reset_before")
    message = send(own, linked, portal)
    drain(linked)
    age_attempts(own, minutes=24 * 60 + 1)
    drain(linked)
    after = now_of(own, message)
    assert (after.state, after.reason) == ("unresolved", "not_found")
    due_now(own)
    drain(linked)
    assert gateway.accepted_ids() == []


def test_account_without_token_leaves_its_attempts_unresolved(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    """P7: the account that made the attempt is asked, and no other."""
    gateway.fault("timeout_after")
    message = send(own, linked, portal, recipient=to("99"))
    drain(linked)
    own.execute("UPDATE account_links SET token_enc = NULL")
    own.commit()
    relink(own, linked, portal, gateway.token)
    gateway.advance(3600)
    age_attempts(own, minutes=20)
    drain(linked)
    after = now_of(own, message)
    assert (after.state, after.reason) == ("unresolved", "account_gone")
    assert gateway.accepted_ids() == [message.gateway_id]


def test_marketing_that_the_gateway_holds_for_the_morning_is_found(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    """The gateway dates it at its next legal hour, days ahead on a long weekend: not absent."""
    gateway.control("clock", {"at": "2027-05-15T21:00:00+02:00"})  # the Saturday before Whit Monday
    gateway.fault("timeout_after")
    message = send(own, linked, portal, push_type="marketing", recipient=replace(to("99"), country="BE"))
    drain(linked)
    own.execute("UPDATE attempts SET claimed_at = '2027-05-15T21:00:00+02:00'")
    own.commit()
    gateway.advance(1200)
    age_attempts(own, minutes=0)
    drain(linked)
    assert now_of(own, message).state == "accepted"
    assert gateway.accepted_ids() == [message.gateway_id]


def test_moderated_campaign_is_asked_for_until_a_week_has_passed(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    gateway.set(moderation_s=30 * 24 * 3600)
    message = send(own, linked, portal, text="[[moderation]] Soldes", recipient=to("99"))
    drain(linked)
    gateway.advance(60)
    for minutes in (20, 24 * 60):
        age_attempts(own, minutes=minutes)
        drain(linked)
        assert now_of(own, message).state == "moderated", "still being checked"
        row = own.execute("SELECT next_lookup_at > now() AS is_planned FROM attempts").fetchone()
        own.commit()
        assert row == {"is_planned": True}
    age_attempts(own, minutes=7 * 24 * 60)
    drain(linked)
    assert now_of(own, message).state == "unresolved"
    assert gateway.calls() == 1


@pytest.mark.parametrize("text", ["Bonjour", "[[moderation]] Soldes"])
def test_message_that_the_gateway_denies_later_is_refused(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway, text: str
) -> None:
    message = send(own, linked, portal, text=text, recipient=to("99"))
    drain(linked)
    row = {
        "campaign_id": now_of(own, message).ticket,
        "client_message_id": message.gateway_id,
        "destination": message.recipient.lstrip("+"),
        "message": text,
        "date": "2026-11-23 09:30:01",
        "status": "DENIED",
    }
    listing = {"status": 1, "message": "OK", "messages": [row], "totalRecords": 1, "totalDisplayRecords": 1}
    gateway.fault("status", path="/messages", method="GET", status=200, body=listing)
    age_attempts(own, minutes=20)
    drain(linked)
    assert (now_of(own, message).state, now_of(own, message).reason) == ("refused", "not_allowed")


# --- P3: paused and killed workers


def test_worker_that_died_after_its_claim_leaves_the_message_unknown(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    message = send(own, linked, portal)
    turn = take_turn(own, portal)
    assert attempts.claim(own, turn, call_s=2.0) is not None
    own.commit()
    assert now_of(own, message).state == "sending"
    own.execute("UPDATE lanes SET lease_until = now() - interval '1 s' WHERE kind = 'deliver'")
    own.commit()
    drain(linked)
    assert now_of(own, message).state == "unknown"
    assert gateway.calls() == 0, "what may have left is not sent again"


def test_paused_worker_whose_lane_was_taken_over_cannot_claim(
    own: Conn, linked: Wiring, portal: Portal
) -> None:
    send(own, linked, portal)
    paused = take_turn(own, portal)
    own.execute("UPDATE lanes SET lease_until = now() - interval '1 s' WHERE kind = 'deliver'")
    own.commit()
    heir = take_turn(own, portal)
    assert attempts.claim(own, paused, call_s=2.0) is None
    assert attempts.claim(own, heir, call_s=2.0) is not None
    own.commit()


def test_worker_whose_lease_is_short_does_not_begin_a_call(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    message = send(own, linked, portal)
    turn = take_turn(own, portal, lease_s=1.5)  # a call may take 2 s
    with pytest.raises(Exception, match="lease_short"):
        deliver(linked, turn)
    assert gateway.calls() == 0
    assert now_of(own, message).state == "queued"


def test_late_answer_of_a_paused_worker_settles_what_became_unknown(
    own: Conn, linked: Wiring, portal: Portal
) -> None:
    message = send(own, linked, portal)
    claim = attempts.claim(own, take_turn(own, portal), call_s=2.0)
    assert claim is not None
    own.commit()
    own.execute("UPDATE lanes SET lease_until = now() - interval '1 s' WHERE kind = 'deliver'")
    own.commit()
    drain(linked)
    assert now_of(own, message).state == "unknown"
    lanes.enter(own, portal.portal_id, "reconcile", "sync_crm")
    record_outcome.accept(
        own, portal.portal_id, claim.attempt_id, ticket="77", cost_credits=1, cause="answer"
    )
    own.commit()
    after = now_of(own, message)
    assert (after.state, after.ticket, after.cost_credits) == ("accepted", "77", 1)


# --- P10: receipts overtake answers


@pytest.mark.parametrize("state", ["delivered", "undelivered", "expired", "accepted"])
def test_receipt_before_the_answer_proves_acceptance(
    own: Conn, linked: Wiring, portal: Portal, state: str
) -> None:
    message = send(own, linked, portal)
    claim = attempts.claim(own, take_turn(own, portal), call_s=2.0)
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
    lanes.enter(own, portal.portal_id, "reconcile", "sync_crm")
    assert apply_receipt(own, receipt)
    own.commit()
    assert (now_of(own, message).state, now_of(own, message).ticket) == (state, "4711")
    row = own.execute("SELECT outcome FROM attempts").fetchone()
    own.commit()
    assert row == {"outcome": "accepted"}, "the whole call is known to be accepted: nothing is looked up"
    # The answer comes late: it brings the cost and moves nothing back.
    record_outcome.accept(
        own, portal.portal_id, claim.attempt_id, ticket="4711", cost_credits=2, cause="answer"
    )
    own.commit()
    after = now_of(own, message)
    assert (after.state, after.cost_credits) == (state, 2)
    assert messages.sent_count(own, portal.portal_id, [message.recipient]) == 1


def test_final_state_never_moves(own: Conn, linked: Wiring, portal: Portal) -> None:
    message = send(own, linked, portal)
    drain(linked)
    for state in ("delivered", "undelivered", "accepted", "delivered"):
        lanes.enter(own, portal.portal_id, "reconcile", "sync_crm")
        apply_receipt(
            own,
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
        stranger.portal_id, message.gateway_id, "delivered", None, None, message.created_at
    )
    assert not apply_receipt(own, receipt)
    own.commit()
    assert now_of(own, message).state == "accepted"


def test_no_receipt_for_three_days_asks_the_gateway(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    message = send(own, linked, portal, recipient=to("99"))
    drain(linked)
    gateway.advance(3600)
    age_attempts(own, minutes=0)
    drain(linked)
    after = now_of(own, message)
    assert (after.state, after.reason) == ("expired", "no_receipt")


# --- P11: the claim checks everything


def test_stop_between_queue_and_claim_blocks(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    message = send(own, linked, portal)
    opt_outs.add(own, portal.portal_id, RECIPIENT.e164, source="stop", text="STOP", at=message.created_at)
    own.commit()
    assert attempts.claim(own, take_turn(own, portal), call_s=2.0) is None
    own.commit()
    due_now(own)
    own.execute("UPDATE lanes SET lease_until = NULL")
    own.commit()
    drain(linked)
    after = now_of(own, message)
    assert (after.state, after.reason) == ("blocked", "opted_out")
    assert gateway.calls() == 0


def test_message_older_than_its_maximum_age_is_too_late(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    message = send(own, linked, portal)
    own.execute("UPDATE messages SET expires_at = now() - interval '1 s'")
    own.commit()
    drain(linked)
    after = now_of(own, message)
    assert (after.state, after.reason) == ("too_late", "too_old")
    assert gateway.calls() == 0


def test_nothing_leaves_while_the_account_is_paused(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    own.execute("UPDATE sms_accounts SET paused_until = now() + interval '1 h'")
    own.commit()
    message = send(own, linked, portal)
    drain(linked)
    assert now_of(own, message).state == "queued"
    assert gateway.calls() == 0
    row = own.execute(
        "SELECT next_due_at > now() + interval '59 min' AS waits FROM lanes WHERE kind = 'deliver'"
    ).fetchone()
    assert row == {"waits": True}


def test_person_is_served_before_a_campaign(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    campaign = [send(own, linked, portal, recipient=to(f"1{n}")) for n in range(3)]
    own.execute("UPDATE messages SET priority = 2")
    own.commit()
    person = send(own, linked, portal, recipient=to("20"))
    drain(linked)
    assert gateway.accepted_ids()[0] == person.gateway_id
    assert len(gateway.accepted_ids()) == 1 + len(campaign)


# --- lanes that must not be forgotten


def test_link_made_while_a_set_up_runs_gets_a_set_up_of_its_own(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    """P1: the lane is due already, so the wake-up is no news; the row that asks for it stays."""
    own.execute("UPDATE lanes SET next_due_at = 'infinity'")
    own.execute("UPDATE lanes SET next_due_at = now(), not_before = NULL WHERE kind = 'setup'")
    own.commit()
    wanted = portals.setup_wanted(own, portal.portal_id)
    turn = lanes.take(own, owner="test", lease_s=30.0, kinds=["setup"])
    assert turn is not None
    relink(own, linked, portal, gateway.token)
    portals.mark_set_up(own, portal.portal_id, wanted)
    assert lanes.may_close(own, turn)
    lanes.release(own, turn, next_due_at=portals.next_setup_at(own, portal.portal_id))
    assert lanes.take(own, owner="test", lease_s=30.0, kinds=["setup"]) is not None


def test_sweep_opens_what_was_forgotten_and_finds_nothing_else(
    own: Conn, linked: Wiring, portal: Portal
) -> None:
    send(own, linked, portal)
    assert sweep.open_forgotten(own) == 0
    own.execute("UPDATE messages SET due_at = now() - interval '1 min'")
    own.execute("UPDATE lanes SET next_due_at = 'infinity', not_before = NULL")
    own.execute("UPDATE portals SET setup_done = setup_wanted")
    own.commit()
    assert sweep.open_forgotten(own) == 1
    own.commit()
    drain(linked)
    assert sweep.open_forgotten(own) == 0
