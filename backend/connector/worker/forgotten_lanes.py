"""The second net under the lanes: finds work whose lane is closed (protocol P1). It should find none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from connector.domain.vocabulary import LaneKind
from connector.store import lanes
from connector.store.database import Conn
from connector.worker.runner import Drain

#: Portals that one look covers: about 0.4 s of CPU a minute.
PORTALS_A_LOOK: Final = 200


@dataclass(frozen=True, slots=True, order=True)
class ClosedLane:
    """A lane of a portal that no worker will drain."""

    portal_id: int
    kind: LaneKind


class ForgottenLanes:
    """Asks each drain when its closed lanes are due, with the same query that the runner uses to close a lane.

    A closed lane with work at two looks in a row is forgotten. A writer commits its rows and the open lane together,
    so the lane is read again after its rows: rows written between the first two statements are no fault. One look
    proves nothing: a runner may have drained the lane between the last two. A look costs about ten short statements a
    portal, so each covers PORTALS_A_LOOK portals, and suspects once more.
    """

    def __init__(self, drains: Mapping[LaneKind, Drain], portals_a_look: int = PORTALS_A_LOOK) -> None:
        self._drains = drains
        self._portals_a_look = portals_a_look
        self._after = 0  # the portal at which the last look ended
        self._suspects: set[ClosedLane] = set()

    def open_forgotten(self, conn: Conn) -> list[ClosedLane]:
        """Look once; opens and returns the forgotten lanes. A lane in back-off is not forgotten."""
        found: dict[ClosedLane, datetime] = {}
        for portal_id, kind in lanes.closed(conn, self._portals_to_look_at(conn), list(self._drains)):
            due_at = self._due_at(conn, portal_id, kind)
            if due_at is not None and lanes.is_closed(conn, portal_id, kind):
                found[ClosedLane(portal_id, kind)] = due_at
        forgotten = sorted(found.keys() & self._suspects)
        for lane in forgotten:
            lanes.wake(lanes.enter(conn, lane.portal_id, lane.kind), lane.kind, found[lane])
        self._suspects = found.keys() - forgotten
        return forgotten

    def _due_at(self, conn: Conn, portal_id: int, kind: LaneKind) -> datetime | None:
        drain = self._drains[kind]
        due_at = drain.next_due_at(conn, portal_id)
        if due_at is None or drain.is_done_elsewhere is None:
            return due_at
        return None if drain.is_done_elsewhere(conn, portal_id) else due_at

    def _portals_to_look_at(self, conn: Conn) -> list[int]:
        """The portals after those of the last look, from the first one again at the end, and the suspects' portals."""
        portal_ids = lanes.next_portals(conn, self._after, self._portals_a_look)
        self._after = portal_ids[-1] if len(portal_ids) == self._portals_a_look else 0
        return sorted({*portal_ids, *(lane.portal_id for lane in self._suspects)})
