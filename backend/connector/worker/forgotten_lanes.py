"""The second net under the lanes: finds work whose lane is closed (protocol P1). It should find none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connector.domain.vocabulary import LaneKind
from connector.store import lanes
from connector.store.database import Conn
from connector.worker.runner import Drain


@dataclass(frozen=True, slots=True, order=True)
class ClosedLane:
    """A lane of a portal that nobody is going to drain."""

    portal_id: int
    kind: LaneKind


class ForgottenLanes:
    """Asks each drain when its closed lanes are due: the same question as the runner's when it closes a lane.

    A closed lane with work at two looks in a row is forgotten. A writer commits its rows and the open lane together,
    so the lane is read again after its rows: rows that came between the first two statements are in order. At one
    look the lane may still be in order: a runner may have drained it between the last two.
    """

    def __init__(self, drains: Mapping[LaneKind, Drain]) -> None:
        self._drains = drains
        self._suspects: set[ClosedLane] = set()

    def open_forgotten(self, conn: Conn) -> list[ClosedLane]:
        """Look once; opens and returns the forgotten lanes. A lane in back-off is not forgotten."""
        found: dict[ClosedLane, datetime] = {}
        for portal_id, kind in lanes.closed(conn, list(self._drains)):
            due_at = self._drains[kind].next_due_at(conn, portal_id)
            if due_at is not None and lanes.is_closed(conn, portal_id, kind):
                found[ClosedLane(portal_id, kind)] = due_at
        forgotten = sorted(found.keys() & self._suspects)
        for lane in forgotten:
            lanes.wake(lanes.enter(conn, lane.portal_id, lane.kind), lane.kind, found[lane])
        self._suspects = found.keys() - forgotten
        return forgotten
