"""Limits of our calls to HubSpot for a portal: token buckets with a part reserved for users who wait (P23).

A bucket of size `burst` that fills at `per_s` permits at most `burst + per_s * window` calls in any window. The
figures below stay under HubSpot's limits, with room for leases used a moment after they were granted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

#: All calls but searches. HubSpot docs: 110 in any 10 s for each app and portal; the headers give the real figure.
CALLS: Final = "calls"
#: HubSpot docs: 5 searches a second for each account; their answers carry no headers.
SEARCH: Final = "search"
#: HubSpot docs: accounts of the smallest plan also have a limit of 100 association calls in 10 s.
ASSOCIATIONS: Final = "associations"

MAX_CALLS: Final = 110
INTERVAL_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Limit:
    """Speed and size of a bucket; `background_*` is the part that lanes may use."""

    per_s: float
    burst: int
    background_per_s: float
    background_burst: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """Calls that may be made now: by anyone, and by lanes."""

    all: float
    background: float


_FIXED: Final[Mapping[str, Limit]] = {SEARCH: Limit(4.0, 1, 3.0, 1), ASSOCIATIONS: Limit(8.0, 12, 6.0, 8)}


def limit_of(bucket: str, max_calls: int = MAX_CALLS, interval_s: float = INTERVAL_S) -> Limit:
    """The bucket's limit. The limit of all calls follows HubSpot's headers: 9/s and bursts of 14 for 110 in 10 s.

    Lanes get 7/s and bursts of 10 of it, so at least 20 calls in 10 s remain for users.
    """
    if bucket in _FIXED:
        return _FIXED[bucket]
    per_s = max_calls * 9 / 11 / interval_s
    burst = max(1, max_calls * 14 // 110)
    return Limit(per_s, burst, per_s * 7 / 9, max(1, burst * 10 // 14))


def full(limit: Limit) -> Allowance:
    return Allowance(float(limit.burst), float(limit.background_burst))


def refilled(allowance: Allowance, limit: Limit, elapsed_s: float) -> Allowance:
    elapsed_s = max(0.0, elapsed_s)
    return Allowance(
        min(float(limit.burst), allowance.all + limit.per_s * elapsed_s),
        min(float(limit.background_burst), allowance.background + limit.background_per_s * elapsed_s),
    )


def granted(allowance: Allowance, wanted: int, *, urgent: bool) -> tuple[int, Allowance]:
    """Up to `wanted` calls, and the remaining allowance. Calls for users do not reduce the lanes' part."""
    count = max(0, min(wanted, int(allowance.all if urgent else min(allowance.all, allowance.background))))
    left = replace(allowance, all=allowance.all - count)
    return count, left if urgent else replace(left, background=allowance.background - count)


def wait_s(allowance: Allowance, limit: Limit, wanted: int, *, urgent: bool) -> float:
    """Seconds until `wanted` calls (at most a burst) may be made, if there are no other requests meanwhile."""
    waits = [(min(wanted, limit.burst) - allowance.all) / limit.per_s]
    if not urgent:
        waits.append((min(wanted, limit.background_burst) - allowance.background) / limit.background_per_s)
    return max(0.0, *waits)
