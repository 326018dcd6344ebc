"""The end of a workflow's wait and its outcome: the whole table, without a database."""

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from connector.domain.message import ALLOWED, FINAL
from connector.domain.vocabulary import ExecutionStatus, MessageState, OutcomeReason, Reason, WaitFor
from connector.domain.workflows.waits import (
    CANCELLABLE,
    LAST_WORD,
    Awaited,
    Outcome,
    outcome_at_timer,
    outcome_of,
    timer_at,
)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WAITS = ("delivered", "replied", "clicked")


def awaited(state: MessageState | None, reason: Reason | None = None, *, clicked: bool = False) -> Awaited:
    accepted = state in ("accepted", "delivered", "undelivered", "expired")
    return Awaited(state, reason, NOON if accepted else None, clicked)


@pytest.mark.parametrize("wait_for", WAITS)
@pytest.mark.parametrize("state", sorted(ALLOWED.keys() - FINAL))
def test_no_state_on_the_way_ends_a_wait(wait_for: WaitFor, state: MessageState) -> None:
    assert outcome_of(wait_for, awaited(state)) is None


def test_receipt_of_delivery_ends_only_the_wait_for_it() -> None:
    assert outcome_of(WaitFor.DELIVERED, awaited(MessageState.DELIVERED)) == Outcome(
        ExecutionStatus.DELIVERED
    )
    assert outcome_of(WaitFor.REPLIED, awaited(MessageState.DELIVERED)) is None
    assert outcome_of(WaitFor.CLICKED, awaited(MessageState.DELIVERED)) is None


@pytest.mark.parametrize("wait_for", WAITS)
@pytest.mark.parametrize(
    ("state", "reason", "outcome"),
    [
        (MessageState.UNDELIVERED, "not_delivered", Outcome(ExecutionStatus.FAILED, Reason.NOT_DELIVERED)),
        (MessageState.EXPIRED, "expired", Outcome(ExecutionStatus.FAILED, Reason.EXPIRED)),
        (MessageState.REFUSED, "blacklisted", Outcome(ExecutionStatus.FAILED, Reason.BLACKLISTED)),
        (MessageState.UNRESOLVED, "not_found", Outcome(ExecutionStatus.FAILED, Reason.NOT_FOUND)),
        (MessageState.BLOCKED, "opted_out", Outcome(ExecutionStatus.REFUSED, Reason.OPTED_OUT)),
        (MessageState.TOO_LATE, "too_old", Outcome(ExecutionStatus.NOT_SENT, Reason.TOO_OLD)),
        (MessageState.CANCELLED, None, Outcome(ExecutionStatus.NOT_SENT, MessageState.CANCELLED)),
    ],
)
def test_bad_final_state_ends_every_wait_at_once(
    wait_for: WaitFor, state: MessageState | None, reason: Reason | None, outcome: Outcome
) -> None:
    assert outcome_of(wait_for, awaited(state, reason)) == outcome


def test_sms_without_a_receipt_may_have_arrived_so_it_has_not_failed() -> None:
    silent = awaited(MessageState.EXPIRED, Reason.NO_RECEIPT)
    assert outcome_of(WaitFor.DELIVERED, silent) == Outcome(ExecutionStatus.TIMED_OUT, Reason.NO_RECEIPT)
    assert outcome_of(WaitFor.REPLIED, silent) is None
    assert outcome_of(WaitFor.CLICKED, silent) is None


def test_click_ends_its_wait_whatever_the_receipts_say() -> None:
    for state in (
        MessageState.ACCEPTED,
        MessageState.DELIVERED,
        MessageState.UNDELIVERED,
        MessageState.UNKNOWN,
    ):
        assert outcome_of(WaitFor.CLICKED, awaited(state, clicked=True)) == Outcome(ExecutionStatus.CLICKED)
    assert outcome_of(WaitFor.REPLIED, awaited(MessageState.DELIVERED, clicked=True)) is None


def test_at_the_timer_only_what_was_handed_over_has_timed_out() -> None:
    assert outcome_at_timer(awaited(MessageState.ACCEPTED), is_last_word=False) == Outcome(
        ExecutionStatus.TIMED_OUT
    )
    for state in (MessageState.SENDING, MessageState.UNKNOWN, MessageState.MODERATED):
        assert outcome_at_timer(awaited(state), is_last_word=False) is None
    assert outcome_at_timer(awaited(MessageState.UNKNOWN), is_last_word=True) == Outcome(
        ExecutionStatus.TIMED_OUT, OutcomeReason.OUTCOME_UNKNOWN
    )
    assert outcome_at_timer(awaited(MessageState.MODERATED), is_last_word=True) == Outcome(
        ExecutionStatus.TIMED_OUT, MessageState.MODERATED
    )
    assert outcome_at_timer(awaited(None), is_last_word=False) == Outcome(
        ExecutionStatus.TIMED_OUT, OutcomeReason.OUTCOME_UNKNOWN
    )
    # The gateway accepted the call, but it is unknown whether this message was included (protocol P9).
    pending = Awaited(MessageState.ACCEPTED, Reason.MEMBERSHIP_PENDING, None)
    assert outcome_at_timer(pending, is_last_word=False) is None
    assert outcome_at_timer(pending, is_last_word=True) == Outcome(
        ExecutionStatus.TIMED_OUT, OutcomeReason.OUTCOME_UNKNOWN
    )


def test_timer_counts_from_its_start_and_leaves_us_the_last_word() -> None:
    day = 86_400
    until = NOON + timedelta(hours=25)
    assert timer_at(NOON, day, until) == NOON + timedelta(hours=24)
    assert timer_at(NOON + timedelta(hours=3), day, until) == until - LAST_WORD


def test_what_can_be_cancelled_is_what_the_states_allow() -> None:
    assert {state for state, following in ALLOWED.items() if "cancelled" in following} == CANCELLABLE


def test_state_of_a_newer_version_leaves_the_wait_alone() -> None:
    """During a deployment a newer worker may have stored a word that this process does not know."""
    assert outcome_of(WaitFor.DELIVERED, awaited(cast(MessageState, "teleported"))) is None
