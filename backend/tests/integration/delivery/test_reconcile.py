"""Leaving `unknown`: look-ups, proof of absence, the account that made the call (P6, P7)."""

from dataclasses import replace

import pytest

from backend.tests.integration.conftest import drain, impatient
from backend.tests.integration.delivery.steps import age_attempts, due_now, history, now_of, relink, send, to
from connector.store.database import Conn
from connector.store.messages import counts
from connector.store.portals.portals import Portal
from connector.wiring import Wiring
from sandbox.driver.gateway import Gateway

# --- P6: leaving unknown


def test_lost_answer_is_found_by_its_id_with_the_listings_lag(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    gateway.fault("timeout_after")
    message = send(own, linked, portal, recipient=to("99"))  # no receipt arrives
    drain(impatient(linked))
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
    assert counts.sent_count(own, portal.portal_id, [message.recipient]) == 1


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
    """P7: look-ups use only the account that made the attempt."""
    gateway.fault("timeout_after")
    message = send(own, linked, portal, recipient=to("99"))
    drain(impatient(linked))
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
    """The gateway dates it at its next legal hour, days ahead on a long weekend: the SMS is not absent."""
    gateway.control("clock", {"at": "2027-05-15T21:00:00+02:00"})  # the Saturday before Whit Monday
    gateway.fault("timeout_after")
    message = send(own, linked, portal, push_type="marketing", recipient=replace(to("99"), country="BE"))
    drain(impatient(linked))
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
    written = own.execute(
        "SELECT last_message->>'smsfactor_last_message_status' AS status, due_at IS NOT NULL AS is_due"
        " FROM record_writes"
    ).fetchall()
    receipts = own.execute(
        "SELECT properties->>'status' AS status, properties->>'reason' AS reason FROM event_writes"
        " WHERE event_type = 'sms_receipt_contact'"
    ).fetchall()
    own.commit()
    if text == "Bonjour":  # accepted until then: the record must no longer show "sent"
        assert written == [{"status": "undelivered", "is_due": True}]
        assert receipts == [{"status": "undelivered", "reason": "not_allowed"}]
    else:  # held for moderation: no record ever showed "sent"
        assert (written, receipts) == ([], [])
