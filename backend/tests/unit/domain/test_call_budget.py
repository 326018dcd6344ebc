"""The call budget stays within HubSpot's limit in any window and reserves a share for users (P23)."""

import pytest

from connector.domain.call_budget import (
    ASSOCIATIONS,
    CALLS,
    SEARCH,
    Allowance,
    full,
    granted,
    limit_of,
    refilled,
    wait_s,
)


def calls_in(seconds: float, bucket: str = CALLS, *, urgent: bool, max_calls: int = 110) -> int:
    """Calls granted to a caller that asks a hundred times a second, starting with a full bucket."""
    limit = limit_of(bucket, max_calls)
    allowance, made = full(limit), 0
    for _ in range(int(seconds * 100)):
        count, allowance = granted(allowance, 1, urgent=urgent)
        made += count
        allowance = refilled(allowance, limit, 0.01)
    return made


def test_no_ten_seconds_hold_more_calls_than_hubspot_allows() -> None:
    assert 95 <= calls_in(10, urgent=True) <= 110
    assert calls_in(10, urgent=True, max_calls=190) <= 190
    assert calls_in(1, SEARCH, urgent=True) <= 5
    assert calls_in(10, ASSOCIATIONS, urgent=True) <= 100


def test_lanes_leave_twenty_calls_in_ten_seconds_to_people() -> None:
    assert calls_in(10, urgent=False) <= calls_in(10, urgent=True) - 20


def test_people_find_calls_while_lanes_take_all_they_get() -> None:
    limit = limit_of(CALLS)
    allowance, people = full(limit), 0
    for step in range(1000):
        _, allowance = granted(allowance, 4, urgent=False)
        if step % 50 == 0:  # twice a second
            count, allowance = granted(allowance, 1, urgent=True)
            people += count
        allowance = refilled(allowance, limit, 0.01)
    assert people == 20


@pytest.mark.parametrize("urgent", [True, False])
def test_after_the_wait_that_is_told_the_calls_may_be_made(urgent: bool) -> None:
    limit = limit_of(CALLS)
    allowance = Allowance(0.25, 0.0)
    wait = wait_s(allowance, limit, 4, urgent=urgent)
    assert granted(refilled(allowance, limit, wait + 1e-9), 4, urgent=urgent)[0] == 4
    assert granted(refilled(allowance, limit, wait * 0.9), 4, urgent=urgent)[0] < 4


def test_small_limits_still_let_something_through() -> None:
    assert 1 <= calls_in(10, urgent=False, max_calls=3) <= 3
