"""Resolving within the budget of calls: reads are cached, however few calls a turn is granted (protocol P23)."""

import threading
import time
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from backend.tests.integration.conftest import end_budget_pause, install
from backend.tests.integration.workflows.executions import accept, an_execution
from backend.tests.integration.workflows.resolving import a_deal, a_template, calls, installed, turn_of
from connector.crm.budget import CallBudget
from connector.crm.reads import UnfinishedWork
from connector.domain.vocabulary import LaneKind
from connector.hubspot.errors import NoBudget
from connector.inbound.http.coalescer import Overloaded
from connector.inbound.workflows.deal_resolution import open_coalescer
from connector.store import lanes
from connector.store.database import Conn
from connector.store.portals.portals import Portal
from connector.store.workflows import resolving
from connector.use_cases.workflows.compose_executions import Ready
from connector.wiring import Wiring, wire
from connector.worker.main import DRAINS
from connector.worker.runner import BackOff, Runner
from connector.worker.workflows.resolve import GATHERS_S, resolve_lane
from sandbox.hubspot_sim.testing import HubSpot
from sandbox.hubspot_sim.world import PORTAL_ID

OF_COMPANIES = {"deal_with": ["contact_without_number_and_company"]}
# The reads for 250 deals whose contact has no number: associations and 3 reads of contacts, the same for companies.
ALL_READS = {"associations: batch read": 2, "objects: batch read": 6}


@pytest.fixture
def portal(own: Conn, connected: Wiring) -> Portal:
    return installed(own)


def generated(hubspot: HubSpot, kind: str, count: int, **options: Any) -> list[str]:
    made = hubspot.control("POST", f"records/{kind}/generate", {"count": count, "options": options})
    hubspot.control("POST", "api-calls/reset")
    return [str(number) for number in range(int(made["first_id"]), int(made["last_id"]) + 1)]


@pytest.fixture
def granted_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """No bucket refills and no granted call expires, however slow the machine is."""
    monkeypatch.setattr("connector.crm.budget.LEASE_S", 60.0)
    monkeypatch.setattr("connector.domain.call_budget.refilled", lambda tokens, _limit, _elapsed_s: tokens)


def grant(own: Conn, count: int) -> None:
    """Grant lanes `count` calls."""
    own.execute(
        "UPDATE call_budgets SET tokens = 100, background_tokens = %s WHERE bucket = 'calls'", (count,)
    )
    own.execute("UPDATE call_budgets SET tokens = 100, background_tokens = 100 WHERE bucket <> 'calls'")
    own.commit()


def turns_until_resolved(own: Conn, wirings: list[Wiring], granted: int) -> int:
    """Number of turns needed with `granted` calls each; the processes alternate."""
    for number in range(1, 60):
        grant(own, granted)
        turn = turn_of(own)
        try:
            while resolve_lane(wirings[number % len(wirings)], turn):
                pass
        except NoBudget:
            pass
        lanes.release(own, turn, next_due_at=None)
        if resolving.next_due_at(own, turn.portal_id) is None:
            return number
    pytest.fail(f"still resolving: {counts(own)}")


def counts(own: Conn) -> dict[str, int]:
    own.commit()
    rows = own.execute("SELECT outputs->>'status' AS status, count(*) FROM workflow_executions GROUP BY 1")
    return {row["status"]: row["count"] for row in rows.fetchall()}


def wait_for_counts(own: Conn, expected: dict[str, int]) -> None:
    ends = time.monotonic() + 60
    while counts(own) != expected:
        assert time.monotonic() < ends, counts(own)
        time.sleep(0.05)


def test_a_thousand_deals_of_companies_are_resolved_with_the_budget_that_a_portal_has(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    deals = generated(hubspot, "deals", 1000, **OF_COMPANIES)
    accept(own, portal, *[a_deal(deal) for deal in deals])
    own.execute("DELETE FROM call_budgets")
    own.execute("UPDATE lanes SET next_due_at = 'infinity' WHERE kind <> 'resolve'")
    own.commit()
    hubspot.settings(rate_limit_max=110)
    stop = threading.Event()
    assert DRAINS[LaneKind.RESOLVE].gathers_s == GATHERS_S
    drain = replace(
        DRAINS[LaneKind.RESOLVE], gathers_s=2 * GATHERS_S
    )  # a busy machine needs longer for each deal
    worker = threading.Thread(target=Runner(connected, {LaneKind.RESOLVE: drain}, stop).run)
    worker.start()
    wait_for_counts(own, {"queued": 1000})
    stop.set()
    worker.join()
    assert calls(hubspot) == {"associations: batch read": 2, "objects: batch read": 20}, (
        "nothing is read again"
    )


@pytest.mark.usefixtures("granted_only")
@pytest.mark.parametrize("granted", [1, 3])
def test_nothing_is_read_again_however_few_calls_a_turn_is_granted(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot, granted: int
) -> None:
    deals = generated(hubspot, "deals", 250, **OF_COMPANIES)
    accept(own, portal, *[a_deal(deal) for deal in deals])
    assert turns_until_resolved(own, [connected], granted) <= 8 / granted + 2
    assert calls(hubspot) == ALL_READS
    assert counts(own) == {"queued": 250}


@pytest.mark.usefixtures("granted_only")
def test_what_the_calls_were_enough_for_is_settled_at_once(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    deals = generated(hubspot, "deals", 250)
    accept(own, portal, *[a_deal(deal) for deal in deals])
    grant(own, 2)
    turn = turn_of(own)
    with pytest.raises(NoBudget):
        resolve_lane(connected, turn)
    assert counts(own) == {"queued": 100, "pending": 150}


@pytest.mark.usefixtures("granted_only")
def test_values_of_templates_are_read_in_as_many_turns_as_it_takes(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    template = a_template(own, "Ici le {{mobilephone}}")
    contacts = generated(hubspot, "contacts", 450)
    accept(own, portal, *[an_execution(template=template, message="", object_id=one) for one in contacts])
    turns_until_resolved(own, [connected], 2)
    assert counts(own) == {"queued": 450}
    assert calls(hubspot)["objects: batch read"] == 5


@pytest.mark.usefixtures("granted_only")
def test_two_processes_that_take_turns_get_on_too(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    deals = generated(hubspot, "deals", 250, **OF_COMPANIES)
    accept(own, portal, *[a_deal(deal) for deal in deals])
    other = wire(connected.settings)
    try:
        hubspot_of_other = replace(connected.hubspot, pool=other.pool, budget=other.hubspot.budget)
        other = replace(other, hubspot=hubspot_of_other, vault=connected.vault)
        turns_until_resolved(own, [connected, other], 3)
    finally:
        other.close()
    assert counts(own) == {"queued": 250}


@pytest.mark.usefixtures("granted_only")
def test_record_that_hubspot_refuses_to_read_is_found_in_turns_of_a_few_calls(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    """Its batch is refused as a whole; the other reads and the refusal stay cached."""
    deals = generated(hubspot, "deals", 30)
    accept(own, portal, *[a_deal(deal) for deal in [*deals[:20], "not-a-number", *deals[20:]]])
    turns_until_resolved(own, [connected], 3)
    assert counts(own) == {"queued": 30, "refused": 1}


def test_what_was_read_before_hubspot_went_away_is_kept(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    deals = generated(hubspot, "deals", 250, **OF_COMPANIES)
    accept(own, portal, *[a_deal(deal) for deal in deals])
    fault = {
        "kind": "status",
        "status": 503,
        "path": "/crm/associations/2026-09/deals/companies/*",
        "count": 1,
    }
    hubspot.control("POST", "faults", {**fault, "body": {"message": "x", "category": "X"}})
    with pytest.raises(BackOff, match="Unavailable"):
        resolve_lane(connected, turn_of(own))
    end_budget_pause(own)
    resolve_lane(connected, turn_of(own))
    assert counts(own) == {"queued": 250}
    assert calls(hubspot)["objects: batch read"] == 6


@pytest.mark.usefixtures("granted_only")
def test_what_was_read_long_ago_is_not_used(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    forgetful = replace(connected, unfinished=UnfinishedWork(max_age_s=0.0))
    deals = generated(hubspot, "deals", 250)
    accept(own, portal, *[a_deal(deal) for deal in deals])
    grant(own, 2)
    with pytest.raises(NoBudget):
        resolve_lane(forgetful, turn_of(own))
    grant(own, 20)
    afresh = replace(forgetful, hubspot=replace(connected.hubspot, budget=CallBudget(connected.pool)))
    resolve_lane(afresh, turn_of(own))
    assert calls(hubspot)["associations: batch read"] == 2
    assert counts(own) == {"queued": 250}


def test_deals_at_four_a_second_share_calls_and_a_lone_one_is_read_at_once(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    deals = generated(hubspot, "deals", 17)
    own.execute("UPDATE lanes SET next_due_at = 'infinity'")
    own.commit()
    stop = threading.Event()
    assert DRAINS[LaneKind.RESOLVE].gathers_s == GATHERS_S
    drain = replace(
        DRAINS[LaneKind.RESOLVE], gathers_s=2 * GATHERS_S
    )  # a busy machine needs longer for each deal
    worker = threading.Thread(target=Runner(connected, {LaneKind.RESOLVE: drain}, stop).run)
    worker.start()
    try:
        accept(own, portal, a_deal(deals[0]))
        started = time.monotonic()
        wait_for_counts(own, {"queued": 1})
        assert time.monotonic() - started < drain.gathers_s, "the first has nobody to wait for"
        for deal in deals[1:]:
            accept(own, portal, a_deal(deal))
            time.sleep(0.25)
        wait_for_counts(own, {"queued": 17})
    finally:
        stop.set()
        worker.join()
    assert calls(hubspot)["associations: batch read"] <= 5


# --- within the request, where nothing can wait (P19)


@pytest.fixture
def without_automation(own: Conn, alone: Wiring, hubspot: HubSpot) -> Wiring:
    return install(alone, own, hubspot)


@pytest.mark.usefixtures("granted_only")
def test_deals_that_are_resolved_in_the_request_leave_people_their_calls(
    own: Conn, without_automation: Wiring, hubspot: HubSpot
) -> None:
    """Deals within the lanes' share are answered; HubSpot repeats the others later."""
    wiring = without_automation
    deals = generated(hubspot, "deals", 250)
    own.execute(
        "INSERT INTO call_budgets SELECT portal_id, 'associations', 9, 9, 110, 10, now() FROM portals"
    )
    grant(own, 2)
    own.execute("UPDATE call_budgets SET tokens = 14 WHERE bucket = 'calls'")
    own.commit()
    answers = open_coalescer(wiring)._run(PORTAL_ID, [a_deal(deal) for deal in deals])
    assert Counter(type(answer) for answer in answers) == {Ready: 100, Overloaded: 150}
    for _ in range(4):
        wiring.hubspot.call_portal(PORTAL_ID, lambda client: client.account_details(), urgent=True)
