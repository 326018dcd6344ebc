"""When a wait of a workflow is over, and with which outcome: the whole table, without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from connector.domain.message import ALLOWED, FINAL
from connector.domain.workflows.waits import (
    CANCELLABLE,
    GONE,
    LAST_WORD,
    Awaited,
    Outcome,
    outcome_at_timer,
    outcome_of,
    timer_at,
)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WAITS = ("delivered", "replied", "clicked")


def awaited(state: str, reason: str | None = None, *, clicked: bool = False) -> Awaited:
    accepted = state in ("accepted", "delivered", "undelivered", "expired")
    return Awaited(state, reason, NOON if accepted else None, clicked)


@pytest.mark.parametrize("wait_for", WAITS)
@pytest.mark.parametrize("state", sorted(ALLOWED.keys() - FINAL))
def test_no_state_on_the_way_ends_a_wait(wait_for: str, state: str) -> None:
    assert outcome_of(wait_for, awaited(state)) is None


def test_receipt_of_delivery_ends_only_the_wait_for_it() -> None:
    assert outcome_of("delivered", awaited("delivered")) == Outcome("delivered")
    assert outcome_of("replied", awaited("delivered")) is None
    assert outcome_of("clicked", awaited("delivered")) is None


@pytest.mark.parametrize("wait_for", WAITS)
@pytest.mark.parametrize(
    ("state", "reason", "outcome"),
    [
        ("undelivered", "not_delivered", Outcome("failed", "not_delivered")),
        ("expired", "expired", Outcome("failed", "expired")),
        ("refused", "blacklisted", Outcome("failed", "blacklisted")),
        ("unresolved", "not_found", Outcome("failed", "not_found")),
        ("blocked", "opted_out", Outcome("refused", "opted_out")),
        ("too_late", "too_old", Outcome("not_sent", "too_old")),
        ("cancelled", None, Outcome("not_sent", "cancelled")),
    ],
)
def test_bad_final_state_ends_every_wait_at_once(
    wait_for: str, state: str, reason: str | None, outcome: Outcome
) -> None:
    assert outcome_of(wait_for, awaited(state, reason)) == outcome


def test_sms_without_a_receipt_may_have_arrived_so_it_has_not_failed() -> None:
    silent = awaited("expired", "no_receipt")
    assert outcome_of("delivered", silent) == Outcome("timed_out", "no_receipt")
    assert outcome_of("replied", silent) is None
    assert outcome_of("clicked", silent) is None


def test_click_ends_its_wait_whatever_the_receipts_say() -> None:
    for state in ("accepted", "delivered", "undelivered", "unknown"):
        assert outcome_of("clicked", awaited(state, clicked=True)) == Outcome("clicked")
    assert outcome_of("replied", awaited("delivered", clicked=True)) is None


def test_at_the_timer_only_what_was_handed_over_has_timed_out() -> None:
    assert outcome_at_timer(awaited("accepted"), is_last_word=False) == Outcome("timed_out")
    for state in ("sending", "unknown", "moderated"):
        assert outcome_at_timer(awaited(state), is_last_word=False) is None
    assert outcome_at_timer(awaited("unknown"), is_last_word=True) == Outcome("timed_out", "outcome_unknown")
    assert outcome_at_timer(awaited("moderated"), is_last_word=True) == Outcome("timed_out", "moderated")
    assert outcome_at_timer(awaited(GONE), is_last_word=False) == Outcome("timed_out", "outcome_unknown")
    # The gateway took the call of many and nobody knows whether this one was in it (protocol P9).
    pending = Awaited("accepted", "membership_pending", None)
    assert outcome_at_timer(pending, is_last_word=False) is None
    assert outcome_at_timer(pending, is_last_word=True) == Outcome("timed_out", "outcome_unknown")


def test_timer_counts_from_its_start_and_leaves_us_the_last_word() -> None:
    day = 86_400
    until = NOON + timedelta(hours=25)
    assert timer_at(NOON, day, until) == NOON + timedelta(hours=24)
    assert timer_at(NOON + timedelta(hours=3), day, until) == until - LAST_WORD


def test_what_can_be_cancelled_is_what_the_states_allow() -> None:
    assert {state for state, following in ALLOWED.items() if "cancelled" in following} == CANCELLABLE
