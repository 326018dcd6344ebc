"""One pass over the gateway's own listing of messages, for all calls that are looked up together."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.domain.vocabulary import Direction, Reason
from connector.smsfactor.errors import Unavailable
from connector.smsfactor.payloads import GatewayMessage, ListedNumbersPage
from connector.store import lanes
from connector.store.lanes import Turn
from connector.wiring import Wiring
from connector.worker.runner import BackOff

WINDOW = timedelta(hours=3)  # the gateway writes Paris wall-clock time, which is ambiguous twice a year
# The gateway may hold marketing until its next legal hour, over several holidays at most, and lists it at that date.
LONGEST_HOLD = timedelta(days=8)
ROWS_PER_PAGE = 1000


@dataclass(slots=True)
class Listing:
    """The rows of a complete listing for the requested ids."""

    rows: dict[str, GatewayMessage] = field(default_factory=dict)  # by our id
    campaigns: Counter[str] = field(default_factory=Counter)  # ticket -> rows listed under it


def read_listing(
    wiring: Wiring, turn: Turn, token: str, *, first: datetime, last: datetime, gateway_ids: set[str]
) -> Listing:
    """Read all pages from hours before the first claim to days after the last: an incomplete list proves nothing.

    Raises Refused or Unavailable.
    """
    found, seen = Listing(), 0
    while True:
        page = wiring.smsfactor.messages(
            token,
            start=first - WINDOW,
            end=last + LONGEST_HOLD,
            offset=seen,
            length=ROWS_PER_PAGE,
            direction=Direction.OUTBOUND,
        )
        for row in page.rows:
            if row.gateway_id in gateway_ids:
                found.rows[row.gateway_id] = row
                found.campaigns[row.ticket or ""] += 1
        seen += len(page.rows)
        if seen >= page.total:
            return found
        if not page.rows:
            raise Unavailable("the listing ended before its total")
        _keep_lane(wiring, turn)


def pages_of(wiring: Wiring, turn: Turn, token: str, kind: Reason) -> Iterator[ListedNumbersPage]:
    """The account's STOP list (`blacklisted`) or its list of unassigned numbers (`npai`). Raises as above."""
    read = wiring.smsfactor.blacklist if kind == Reason.BLACKLISTED else wiring.smsfactor.npai
    offset = 0
    while True:
        page = read(token, offset, ROWS_PER_PAGE)
        yield page
        offset += len(page.rows)
        if not page.rows or offset >= page.total:
            return
        _keep_lane(wiring, turn)


def _keep_lane(wiring: Wiring, turn: Turn) -> None:
    """Renew the lease: many pages may take longer than one lease."""
    with wiring.pool.connection() as conn:
        if not lanes.renew(conn, turn, wiring.settings.lane_lease_s):
            raise BackOff("lane_lost", 0.0)
