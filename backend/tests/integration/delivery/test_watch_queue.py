"""Messages held back until they expire: the admin is warned in time, workflows get the real reason (B1)."""

import dataclasses
from typing import Any

from backend.tests.factories import a_portal
from backend.tests.integration.conftest import NOBODY, drain
from backend.tests.integration.delivery.steps import campaign, drain_on, due_now, many, now_of, send
from backend.tests.integration.workflows.executions import accept, an_execution
from connector.domain.vocabulary import ProblemCode
from connector.smsfactor.client import SmsFactorClient
from connector.store.database import Conn
from connector.store.messages import forecast
from connector.store.portals import portals, problems
from connector.store.portals.portals import Portal
from connector.use_cases.messages.limit_outgoing import limit_outgoing, pause_outgoing, resume_outgoing
from connector.wiring import Wiring
from sandbox.driver.gateway import Gateway

AGES = {"card": 24, "reply": 24, "workflow": 24, "bulk": 24}


def limit(own: Conn, portal: Portal, *, cap: int | None = None, pace: int | None = None) -> None:
    limit_outgoing(own, portal.portal_id, hourly_cap=cap, pace_per_minute=pace, max_ages_h=AGES)
    own.commit()


def problem(
    own: Conn, portal: Portal, code: ProblemCode = ProblemCode.MESSAGES_EXPIRE
) -> dict[str, Any] | None:
    found = problems.find_open(own, portal.portal_id, code)
    own.commit()
    return found[0] if found else None


def look(own: Conn, wiring: Wiring, *, waited_s: float = 120.0, left_s: float | None = None) -> None:
    """Let messages wait for `waited_s` and expire in `left_s`, then run the lanes."""
    own.execute(
        "UPDATE messages SET due_at = LEAST(due_at, now() - make_interval(secs => %s)),"
        " expires_at = COALESCE(now() + make_interval(secs => %s), expires_at) WHERE state = 'queued'",
        (waited_s, left_s),
    )
    due_now(own)
    drain(wiring)


def test_cap_that_lets_too_few_leave_is_told_long_before(own: Conn, linked: Wiring, portal: Portal) -> None:
    limit(own, portal, cap=2)
    campaign(own, linked, portal, many(10))
    drain_on(linked)
    look(own, linked)
    assert problem(own, portal) is None, "the eight that wait leave within four hours"
    look(own, linked, left_s=7260)
    assert problem(own, portal) == {"count": 4, "cause": "hourly_cap"}
    limit(own, portal)
    drain_on(linked)
    look(own, linked)
    assert problem(own, portal) is None


def test_pace_that_is_too_slow_is_told_as_well(own: Conn, linked: Wiring, portal: Portal) -> None:
    limit(own, portal, pace=1)
    campaign(own, linked, portal, many(5))
    drain(linked)
    look(own, linked, left_s=90)
    told = problem(own, portal)
    assert told is not None
    assert told["cause"] == "pace"
    assert told["count"] >= 2


def test_pause_is_told_only_when_time_runs_out(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    pause_outgoing(own, portal.portal_id, user_id=77)
    send(own, linked, portal)
    campaign(own, linked, portal, many(2))
    look(own, linked)
    assert problem(own, portal) is None, "whoever pauses for an hour loses nothing"
    look(own, linked, left_s=forecast.SOON_S - 60)
    assert problem(own, portal) == {"count": 3, "cause": "portal_paused"}
    resume_outgoing(own, portal.portal_id)
    own.commit()
    drain_on(linked)
    look(own, linked)
    assert problem(own, portal) is None


def test_missing_credits_and_a_gateway_that_is_away_are_told(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    drain(linked)
    away = dataclasses.replace(linked, smsfactor=SmsFactorClient(NOBODY, timeout_s=1.0))
    campaign(own, linked, portal, many(2))
    drain(away)
    look(own, away, left_s=3600)
    assert problem(own, portal) == {"count": 2, "cause": "gateway_unreachable"}
    gateway.set_account(credits=0)
    due_now(own)
    drain_on(linked)
    look(own, linked, left_s=3600)
    assert problem(own, portal) == {"count": 2, "cause": "gateway_no_credits"}


def test_dropped_messages_are_told_for_a_day(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    pause_outgoing(own, portal.portal_id, user_id=77)
    dropped = campaign(own, linked, portal, many(2))
    look(own, linked, left_s=-1)
    assert {now_of(own, message).state for message in dropped} == {"too_late"}
    campaign(own, linked, portal, many(1, start=5))
    look(own, linked, left_s=-1)
    assert problem(own, portal, ProblemCode.MESSAGES_EXPIRED) == {"count": 3, "cause": "portal_paused"}
    assert problem(own, portal) is None, "nothing waits any more"
    own.execute("UPDATE problems SET seen_at = seen_at - interval '1 day'")
    look(own, linked)
    assert problem(own, portal, ProblemCode.MESSAGES_EXPIRED) is None
    row = own.execute(
        "SELECT next_due_at = 'infinity' AS closed FROM lanes WHERE kind = 'outlook'"
    ).fetchone()
    assert row == {"closed": True}


def test_queue_that_moves_is_not_looked_at(own: Conn, linked: Wiring, portal: Portal) -> None:
    campaign(own, linked, portal, many(3))
    drain_on(linked)
    assert own.execute("SELECT 1 FROM lanes WHERE kind = 'outlook'").fetchall() == []


# --- answers to workflows


def told(own: Conn, portal: Portal) -> tuple[str, str]:
    fresh = portals.find_installed(own, portal.portal_id)
    assert fresh is not None
    [answer] = accept(own, fresh, an_execution(recipient="+33612999999"))
    return answer.outputs["status"], answer.outputs["reason"]


def test_execution_says_why_it_does_not_leave_in_a_moment(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    drain(linked)
    assert told(own, portal) == ("queued", "")
    drain_on(linked)
    pause_outgoing(own, portal.portal_id, user_id=77)
    own.commit()
    assert told(own, portal) == ("queued", "portal_paused")
    resume_outgoing(own, portal.portal_id)
    own.commit()
    drain_on(linked)
    limit(own, portal, cap=1)
    assert told(own, portal) == ("queued", "hourly_cap"), "this hour has had its one"
    campaign(own, linked, portal, many(3))
    look(own, linked)
    assert told(own, portal) == ("queued", "long_queue"), "hours of it, as it looks"
    limit(own, portal)
    drain_on(linked)
    look(own, linked)
    assert told(own, portal) == ("queued", "")
    drain_on(linked)
    gateway.set_account(credits=0)
    campaign(own, linked, portal, many(1, start=10))
    drain_on(linked)
    assert told(own, portal) == ("queued", "gateway_waits")


def test_execution_of_an_unreachable_gateway_says_so(own: Conn, linked: Wiring, portal: Portal) -> None:
    drain(linked)
    away = dataclasses.replace(linked, smsfactor=SmsFactorClient(NOBODY, timeout_s=1.0))
    campaign(own, linked, portal, many(1))
    drain(away)
    assert told(own, portal) == ("queued", "gateway_waits")
    due_now(own)
    drain_on(linked)
    assert told(own, portal) == ("queued", "")


def test_queue_of_many_texts_is_as_long_as_its_calls(own: Conn, linked: Wiring, portal: Portal) -> None:
    """Personal texts take two hours at the account's pace; equal ones would take one call."""
    own.execute("UPDATE sms_accounts SET calls_per_s = 0.001, next_call_at = now() + interval '1 h'")
    own.commit()
    neighbour = a_portal(own, linked.vault)
    own.execute("UPDATE sms_accounts SET calls_per_s = 0.001, next_call_at = now() + interval '1 h'")
    own.commit()
    campaign(own, linked, portal, many(8), text=[f"Bonjour {n}" for n in range(8)])
    campaign(own, linked, neighbour, many(8), text="Bonjour")
    look(own, linked)
    assert told(own, portal) == ("queued", "long_queue")
    assert told(own, neighbour) == ("queued", "")
