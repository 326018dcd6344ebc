"""Limits on a portal's messages: pause, hourly cap, pace, maximum age (B1)."""

from backend.tests.integration.conftest import drain
from backend.tests.integration.delivery.steps import campaign, drain_on, due_now, many, now_of, pace, send
from connector.store.database import Conn
from connector.store.messages import limits, queue
from connector.store.portals import portals
from connector.store.portals.portals import Portal
from connector.use_cases.messages.explain_queue import explain_waiting
from connector.use_cases.messages.limit_outgoing import limit_outgoing, pause_outgoing, resume_outgoing
from connector.wiring import Wiring
from sandbox.driver.gateway import Gateway

AGES = {"card": 24, "reply": 24, "workflow": 24, "bulk": 24}


def limit(own: Conn, portal: Portal, *, cap: int | None = None, pace: int | None = None) -> None:
    limit_outgoing(own, portal.portal_id, hourly_cap=cap, pace_per_minute=pace, max_ages_h=AGES)
    own.commit()


def lane_due_in_s(own: Conn) -> float:
    row = own.execute(
        "SELECT EXTRACT(EPOCH FROM next_due_at - now())::float AS s FROM lanes WHERE kind = 'deliver'"
    ).fetchone()
    own.commit()
    assert row is not None
    return float(row["s"])


def test_paused_portal_sends_nothing_and_says_so(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    pause_outgoing(own, portal.portal_id, user_id=77)
    own.commit()
    person = send(own, linked, portal)
    sent = campaign(own, linked, portal, many(3))
    drain(linked)
    assert gateway.calls() == 0
    assert lane_due_in_s(own) > 3600, "a paused lane costs nothing"
    shown = explain_waiting(own, portal.portal_id, [now_of(own, m) for m in (person, *sent)])
    assert {m.reason for m in shown} == {"portal_paused"}
    assert queue.count(own, portal.portal_id) == {"queued": 4, "scheduled": 0, "resolving": 0}
    resume_outgoing(own, portal.portal_id)
    own.commit()
    drain_on(linked)
    assert {now_of(own, m).state for m in (person, *sent)} == {"accepted"}
    assert len(gateway.accepted_ids()) == 4


def test_pausing_again_keeps_who_did_it_first(own: Conn, linked: Wiring, portal: Portal) -> None:
    pause_outgoing(own, portal.portal_id, user_id=77)
    pause_outgoing(own, portal.portal_id, user_id=78)
    state = limits.find(own, portal.portal_id)
    assert state.paused_by_user_id == 77
    resume_outgoing(own, portal.portal_id)
    assert limits.find(own, portal.portal_id).paused_at is None


def test_messages_of_a_paused_portal_grow_too_old(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    pause_outgoing(own, portal.portal_id, user_id=77)
    [message] = campaign(own, linked, portal, many(1))
    own.execute("UPDATE messages SET expires_at = now() - interval '1 s'")
    due_now(own)
    drain(linked)
    assert (now_of(own, message).state, now_of(own, message).reason) == ("too_late", "too_old")
    assert gateway.calls() == 0


def test_hourly_cap_holds_campaigns_and_lets_people_through(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    drain(linked)
    pace(own, 1000)
    limit(own, portal, cap=3)
    sent = campaign(own, linked, portal, many(5))
    drain_on(linked)
    assert [now_of(own, m).state for m in sent] == ["accepted"] * 3 + ["queued"] * 2
    person = send(own, linked, portal)
    drain_on(linked)
    assert now_of(own, person).state == "accepted"
    [held] = explain_waiting(own, portal.portal_id, [now_of(own, sent[4])])
    assert held.reason == "hourly_cap"
    state = limits.find(own, portal.portal_id)
    assert state.hour_count == 3, "a person's message does not count"
    due_in_s = lane_due_in_s(own)
    next_hour = own.execute(
        "SELECT EXTRACT(EPOCH FROM %s - now())::float AS s", (state.next_hour_at,)
    ).fetchone()
    assert next_hour is not None
    assert abs(due_in_s - next_hour["s"]) < 1.5
    own.execute("UPDATE outgoing SET hour_at = hour_at - interval '1 h'")  # the next hour begins
    due_now(own)
    drain_on(linked)
    assert {now_of(own, m).state for m in sent} == {"accepted"}
    assert limits.find(own, portal.portal_id).hour_count == 2


def test_refused_call_does_not_count_against_the_cap(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    limit(own, portal, cap=3)
    gateway.fault("status", status=429, body={"status": -7}, headers={"Retry-After": "7"})
    campaign(own, linked, portal, many(3))
    drain(linked)
    assert limits.find(own, portal.portal_id).hour_count == 0


def test_pace_lets_five_seconds_worth_leave_and_waits(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    limit(own, portal, pace=60)
    campaign(own, linked, portal, many(12))
    drain(linked)
    assert len(gateway.accepted_ids()) == 5
    row = own.execute(
        """
        SELECT EXTRACT(EPOCH FROM next_due_at - (SELECT max(claimed_at) FROM attempts))::float AS s FROM lanes
        WHERE kind = 'deliver'
        """
    ).fetchone()
    assert row is not None
    assert 3 < row["s"] <= 5.1, "counted from the call, however long the call and this look took"


def test_maximum_age_is_the_portals_by_source(own: Conn, linked: Wiring, portal: Portal) -> None:
    ages = {**AGES, "workflow": 2}
    limit_outgoing(own, portal.portal_id, hourly_cap=None, pace_per_minute=None, max_ages_h=ages)
    own.commit()
    changed = portals.find(own, portal.portal_id)
    assert changed is not None
    [message] = campaign(own, linked, changed, many(1))
    person = send(own, linked, changed)
    assert (message.expires_at - message.due_at).total_seconds() == 2 * 3600
    assert (person.expires_at - person.due_at).total_seconds() == 24 * 3600
