"""Write back to HubSpot: the newest property values of each record, and timeline events, in batches (docs/flow.md).

`batches` handles refusals of rows, `repairs` those of our properties.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from connector.domain.event_types import object_of
from connector.domain.objects import OBJECT_TYPES, STOP_PROPERTY
from connector.domain.properties import BY_NAME
from connector.domain.property_forms import in_form, zone_of
from connector.domain.text.property_values import PropertyShape
from connector.domain.vocabulary import ProblemCode, TimelineMode
from connector.hubspot.client import MAX_BATCH_EVENTS, MAX_BATCH_OBJECTS, PortalClient
from connector.hubspot.errors import Rejected
from connector.hubspot.payloads import BatchProblem, BatchResult, EventOccurrence, RecordUpdate
from connector.hubspot.scopes import TIMELINE
from connector.store.crm import event_writes, property_cache, record_writes
from connector.store.crm.event_writes import EventWrite
from connector.store.crm.record_writes import RecordWrite
from connector.store.database import Conn
from connector.store.lanes import Turn
from connector.store.portals import portals
from connector.wiring import Wiring
from connector.worker.crm.batches import Batch, BatchWriter
from connector.worker.crm.hubspot_faults import backing_off
from connector.worker.crm.repairs import UnusableProperties
from connector.worker.crm.stop_marks import follow_merge, with_stop_marks


def sync_crm(wiring: Wiring, turn: Turn) -> bool:
    """Write one batch of records and one of events; True when there may be more.

    Raises NoBudget when the portal's calls are used up for now: the lane waits for its turn.
    """
    with wiring.pool.connection() as conn:
        records = record_writes.first_stream(conn, turn.portal_id)
        events = event_writes.first_stream(conn, turn.portal_id)
    has_worked = False
    with backing_off():  # both calls may be repeated unchanged
        if records and records.is_due:
            has_worked = True
            _write_records(wiring, turn.portal_id, records.name)
        if events and events.is_due:
            has_worked = True
            _write_events(wiring, turn.portal_id, events.name)
    return has_worked


def _write_records(wiring: Wiring, portal_id: int, object_type_id: str) -> None:
    object_type = OBJECT_TYPES[object_type_id].plural
    unusable = UnusableProperties(wiring, portal_id, object_type_id)
    with wiring.pool.connection() as conn:
        rows = record_writes.open_of(conn, portal_id, object_type_id, MAX_BATCH_OBJECTS)
        shapes = property_cache.known(conn, portal_id, object_type, list(BY_NAME))
        portal = portals.find(conn, portal_id)
    rows = with_stop_marks(wiring, portal_id, object_type_id, rows)
    zone = zone_of(portal.time_zone if portal else "UTC")
    rows = [replace(row, properties=_in_form(row.properties, shapes, zone)) for row in rows]

    def write(client: PortalClient, some: Sequence[RecordWrite]) -> BatchResult:
        # A row with only a mark is empty if HubSpot refuses that property: there is nothing to write.
        updates = [RecordUpdate(row.object_id, row.properties) for row in some if row.properties]
        result = client.batch_update(object_type, updates) if updates else BatchResult([])
        return replace(result, done=[*result.done, *(row.object_id for row in some if not row.properties)])

    batch = Batch(
        stream=object_type_id,
        object_type=object_type,
        write=write,
        id_of=lambda row: row.object_id,
        close=unusable.close,
        repair=unusable.repair,
        follow=follow_merge,
        doubt=_may_be_repeated,
        refused_all=None,
        looks_at=[STOP_PROPERTY],
    )
    BatchWriter(wiring, portal_id, batch).write_or_pause(unusable.left_out(rows))


def _in_form(
    values: Mapping[str, str], shapes: Mapping[str, PropertyShape], zone: ZoneInfo
) -> dict[str, str]:
    """The values in the form that the portal's own properties take."""
    return {name: in_form(value, name, shapes.get(name), zone) for name, value in values.items()}


def _may_be_repeated(_conn: Conn, _rows: Sequence[RecordWrite]) -> None:
    """Do nothing: setting the same values again is harmless, even with other values."""


def _has_timeline(conn: Conn, wiring: Wiring, portal_id: int) -> bool:
    """Whether the deployment writes timeline events and the portal has granted it."""
    portal = portals.find(conn, portal_id)
    is_granted = portal is not None and TIMELINE in portal.scopes
    return is_granted and wiring.settings.timeline_mode == TimelineMode.APP_EVENTS


def _write_events(wiring: Wiring, portal_id: int, event_type: str) -> None:
    with wiring.pool.connection() as conn:
        if not _has_timeline(conn, wiring, portal_id):
            event_writes.close_all(conn, portal_id, "timeline_off")
            return
        rows = event_writes.open_of(conn, portal_id, event_type, MAX_BATCH_EVENTS)
        is_repeat = bool(rows and rows[0].batch_id)
        if not is_repeat:
            event_writes.keep_together(conn, rows)

    def write(client: PortalClient, some: Sequence[EventWrite]) -> BatchResult:
        return client.send_events_batch([_occurrence(wiring, event) for event in some])

    def repair(_rows: Sequence[EventWrite], _refusal: Rejected | BatchProblem) -> Sequence[EventWrite]:
        """Pause the stream: the event type in HubSpot is of another version, and no change of the rows helps."""
        raise writer.pause(ProblemCode.TIMELINE_REFUSED)

    batch = Batch(
        stream=event_type,
        object_type=object_of(event_type).plural,
        write=write,
        id_of=lambda event: event.event_id,
        close=event_writes.close,
        repair=repair,
        follow=lambda conn, event, survivor: event_writes.follow_merge(conn, event, survivor.record_id),
        doubt=event_writes.keep_together,
        refused_all=ProblemCode.TIMELINE_REFUSED,
        is_repeat=is_repeat,
    )
    writer = BatchWriter(wiring, portal_id, batch)
    writer.write_or_pause(rows)


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
        # HubSpot does not document the form of an enumeration in a template; the templates test these marks instead
        # and fall back to the bare value.
        extra_data={
            properties[name]: True
            for name in ("status", "reason", "push_type", "source")
            if name in properties
        },
    )
