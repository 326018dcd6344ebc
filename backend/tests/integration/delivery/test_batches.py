"""Calls that carry many messages: shared calls, no number twice, recipients that the gateway leaves out (P8, P9)."""

import dataclasses

import pytest

from backend.tests.integration.conftest import drain, impatient
from backend.tests.integration.delivery.steps import (
    age_attempts,
    campaign,
    drain_on,
    due_now,
    many,
    many_abroad,
    now_of,
    pace,
    send,
    take_turn,
)
from backend.tests.integration.query_plans import nodes_of
from connector.domain.phone_numbers import PhoneNumber
from connector.domain.vocabulary import Cause, ConsentSource, LaneKind, MessageState, NumberKind
from connector.store import lanes
from connector.store.consent import opt_outs, unassigned_numbers
from connector.store.database import Conn
from connector.store.messages import claims, counts
from connector.store.messages.messages import Message
from connector.store.portals import portals
from connector.store.portals.portals import Portal
from connector.use_cases.delivery.accept_attempt import accept_attempt
from connector.use_cases.delivery.apply_receipt import ApplyReceipt, apply_receipts
from connector.wiring import Wiring
from sandbox.driver.gateway import Gateway

FIXED = PhoneNumber("+33412345699", "FR", NumberKind.FIXED)  # the gateway leaves it out as invalid


def events(own: Conn) -> int:
    row = own.execute("SELECT count(*) AS n FROM event_writes").fetchone()
    own.commit()
    assert row is not None
    return int(row["n"])


def calls_made(own: Conn) -> list[int]:
    """Number of messages in each call, in order."""
    rows = own.execute(
        "SELECT count(*) AS n FROM attempts JOIN attempt_messages USING (portal_id, attempt_id)"
        " GROUP BY attempt_id, claimed_at ORDER BY claimed_at"
    ).fetchall()
    own.commit()
    return [row["n"] for row in rows]


# --- messages that share a call


def test_equal_messages_share_one_call(own: Conn, linked: Wiring, portal: Portal, gateway: Gateway) -> None:
    sent = campaign(own, linked, portal, many(20))
    drain(linked)
    assert gateway.calls() == 1
    assert sorted(gateway.accepted_ids()) == sorted(message.gateway_id for message in sent)
    after = [now_of(own, message) for message in sent]
    assert {(m.state, m.cost_credits, m.reason) for m in after} == {("accepted", 1, None)}
    assert len({m.ticket for m in after}) == 1
    assert events(own) == 20
    assert counts.sent_count(own, portal.portal_id, [m.recipient for m in sent]) == 20


def tickets_in_events(own: Conn) -> dict[str, set[str]]:
    """Event type -> tickets, from which the drain makes the links to the report; "": none."""
    rows = own.execute("SELECT event_type, properties ->> 'ticket' AS ticket FROM event_writes").fetchall()
    own.commit()
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["event_type"], set()).add(row["ticket"] or "")
    return found


def deliver_all(own: Conn, portal: Portal, sent: list[Message]) -> None:
    receipts = [
        ApplyReceipt(portal.portal_id, m.gateway_id, MessageState.DELIVERED, None, None, m.created_at)
        for m in sent
    ]
    apply_receipts(lanes.enter(own, portal.portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM), receipts)
    own.commit()


@pytest.mark.parametrize("is_hidden", [True, False])
def test_events_of_a_shared_call_link_to_its_report_only_if_the_portal_wants_it(
    own: Conn, linked: Wiring, portal: Portal, is_hidden: bool
) -> None:
    """The report shows the numbers of all recipients; the card's own link stays (F1.3)."""
    if not is_hidden:
        portals.save_preferences(own, portal.portal_id, {"hide_batch_reports": False})
        own.commit()
    sent = campaign(own, linked, portal, many(3))
    drain(linked)
    deliver_all(own, portal, sent)
    ticket = now_of(own, sent[0]).ticket
    assert ticket, "the card links to the report"
    found = tickets_in_events(own)
    assert len(found) == 2, found
    assert set().union(*found.values()) == {"" if is_hidden else ticket}


def test_events_of_a_lone_message_link_to_its_report(own: Conn, linked: Wiring, portal: Portal) -> None:
    sent = campaign(own, linked, portal, many(1))
    drain(linked)
    deliver_all(own, portal, sent)
    found = tickets_in_events(own)
    assert len(found) == 2, found
    assert set().union(*found.values()) == {now_of(own, sent[0]).ticket}


def test_a_burst_gathers_behind_a_call_and_a_person_does_not_wait_for_it(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    """Without gathering, each call of an enrolling workflow would carry only the few messages since the last one."""
    pace(own, 1000)  # no call here waits for the account's next slot
    campaign(own, linked, portal, many(claims.GATHER_FROM))
    drain(linked)
    # An hour instead of the second, so that the following steps may be slow.
    waits = own.execute(
        "UPDATE outgoing SET next_campaign_at = next_campaign_at + interval '1 h'"
        " WHERE next_campaign_at = (SELECT max(claimed_at) + interval '1 s' FROM attempts) RETURNING 1"
    ).fetchall()
    own.commit()
    assert len(waits) == 1
    later = campaign(own, linked, portal, many(claims.GATHER_FROM, start=500))
    person = send(own, linked, portal)
    drain(linked)
    assert calls_made(own) == [claims.GATHER_FROM, 1]
    assert now_of(own, person).state == "accepted"
    assert {now_of(own, message).state for message in later} == {"queued"}
    own.execute("UPDATE outgoing SET next_campaign_at = now()")
    due_now(own)
    drain(linked)
    assert calls_made(own) == [claims.GATHER_FROM, 1, claims.GATHER_FROM]


@pytest.mark.parametrize(
    "other",
    [
        {"text": "Un autre texte"},
        {"sender": "LUMEN"},
        {"push_type": "marketing", "sender": None},
        {"text": "Votre commande est partie 🎉", "unicode": True},
        {"text": "Votre commande : <-short->", "links": ["https://lumen.example/b"]},
    ],
    ids=lambda other: next(iter(other)),
)
def test_different_messages_never_share_a_call(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway, other: dict[str, object]
) -> None:
    first, second = many_abroad(2)
    text = "Votre commande : <-short->" if "links" in other else "Votre commande est partie"
    links = ["https://lumen.example/a"] if "links" in other else []
    campaign(own, linked, portal, [first], text=text, links=links)
    campaign(own, linked, portal, [second], **{"text": text, "links": links, **other})
    drain_on(linked)
    assert calls_made(own) == [1, 1]
    assert len(gateway.accepted()) == 2


def test_two_records_with_one_number_get_two_calls(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    """P8: the gateway would drop the second of two equal numbers, but each record must get its SMS."""
    [shared, other] = many(2)
    sent = campaign(own, linked, portal, [shared, other, shared])
    drain_on(linked)
    assert calls_made(own) == [2, 1]
    assert [now_of(own, message).state for message in sent] == ["accepted"] * 3
    assert len(gateway.messages_on(shared.e164)) == 2


def test_call_carries_at_most_five_hundred(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    campaign(own, linked, portal, many(501))
    drain_on(linked)
    assert calls_made(own) == [500, 1]
    assert len(gateway.accepted_ids()) == len(set(gateway.accepted_ids())) == 501


def test_person_shares_no_call_with_a_campaign_and_is_first(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    campaign(own, linked, portal, many(5))
    person = send(own, linked, portal, text="Votre commande est partie", recipient=many(1, start=50)[0])
    turn = take_turn(own, portal)
    claimed = claims.claim(own, turn, call_s=2.0)
    assert claimed.claim is not None
    assert [message.message_id for message in claimed.claim.messages] == [person.message_id]


@pytest.mark.parametrize(("classes", "expected"), [((0, 1, 2), 0), ((1, 0, 2), 1), ((2, 0, 1), 2)])
def test_every_class_has_its_share(
    own: Conn, linked: Wiring, portal: Portal, classes: tuple[int, ...], expected: int
) -> None:
    """P4: the first class of a call is drawn at random; if it has no messages, the call serves the others."""
    send(own, linked, portal, text="a")
    campaign(own, linked, portal, many(1), text="b")
    campaign(own, linked, portal, many(1), text="c", push_type="marketing")
    own.execute("UPDATE messages SET state = 'queued', due_at = now(), slot_ends_at = NULL")
    own.commit()
    turn = take_turn(own, portal)
    pace(own, 1000)
    found = [claims.claim(own, turn, call_s=2.0, classes=classes).claim]
    while found[-1] is not None:
        own.execute("UPDATE sms_accounts SET next_call_at = '-infinity'")
        found.append(claims.claim(own, turn, call_s=2.0, classes=classes).claim)
    own.commit()
    priorities = [claim.messages[0].priority for claim in found if claim]
    assert priorities == [expected, *[c for c in classes if c != expected]]


def test_stop_between_queue_and_claim_takes_one_out_of_the_call(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    sent = campaign(own, linked, portal, many(3))
    opt_outs.add(
        own, portal.portal_id, sent[1].recipient, source=ConsentSource.STOP, text="", at=sent[1].created_at
    )
    own.commit()
    drain(linked)
    assert [now_of(own, message).state for message in sent] == ["accepted", "blocked", "accepted"]
    assert calls_made(own) == [2]


def test_costs_are_told_only_when_they_are_certain(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    """Countries at one and three credits give an even total, but half of it is the cost of neither."""
    gateway.set(country_costs={"BE": 3})
    belgian = PhoneNumber("+32470123499", "BE", NumberKind.MOBILE)
    sent = campaign(own, linked, portal, [many(1)[0], belgian])
    drain(linked)
    assert [now_of(own, message).cost_credits for message in sent] == [None, None]
    gateway.advance(3600)
    age_attempts(own, minutes=0)
    drain(linked)  # no receipt came; the listing has the cost of each
    assert [now_of(own, message).cost_credits for message in sent] == [1, 3]


def test_moderated_call_is_moderated_for_all(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    sent = campaign(own, linked, portal, many(4), text="[[moderation]] Soldes")
    drain(linked)
    assert {now_of(own, message).state for message in sent} == {"moderated"}
    assert gateway.calls() == 1


def test_claim_reads_no_more_of_a_long_queue_than_it_takes(own: Conn, linked: Wiring, portal: Portal) -> None:
    """30,000 messages wait, every second one personalised: the claim neither sorts the queue nor reads it whole."""
    [pattern] = campaign(own, linked, portal, many(1))
    own.execute(
        """
        INSERT INTO messages (portal_id, message_id, direction, state, state_at, object_type_id, object_id, recipient,
            recipient_raw, recipient_property, source, priority, push_type, text, unicode, encoding, parts, gateway_id,
            created_at, due_at, expires_at)
        SELECT portal_id, gen_random_uuid(), direction, state, now(), object_type_id, object_id,
            '+336' || 10000000 + n, 'raw', recipient_property, source, priority, push_type,
            CASE WHEN n %% 2 = 0 THEN text ELSE text || n END, unicode, encoding, parts, 'many-' || n,
            now(), now(), now() + interval '1 day'
        FROM messages, generate_series(1, 30000) AS n WHERE message_id = %s
        """,
        (pattern.message_id,),
    )
    own.execute("ANALYZE messages")
    own.commit()
    turn = take_turn(own, portal)
    values = claims.values_of(turn, call_s=2.0, closed=(), classes=(0, 1, 2), limit=500)
    rows = own.execute(b"EXPLAIN (ANALYZE, FORMAT JSON) " + claims.CLAIM, values).fetchall()
    plan = rows[0]["QUERY PLAN"][0]["Plan"]
    own.rollback()
    read = [(node["Node Type"], node["Actual Rows"] * node["Actual Loops"]) for node in nodes_of(plan)]
    assert max(number for _, number in read) <= 1000, read
    on_messages = {node["Node Type"] for node in nodes_of(plan) if node.get("Relation Name") == "messages"}
    assert "Seq Scan" not in on_messages
    assert {node["Index Name"] for node in nodes_of(plan) if "Index Name" in node} >= {
        "messages_to_claim",
        "messages_by_content",
    }


# --- P9: recipients that the gateway left out


def test_left_out_recipient_is_found_and_nothing_is_told_before(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    sent = campaign(own, linked, portal, [*many(4), FIXED])
    drain(linked)
    pending = [now_of(own, message) for message in sent]
    assert {(m.state, m.reason, m.accepted_at) for m in pending} == {("accepted", "membership_pending", None)}
    assert events(own) == 0, "an event cannot be taken back"
    gateway.advance(25)  # by now the listing shows every second message
    age_attempts(own, minutes=0)
    drain(linked)
    assert {now_of(own, message).reason for message in sent} == {"membership_pending"}
    gateway.advance(25)
    age_attempts(own, minutes=0)
    drain(linked)
    after = [now_of(own, message) for message in sent]
    assert [m.state for m in after] == ["accepted"] * 4 + ["refused"]
    assert [m.reason for m in after] == [None] * 4 + ["invalid_number"]
    assert [m.cost_credits for m in after] == [1, 1, 1, 1, 0]
    assert events(own) == 4
    assert counts.sent_count(own, portal.portal_id, [m.recipient for m in sent]) == 4
    row = own.execute("SELECT next_lookup_at > now() + interval '2 days' AS waits FROM attempts").fetchone()
    own.commit()
    assert row == {"waits": True}, "receipts are waited for as usual"


def test_several_reasons_are_told_apart_by_the_accounts_lists(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    stopped, dead, fine = many(3)
    drain(linked)  # the set-up imports both lists before the new entries
    gateway.list_numbers("blacklist", [stopped.e164])
    gateway.list_numbers("npai", [dead.e164])
    sent = campaign(own, linked, portal, [stopped, dead, fine, FIXED])
    drain(linked)
    gateway.advance(60)
    age_attempts(own, minutes=0)
    drain(linked)
    after = [now_of(own, message) for message in sent]
    assert [m.reason for m in after] == ["blacklisted", "npai", None, "filtered"]
    assert [m.state for m in after] == ["refused", "refused", "accepted", "refused"]
    assert opt_outs.opted_out(own, portal.portal_id, [stopped.e164]), (
        "the ledger learns what the gateway knew"
    )
    assert unassigned_numbers.unassigned(own, portal.portal_id, [dead.e164, fine.e164]) == {dead.e164}


def test_call_of_which_nobody_is_sent_to_is_refused(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    drain(linked)  # the set-up imports the list before the new entries
    gateway.list_numbers("blacklist", [number.e164 for number in many(3)])
    sent = campaign(own, linked, portal, many(3))
    drain(linked)
    assert {(now_of(own, m).state, now_of(own, m).reason) for m in sent} == {("refused", "blacklisted")}
    assert events(own) == 0


def test_flood_is_a_refusal_with_that_reason(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    gateway.set(flood_limit=1)
    [number] = many(1)
    sent = campaign(own, linked, portal, [number, number])
    drain_on(linked)
    assert [(now_of(own, m).state, now_of(own, m).reason) for m in sent] == [
        ("accepted", None),
        ("refused", "flood"),
    ]


# --- P6, P10: calls with unknown outcome


def test_unanswered_call_is_found_as_a_whole_and_its_left_out_member_by_proof(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    gateway.fault("timeout_after")
    sent = campaign(own, linked, portal, [*many(3), FIXED])
    drain(impatient(linked))
    assert {now_of(own, message).state for message in sent} == {"unknown"}
    gateway.advance(60)
    age_attempts(own, minutes=1)
    drain(linked)
    found = [now_of(own, message) for message in sent]
    assert {m.state for m in found} == {"accepted"}
    assert [m.accepted_at is None for m in found] == [False, False, False, True], "listed ones are certain"
    assert events(own) == 3
    for minutes, reason in ((1, "membership_pending"), (15, "membership_pending"), (1.1, "filtered")):
        age_attempts(own, minutes=minutes)
        drain(linked)
        assert now_of(own, sent[3]).reason == reason
    assert now_of(own, sent[3]).state == "refused"
    assert gateway.calls() == 1
    assert len(gateway.accepted()) == 3


def test_absent_call_is_sent_again_as_a_whole(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    gateway.fault("reset_before")
    sent = campaign(own, linked, portal, many(5))
    drain(linked)
    for minutes in (16, 1.1):
        age_attempts(own, minutes=minutes)
        drain(linked)
    assert {now_of(own, message).state for message in sent} == {"accepted"}
    assert sorted(gateway.accepted_ids()) == sorted(message.gateway_id for message in sent)


def test_many_calls_in_doubt_are_looked_up_in_one_pass(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    pace(own, 1000)
    for _ in range(8):
        gateway.fault("reset_after")
    sent = campaign(own, linked, portal, many(8), text=[f"Bonjour {n}" for n in range(8)])
    drain_on(linked)
    assert {now_of(own, message).state for message in sent} == {"unknown"}
    gateway.advance(60)
    before = gateway.calls("/messages", "GET")
    age_attempts(own, minutes=1)
    drain(linked)
    assert {now_of(own, message).state for message in sent} == {"accepted"}
    assert gateway.calls("/messages", "GET") == before + 1
    assert sorted(gateway.accepted_ids()) == sorted(message.gateway_id for message in sent)


def test_receipt_proves_the_call_and_the_late_answer_the_rest(
    own: Conn, linked: Wiring, portal: Portal
) -> None:
    sent = campaign(own, linked, portal, many(3))
    claim = claims.claim(own, take_turn(own, portal), call_s=2.0).claim
    assert claim is not None
    own.commit()
    receipt = ApplyReceipt(
        portal.portal_id, sent[0].gateway_id, MessageState.DELIVERED, None, "4711", sent[0].created_at
    )
    entered = lanes.enter(own, portal.portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM)
    assert apply_receipts(entered, [receipt]) == set()
    own.commit()
    states = [(now_of(own, m).state, now_of(own, m).accepted_at is not None) for m in sent]
    assert states == [("delivered", True), ("accepted", False), ("accepted", False)]
    entered = lanes.enter(own, portal.portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM)
    accept_attempt(entered, claim.attempt_id, ticket="4711", cost_credits=1, sent_count=3, cause=Cause.ANSWER)
    own.commit()
    after = [now_of(own, message) for message in sent]
    assert [m.state for m in after] == ["delivered", "accepted", "accepted"]
    assert all(m.accepted_at and m.cost_credits == 1 and m.ticket == "4711" and not m.reason for m in after)
    assert counts.sent_count(own, portal.portal_id, [m.recipient for m in sent]) == 3


def test_hundreds_of_receipts_are_applied_in_their_order(own: Conn, linked: Wiring, portal: Portal) -> None:
    sent = campaign(own, linked, portal, many(30))
    drain(linked)
    at = sent[0].created_at
    receipts = [
        ApplyReceipt(portal.portal_id, message.gateway_id, state, None, None, at)
        for state in (MessageState.ACCEPTED, MessageState.DELIVERED, MessageState.UNDELIVERED)
        for message in sent
    ]
    stranger = dataclasses.replace(receipts[0], gateway_id="tst-nobody")
    entered = lanes.enter(own, portal.portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM)
    assert apply_receipts(entered, [*receipts, stranger]) == {"tst-nobody"}
    own.commit()
    assert {now_of(own, message).state for message in sent} == {"delivered"}, "the first final word counts"
    assert events(own) == 60
