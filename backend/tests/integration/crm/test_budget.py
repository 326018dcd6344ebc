"""The budget of calls in the database: shared by processes, bounded, paused for all by a 429, users first (P23)."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from connector.crm import budget as call_budget
from connector.crm.budget import CallBudget
from connector.domain.call_budget import CALLS, SEARCH, Allowance, granted, limit_of, refilled
from connector.hubspot.errors import NoBudget, RateLimited
from connector.hubspot.payloads import RateLimit
from connector.store.crm import call_budgets
from connector.store.database import Conn
from connector.wiring import Wiring

PORTAL = 145_000_777


@pytest.fixture
def processes(alone: Wiring) -> tuple[CallBudget, CallBudget]:
    """Two processes as the budget sees them: separate leases, one database."""
    return CallBudget(alone.pool), CallBudget(alone.pool)


def spend(budget: CallBudget, bucket: str = CALLS, *, urgent: bool = False) -> int:
    """Make calls until none is left; returns their number."""
    count = 0
    while True:
        try:
            budget.enter(PORTAL, bucket, urgent=urgent)
        except NoBudget:
            return count
        count += 1


@contextmanager
def standing_clock(own: Conn) -> Iterator[None]:
    """No bucket fills within the block, as if the refill began in an hour."""
    own.execute("UPDATE call_budgets SET refilled_at = clock_timestamp() + interval '1 h'")
    own.commit()
    yield


def test_two_processes_share_one_budget(processes: tuple[CallBudget, CallBudget], own: Conn) -> None:
    one, other = processes
    call_budgets.take(own, PORTAL, CALLS, 0, urgent=False)
    counts: list[int] = []
    with standing_clock(own):
        threads = [
            threading.Thread(target=lambda budget=budget: counts.append(spend(budget)))
            for budget in processes
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    # Lanes had ten calls. The first grant resets the clock, so a few more may have been added.
    assert 10 <= sum(counts) <= 10 + 4
    assert one is not other


def test_lease_spares_the_database_and_is_bounded(
    processes: tuple[CallBudget, CallBudget], own: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = processes
    asked: list[int] = []
    take = call_budgets.take

    def counting(conn: Conn, portal_id: int, bucket: str, wanted: int, *, urgent: bool) -> call_budgets.Grant:
        asked.append(wanted)
        return take(conn, portal_id, bucket, wanted, urgent=urgent)

    monkeypatch.setattr(call_budgets, "take", counting)
    monkeypatch.setattr(call_budget, "LEASE_S", 60.0)
    for _ in range(8):
        one.enter(PORTAL, CALLS, urgent=False)
    assert asked == [4, 4]
    own.execute("UPDATE call_budgets SET tokens = 14, background_tokens = 10")
    own.commit()
    monkeypatch.setattr(call_budget, "LEASE_S", 0.0)
    one.enter(PORTAL, CALLS, urgent=False)
    one.enter(PORTAL, CALLS, urgent=False)
    assert len(asked) == 4, "a lease that has run out is not used"


def test_people_find_calls_when_lanes_have_taken_all_they_get(
    processes: tuple[CallBudget, CallBudget], own: Conn
) -> None:
    lane, web = processes
    assert spend(lane) >= 10
    # Even on a slow machine the lanes' share stays empty; the lanes left at least four calls of the total.
    own.execute("UPDATE call_budgets SET background_tokens = -1000")
    own.commit()
    for _ in range(4):
        web.enter(PORTAL, CALLS, urgent=True)
    with pytest.raises(NoBudget):
        lane.enter(PORTAL, CALLS, urgent=False)


def test_workflows_take_the_lanes_part_and_wait_a_moment_for_it(
    processes: tuple[CallBudget, CallBudget], own: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    lane, web = processes
    assert spend(lane) >= 10
    monkeypatch.setattr(call_budget, "URGENT_WAIT_S", 5.0)
    web.enter(PORTAL, CALLS, urgent=False, patient=True)  # the bucket fills meanwhile
    own.execute("UPDATE call_budgets SET tokens = 14, background_tokens = -1000")
    own.commit()
    with pytest.raises(NoBudget):
        web.enter(PORTAL, CALLS, urgent=False, patient=True)
    for _ in range(4):
        web.enter(PORTAL, CALLS, urgent=True)


def test_person_waits_a_moment_and_is_then_told(
    processes: tuple[CallBudget, CallBudget], monkeypatch: pytest.MonkeyPatch
) -> None:
    web, _ = processes
    monkeypatch.setattr(call_budget, "URGENT_WAIT_S", 0.0)
    spend(web, urgent=True)
    monkeypatch.setattr(call_budget, "URGENT_WAIT_S", 5.0)
    web.enter(PORTAL, CALLS, urgent=True)  # the bucket fills meanwhile
    monkeypatch.setattr(call_budget, "URGENT_WAIT_S", 30.0)
    web.refused(PORTAL, CALLS, RateLimited("", retry_after_s=60.0))
    started = time.monotonic()
    with pytest.raises(NoBudget) as refusal:
        web.enter(PORTAL, CALLS, urgent=True)
    assert time.monotonic() - started < 30.0, "a wait that cannot help is not waited"
    assert 50 < (refusal.value.retry_after_s or 0) <= 60


def test_refusal_pauses_all_processes_and_nothing_is_saved_up(
    processes: tuple[CallBudget, CallBudget], own: Conn
) -> None:
    one, other = processes
    one.enter(PORTAL, CALLS, urgent=False)
    one.refused(PORTAL, CALLS, RateLimited("", retry_after_s=30.0))
    for budget in (one, other):
        for urgent in (False, True):
            with pytest.raises(NoBudget):
                budget.enter(PORTAL, CALLS, urgent=urgent)
    other.enter(PORTAL, SEARCH, urgent=False)  # a separate bucket
    own.execute(
        "UPDATE call_budgets SET paused_until = now() - interval '1 s', refilled_at = refilled_at - interval '31 s'"
    )
    own.commit()
    assert spend(other) < 10, "after the pause there is what has come since, not a full bucket"


def test_limit_follows_what_hubspot_tells(processes: tuple[CallBudget, CallBudget], own: Conn) -> None:
    one, other = processes
    one.enter(PORTAL, CALLS, urgent=False)
    one.heard(PORTAL, RateLimit(190, 150, 10_000))
    one.heard(PORTAL, RateLimit(None, None, None))
    row = own.execute("SELECT max_calls, interval_s FROM call_budgets WHERE bucket = 'calls'").fetchone()
    assert row == {"max_calls": 190, "interval_s": 10.0}
    other.enter(PORTAL, CALLS, urgent=False)
    assert other._limits[PORTAL] == (190, 10.0)


@pytest.mark.parametrize("max_calls", [1, 7, 110, 111, 190, 100_000])
@pytest.mark.parametrize("tokens", [0.0, 0.99, 1.0, 3.5])
@pytest.mark.parametrize("is_full", [False, True])
def test_one_statement_counts_as_the_domain_does(
    own: Conn, max_calls: int, tokens: float, is_full: bool
) -> None:
    limit = limit_of(CALLS, max_calls)
    call_budgets.take(own, PORTAL, CALLS, 0, urgent=True)
    own.execute(
        "UPDATE call_budgets SET max_calls = %s, tokens = %s, background_tokens = 0.5, paused_until = NULL,"
        " refilled_at = now() + %s * interval '1 day' WHERE portal_id = %s",
        (max_calls, tokens, -1 if is_full else 1, PORTAL),
    )
    own.commit()
    before = refilled(Allowance(tokens, 0.5), limit, 86_400.0 if is_full else 0.0)
    count, left = granted(before, 1, urgent=True)
    counted = call_budgets.count_urgent(own, PORTAL).fetchone()
    own.commit()
    limits = (counted["max_calls"], counted["interval_s"]) if counted else None
    assert limits == ((max_calls, 10.0) if count else None)
    row = own.execute("SELECT tokens, background_tokens FROM call_budgets").fetchone()
    assert row is not None
    if count:
        assert (row["tokens"], row["background_tokens"]) == pytest.approx((left.all, left.background))
    else:
        assert row["tokens"] == tokens


def test_a_paused_budget_counts_nothing(own: Conn) -> None:
    call_budgets.take(own, PORTAL, CALLS, 0, urgent=True)
    call_budgets.pause(own, PORTAL, CALLS, 10.0)
    own.commit()
    assert call_budgets.count_urgent(own, PORTAL).fetchone() is None
