"""Write rows in one call, and find the culprit when HubSpot refuses (protocol P20, P22).

A row is done only when an answer names it. The records of rows that a success leaves out are read again by id, and a
merge is followed. A refused call is halved until the culprit is alone. For a single row, "already there" means done.
A refusal that concerns the whole portal pauses the stream instead. If a call repeated unchanged is "already there", its
last row is tried first: if that row is there, all are.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

import structlog

from connector.domain.vocabulary import ProblemCode, Reason
from connector.hubspot.client import MAX_BATCH_OBJECTS, PortalClient
from connector.hubspot.errors import (
    Conflict,
    MissingScopes,
    NotFound,
    OutcomeUnknown,
    Rejected,
)
from connector.hubspot.payloads import BatchProblem, BatchResult, CrmRecord
from connector.store.crm import write_streams
from connector.store.crm.event_writes import EventWrite
from connector.store.crm.record_writes import RecordWrite
from connector.store.database import Conn
from connector.store.portals import problems
from connector.wiring import Wiring

log = structlog.get_logger()
Row = TypeVar("Row", EventWrite, RecordWrite)
T = TypeVar("T")

PAUSE_S = 600.0
# HubSpot answers with a success and does nothing: the stream waits this long.
LEFT_OUT_PAUSE_S = 60.0
# After this many rows refused alone and none accepted, the fault is not in the rows.
REFUSED_ALL = 5


def _read(
    object_type: str, ids: Sequence[str], properties: Sequence[str], client: PortalClient
) -> dict[str, CrmRecord]:
    return client.read_objects(object_type, ids, properties)


def _is_there(row: EventWrite | RecordWrite, present: Mapping[str, CrmRecord]) -> bool:
    """Whether the row's record still has its id."""
    record = present.get(row.object_id)
    return record is not None and record.record_id == row.object_id


class StreamPaused(Exception):
    """HubSpot refuses the whole stream: its rows wait."""


@dataclass(frozen=True, slots=True)
class Batch(Generic[Row]):
    """The functions that write rows of one stream in one call, name them in its answer, and close them in the store."""

    stream: str
    object_type: str
    write: Callable[[PortalClient, Sequence[Row]], BatchResult]
    id_of: Callable[[Row], str]
    close: Callable[[Conn, Sequence[Row], str | None], None]  # reason None: HubSpot has them
    #: The rows without the properties that HubSpot refuses for all of them. Raises StreamPaused.
    repair: Callable[[Sequence[Row], Rejected | BatchProblem], Sequence[Row]]
    follow: Callable[[Conn, Row, CrmRecord], None]  # the row's record was merged into this one
    #: Called with rows whose outcome is unknown.
    doubt: Callable[[Conn, Sequence[Row]], None]
    #: Problem to raise when every row is refused alone; None: the rows are set aside.
    refused_all: ProblemCode | None
    is_repeat: bool = False  # repeats a call of unknown outcome, in the same order
    looks_at: Sequence[str] = ("hs_object_id",)  # properties that `follow` needs


class BatchWriter(Generic[Row]):
    """Writes the rows of one batch, with as many calls as needed."""

    def __init__(self, wiring: Wiring, portal_id: int, batch: Batch[Row]) -> None:
        self._wiring = wiring
        self._portal_id = portal_id
        self._batch: Batch[Row] = batch
        self._taken = 0
        self._refused = 0
        self._already_there = 0
        self._may_be_there = batch.is_repeat
        self._repeated: set[str] = set()  # rows that were left out of a success once

    def write_or_pause(self, rows: Sequence[Row]) -> None:
        """Write the rows, or let them wait if HubSpot refuses the whole stream. Raises as `write`."""
        with suppress(StreamPaused):
            self.write(rows)

    def write(self, rows: Sequence[Row]) -> None:
        """Write the rows. Raises StreamPaused, NotConnected, or a HubSpotError after which a retry may succeed."""
        if not rows:
            return
        try:
            result = self._wiring.hubspot.call_portal(
                self._portal_id, lambda client: self._batch.write(client, rows)
            )
        except OutcomeUnknown:
            with self._wiring.pool.connection() as conn:
                self._batch.doubt(conn, rows)
            raise
        except MissingScopes as refusal:
            raise self.pause(ProblemCode.HUBSPOT_SCOPE_MISSING) from refusal
        except (Conflict, NotFound, Rejected) as refusal:
            self._refusal(rows, refusal)
        else:
            self._answer(rows, result)

    def pause(self, problem: ProblemCode) -> StreamPaused:
        """Pause the stream and report to the admin; returns the exception to raise."""
        with self._wiring.pool.connection() as conn:
            write_streams.pause(conn, self._portal_id, self._batch.stream, problem, PAUSE_S)
            problems.open_problem(conn, self._portal_id, problem)
        log.warning("stream_paused", stream=self._batch.stream, problem=problem)
        return StreamPaused(problem)

    def _refusal(self, rows: Sequence[Row], refusal: Conflict | NotFound | Rejected) -> None:
        if isinstance(refusal, Rejected) and refusal.status == 403:
            raise self.pause(ProblemCode.HUBSPOT_SCOPE_MISSING) from refusal
        if isinstance(refusal, Rejected) and refusal.names_property:
            self.write(self._batch.repair(rows, refusal))
        elif len(rows) > 1 and isinstance(refusal, Conflict) and self._may_be_there:
            self._halve_unless_there(rows)
        elif len(rows) > 1:
            self._halve(rows)
        elif isinstance(refusal, Conflict):
            self._already_there += 1
            self._close(rows, None)
        else:
            self._refused_alone(rows[0], refusal.category or str(refusal.status))

    def _halve(self, rows: Sequence[Row]) -> None:
        middle = len(rows) // 2
        self.write(rows[:middle])
        self.write(rows[middle:])

    def _halve_unless_there(self, rows: Sequence[Row]) -> None:
        """Try the last row first: two calls suffice if HubSpot accepted all of a call whose answer was lost.

        Rows belong to one call until its outcome is known, and are sent in order. So "already there" means that
        HubSpot accepted the call; if it accepted only a part, the last row is not there.
        """
        self._may_be_there = False
        before = self._already_there
        self.write(rows[-1:])
        if self._already_there > before:
            log.info("call_was_taken", stream=self._batch.stream, size=len(rows))
            self._close(rows[:-1], None)
        else:
            self._halve(rows[:-1])

    def _answer(self, rows: Sequence[Row], result: BatchResult) -> None:
        """Close the rows that the answer names, and handle the others."""
        named = {row_id: problem for problem in result.problems for row_id in problem.ids}
        there: set[str] = {row_id for row_id, problem in named.items() if problem.category == "CONFLICT"}
        self._already_there += len(there)
        done = {*result.done, *there}
        self._close([row for row in rows if self._batch.id_of(row) in done], None)
        left = [row for row in rows if self._batch.id_of(row) not in done]
        culprits = [row for row in left if self._batch.id_of(row) in named]
        others = [row for row in left if self._batch.id_of(row) not in named]
        nameless = [problem for problem in result.problems if not problem.ids]
        if nameless and len(others) == 1 == len(rows):
            culprits, others, named = others, [], {self._batch.id_of(others[0]): nameless[0]}
        unwritten = [row for row in culprits if named[self._batch.id_of(row)].names_property]
        if unwritten:
            self.write(self._batch.repair(unwritten, named[self._batch.id_of(unwritten[0])]))
        for row in culprits:
            problem = named[self._batch.id_of(row)]
            if not problem.names_property:
                self._refused_alone(row, problem.category)
        if not nameless:
            self._left_out(others)
        elif len(others) == len(rows):
            self._halve(others)
        else:
            self.write(others)

    def _left_out(self, rows: Sequence[Row]) -> None:
        """Handle rows that a success does not name: their records were merged or deleted, or nothing was done.

        A row whose record is still there is sent once more. If it is left out again it waits, with its stream; it is
        set aside if HubSpot accepts other rows meanwhile.
        """
        if not rows:
            return
        log.info("rows_left_out", stream=self._batch.stream, size=len(rows))
        present = self._read_again_many(rows)
        for row in rows:
            if not _is_there(row, present):
                self._settle_moved(row, present.get(row.object_id))
        still = [row for row in rows if _is_there(row, present)]
        again = [row for row in still if self._batch.id_of(row) in self._repeated]
        if again and not self._taken:
            with self._wiring.pool.connection() as conn:
                write_streams.pause(conn, self._portal_id, self._batch.stream, None, LEFT_OUT_PAUSE_S)
            raise StreamPaused("left out of a success")
        self._close(again, "refused: left out")
        first = [row for row in still if row not in again]
        self._repeated |= {self._batch.id_of(row) for row in first}
        self._may_be_there = True
        self.write(first)

    def _refused_alone(self, row: Row, category: str) -> None:
        """Handle a row that was refused alone: its record may have been merged or deleted."""
        present = self._read_again_many([row])
        if not _is_there(row, present):
            self._settle_moved(row, present.get(row.object_id))
            return
        self._refused += 1
        if self._batch.refused_all and self._refused >= REFUSED_ALL and not self._taken:
            raise self.pause(self._batch.refused_all)
        self._close([row], f"refused: {category}")

    def _settle_moved(self, row: Row, survivor: CrmRecord | None) -> None:
        """The row's record was merged into another, or is gone (None)."""
        if survivor is None:
            self._close([row], Reason.RECORD_GONE)
            return
        log.info("merge_followed", stream=self._batch.stream)
        with self._wiring.pool.connection() as conn:
            self._batch.follow(conn, row, survivor)

    def _read_again_many(self, rows: Sequence[Row]) -> dict[str, CrmRecord]:
        """The rows' records by their former ids; records that are gone are left out."""
        object_type = self._batch.object_type
        ids = list(dict.fromkeys(row.object_id for row in rows))
        present: dict[str, CrmRecord] = {}
        for start in range(0, len(ids), MAX_BATCH_OBJECTS):
            some = ids[start : start + MAX_BATCH_OBJECTS]
            try:
                present |= self._ask(partial(_read, object_type, some, self._batch.looks_at))
            except (MissingScopes, NotFound, Rejected) as refusal:
                raise self.pause(ProblemCode.HUBSPOT_SCOPE_MISSING) from refusal
        return present

    def _ask(self, call: Callable[[PortalClient], T]) -> T:
        return self._wiring.hubspot.call_portal(self._portal_id, call)

    def _close(self, rows: Sequence[Row], reason: str | None) -> None:
        if not rows:
            return
        if reason:
            log.warning("write_set_aside", reason=reason)
        with self._wiring.pool.connection() as conn:
            if reason is None:
                self._taken += len(rows)
                mended = write_streams.note_call(conn, self._portal_id, self._batch.stream, len(rows))
                if isinstance(mended, ProblemCode):
                    problems.close_problem(conn, self._portal_id, mended)
            self._batch.close(conn, rows, reason)
