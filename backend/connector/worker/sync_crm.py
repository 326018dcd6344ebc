"""Write back to HubSpot: the newest property values of each record, and timeline events, in batches (docs/flow.md).

A refused batch is split until the culprit is alone and set aside with its reason; a refusal that concerns the whole
portal (a property gone, a scope missing) pauses the lane instead (protocol P20-P22).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import structlog

from connector.hubspot.client import PortalClient
from connector.hubspot.errors import (
    Conflict,
    HubSpotError,
    MissingScopes,
    NotFound,
    RateLimited,
    Rejected,
)
from connector.hubspot.payloads import BatchProblem, BatchResult, EventOccurrence, RecordUpdate
from connector.portal_access import NotConnected, call_portal
from connector.store import event_writes, lanes, portals, problems, record_writes
from connector.store.database import Conn
from connector.store.event_writes import EventWrite
from connector.store.lanes import Turn
from connector.store.record_writes import RecordWrite
from connector.wiring import Wiring
from connector.worker.runner import BackOff

log = structlog.get_logger()
Row = TypeVar("Row", EventWrite, RecordWrite)

RECORDS = 100  # inputs of one batch update, HubSpot's limit
EVENTS = 500  # occurrences of one batch
OBJECT_TYPES = {"0-1": "contacts", "0-2": "companies", "0-3": "deals"}
DISCONNECTED_S = 3600.0


def sync_crm(wiring: Wiring, turn: Turn) -> bool:
    """One batch of events and one of records; True when there may be more."""
    with wiring.pool.connection() as conn:
        events = event_writes.due(conn, turn.portal_id, EVENTS)
        records = record_writes.due(conn, turn.portal_id, RECORDS)
    if not events and not records:
        return False
    try:
        # Records first: an event type that HubSpot refuses must not keep properties from being written.
        _write_records(wiring, turn, records)
        _write_events(wiring, turn, events)
    except NotConnected as fault:
        raise BackOff("not_connected", DISCONNECTED_S) from fault
    except RateLimited as limit:
        raise BackOff("rate_limited", limit.retry_after_s or 10.0) from limit
    except MissingScopes as refusal:
        with wiring.pool.connection() as conn:
            problems.open_problem(conn, turn.portal_id, "hubspot_scope_missing")
        raise BackOff("hubspot_scope_missing", 600.0) from refusal
    except HubSpotError as fault:
        # Unavailable, or an outcome nobody knows: both calls may be repeated as they are.
        raise BackOff(type(fault).__name__) from fault
    return True


@dataclass(frozen=True, slots=True)
class Batch(Generic[Row]):
    """How rows of one kind are written in one call, named in its answer, and closed in the store."""

    write: Callable[[PortalClient, Sequence[Row]], BatchResult]
    id_of: Callable[[Row], str]
    close: Callable[[Conn, list[Row], str | None], None]  # reason None: HubSpot has them
    #: The rows as they may be written although HubSpot refuses some property of all of them; or raises BackOff.
    mend: Callable[[Sequence[Row], Rejected], Sequence[Row]]


def _write_events(wiring: Wiring, turn: Turn, events: list[EventWrite]) -> None:
    if events and wiring.settings.timeline_mode != "app_events":
        with wiring.pool.connection() as conn:
            event_writes.close(conn, events, "timeline_off")
        return

    def write(client: PortalClient, rows: Sequence[EventWrite]) -> BatchResult:
        return client.send_events_batch([_occurrence(wiring, event) for event in rows])

    def mend(_rows: Sequence[EventWrite], refusal: Rejected) -> Sequence[EventWrite]:
        """The event type in HubSpot is not the one of this version: nothing here can change that."""
        with wiring.pool.connection() as conn:
            problems.open_problem(conn, turn.portal_id, "timeline_refused")
        raise BackOff("timeline_refused", 600.0) from refusal

    _write(wiring, turn, events, Batch(write, lambda event: event.event_id, event_writes.close, mend))


def _occurrence(wiring: Wiring, event: EventWrite) -> EventOccurrence:
    properties = dict(event.properties)
    ticket = properties.pop("ticket", None)
    if ticket:
        properties["report_url"] = wiring.settings.report_url_template.replace("{ticket}", ticket)
    return EventOccurrence(
        event_type=event.event_type,
        event_id=event.event_id,
        record_id=event.object_id,
        at=event.occurred_at,
        properties=properties,
        # How HubSpot prints an enumeration in a template is not documented; the templates test these marks instead
        # and fall back to the bare value.
        extra_data={properties[name]: True for name in ("status", "push_type") if name in properties},
    )


def _write_records(wiring: Wiring, turn: Turn, records: list[RecordWrite]) -> None:
    def write(client: PortalClient, rows: Sequence[RecordWrite]) -> BatchResult:
        object_type = OBJECT_TYPES[rows[0].object_type_id]
        return client.batch_update(object_type, [RecordUpdate(row.object_id, row.properties) for row in rows])

    def mend(rows: Sequence[RecordWrite], refusal: Rejected) -> Sequence[RecordWrite]:
        if "PROPERTY_DOESNT_EXIST" in refusal.codes:
            _repair(wiring, turn, refusal)
        return _without_unusable(wiring, turn, rows, refusal)

    _write(wiring, turn, records, Batch(write, lambda record: record.object_id, record_writes.close, mend))


def _without_unusable(
    wiring: Wiring, turn: Turn, rows: Sequence[RecordWrite], refusal: Rejected
) -> Sequence[RecordWrite]:
    """Leave out properties that take none of our values: version 3.0 or an admin made them otherwise.

    The others are written, and the admin is told (protocol P22: it is the portal's, so nothing is split).
    """
    names = set(refusal.context.get("propertyName", ()))
    if not any(names & row.properties.keys() for row in rows):
        raise BackOff("property_refused", 600.0) from refusal
    with wiring.pool.connection() as conn:
        problems.open_problem(conn, turn.portal_id, "property_unusable", {"names": sorted(names)})
    log.warning("property_unusable", names=sorted(names))
    return [
        replace(row, properties={name: value for name, value in row.properties.items() if name not in names})
        for row in rows
    ]


def _write(wiring: Wiring, turn: Turn, rows: Sequence[Row], batch: Batch[Row]) -> None:
    """Write all rows in one call; refused, write each half, down to the one that is refused alone."""
    if not rows:
        return
    try:
        result = call_portal(wiring, turn.portal_id, lambda client: batch.write(client, rows))
    except (Conflict, NotFound, Rejected) as refusal:
        if isinstance(refusal, Rejected) and refusal.names_property:
            rows = batch.mend(rows, refusal)
            _write(wiring, turn, rows, batch)
            return
        if len(rows) == 1:
            _close(wiring, batch, rows, _reason(refusal))
            return
        middle = len(rows) // 2
        _write(wiring, turn, rows[:middle], batch)
        _write(wiring, turn, rows[middle:], batch)
    else:
        _partly_done(wiring, turn, rows, batch, result)


def _partly_done(
    wiring: Wiring, turn: Turn, rows: Sequence[Row], batch: Batch[Row], result: BatchResult
) -> None:
    """Close what an answer says was done; what a 207 left over is written again, alone if need be."""
    done = set(result.done) if result.problems else {batch.id_of(row) for row in rows}
    _close(wiring, batch, [row for row in rows if batch.id_of(row) in done], None)
    left = [row for row in rows if batch.id_of(row) not in done]
    if len(left) == 1 and len(rows) == 1:
        _close(wiring, batch, left, _problem_reason(result.problems[0]))
    elif len(left) == len(rows):
        middle = len(left) // 2
        _write(wiring, turn, left[:middle], batch)
        _write(wiring, turn, left[middle:], batch)
    else:
        _write(wiring, turn, left, batch)


def _close(wiring: Wiring, batch: Batch[Row], rows: Sequence[Row], reason: str | None) -> None:
    if reason:
        log.warning("write_set_aside", reason=reason)
    if rows:
        with wiring.pool.connection() as conn:
            batch.close(conn, list(rows), reason)


def _reason(refusal: HubSpotError) -> str | None:
    """Why a row that was refused alone is set aside; None: HubSpot has it already (409, protocol P20)."""
    if isinstance(refusal, Conflict):
        return None
    return (
        "record_gone" if isinstance(refusal, NotFound) else f"refused: {refusal.category or refusal.status}"
    )


def _problem_reason(problem: BatchProblem) -> str | None:
    if problem.category == "CONFLICT":
        return None
    return "record_gone" if problem.category == "OBJECT_NOT_FOUND" else f"refused: {problem.category}"


def _repair(wiring: Wiring, turn: Turn, refusal: HubSpotError) -> None:
    """A property that is gone is wrong for every row: create it again instead of splitting (protocol P22)."""
    with wiring.pool.connection() as conn:
        lanes.enter(conn, turn.portal_id, "setup")
        portals.want_setup(conn, turn.portal_id)
        lanes.wake(conn, turn.portal_id, "setup")
    raise BackOff("property_missing", 5.0) from refusal
