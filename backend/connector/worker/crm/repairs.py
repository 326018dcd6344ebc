"""Repairs after HubSpot refuses a property of ours for a whole object type (protocol P22)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import structlog

from connector.domain.refusals import Code
from connector.domain.vocabulary import LaneKind, ProblemCode
from connector.hubspot.errors import Rejected
from connector.hubspot.payloads import BatchProblem
from connector.store import lanes
from connector.store.crm import record_writes, write_streams
from connector.store.crm.record_writes import RecordWrite
from connector.store.database import Conn
from connector.store.portals import portals, problems
from connector.wiring import Wiring
from connector.worker.crm.batches import StreamPaused

log = structlog.get_logger()

PROBLEM = ProblemCode.PROPERTY_UNUSABLE
MISSING: Final = Code.PROPERTY_MISSING
MISSING_PAUSE_S = 5.0
# Interval between retries of a property that refused our values.
PROBE_EVERY_S = 900.0


class UnusableProperties:
    """Properties of one object type that refuse our values: version 3.0 or an admin created them with another type.

    They are left out, the others are written, and a problem is shown to the admin. From time to time a call tries them
    again: once it is accepted, the problem is closed and the rows written without them are written again.
    """

    def __init__(self, wiring: Wiring, portal_id: int, object_type_id: str) -> None:
        self._wiring = wiring
        self._portal_id = portal_id
        self._stream = object_type_id
        with wiring.pool.connection() as conn:
            found = problems.find_open(conn, portal_id, PROBLEM)
        by_stream = found[0].get("streams", {}) if found else {}
        self._is_probing = bool(found and found[1] >= PROBE_EVERY_S)
        self.names: set[str] = set() if self._is_probing else set(by_stream.get(object_type_id, ()))

    def left_out(self, rows: Sequence[RecordWrite]) -> list[RecordWrite]:
        """The rows without the properties that HubSpot refuses."""
        return [
            replace(row, properties={n: value for n, value in row.properties.items() if n not in self.names})
            for row in rows
        ]

    def repair(self, rows: Sequence[RecordWrite], refusal: Rejected | BatchProblem) -> Sequence[RecordWrite]:
        """The rows in a form that HubSpot may accept. Raises StreamPaused while a missing property is created."""
        names = set(refusal.property_names)
        if "PROPERTY_DOESNT_EXIST" in refusal.codes and self._ask_for_setup():
            raise StreamPaused(MISSING)
        if not any(names & row.properties.keys() for row in rows):
            # HubSpot does not name the property: nothing can be left out.
            with self._wiring.pool.connection() as conn:
                write_streams.pause(conn, self._portal_id, self._stream, PROBLEM, PROBE_EVERY_S)
                problems.open_problem(conn, self._portal_id, PROBLEM, {"names": sorted(names)})
            raise StreamPaused(PROBLEM)
        self.names |= names
        with self._wiring.pool.connection() as conn:
            self._note(conn)
            # The property may have another type since it was read: the set-up reads all types again.
            _want_setup(conn, self._portal_id)
        log.warning("property_unusable", names=sorted(names))
        return self.left_out(rows)

    def close(self, conn: Conn, rows: Sequence[RecordWrite], reason: str | None) -> None:
        """Close the rows; rows written without a property note this."""
        is_usable = self._is_probing and reason is None and not self.names
        if is_usable:
            self._is_probing = False
            self._note(conn)
        record_writes.close(conn, rows, reason or (record_writes.UNUSABLE if self.names else None))
        if is_usable:
            record_writes.reopen_unusable(conn, self._portal_id, self._stream)

    def _ask_for_setup(self) -> bool:
        """Request the missing property. False: this was tried since the last accepted call."""
        with self._wiring.pool.connection() as conn:
            before = write_streams.pause(conn, self._portal_id, self._stream, MISSING, MISSING_PAUSE_S)
            if before == MISSING:
                return False
            _want_setup(conn, self._portal_id)
        return True

    def _note(self, conn: Conn) -> None:
        note_unusable(conn, self._portal_id, self._stream, sorted(self.names))


def _want_setup(conn: Conn, portal_id: int) -> None:
    entered = lanes.enter(conn, portal_id, LaneKind.SETUP)
    portals.want_setup(entered)
    lanes.wake(entered, LaneKind.SETUP)


def note_unusable(conn: Conn, portal_id: int, object_type_id: str, unusable: Sequence[str]) -> None:
    """Store the unusable properties of this object type in the problem, or close it if none are left."""
    found = problems.find_open(conn, portal_id, PROBLEM)
    streams = dict(found[0].get("streams", {})) if found else {}
    streams[object_type_id] = list(unusable)
    streams = {stream: names for stream, names in streams.items() if names}
    if streams:
        names = sorted({name for names in streams.values() for name in names})
        problems.open_problem(conn, portal_id, PROBLEM, {"names": names, "streams": streams})
    else:
        problems.close_problem(conn, portal_id, PROBLEM)
