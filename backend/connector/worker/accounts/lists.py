"""Read an account's STOP list and its list of unassigned numbers: at linking, then every night (protocol P14)."""

from datetime import UTC, datetime, time, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

import structlog

from connector.domain.vocabulary import GatewayList, LaneKind, UnassignedSource
from connector.smsfactor.errors import GatewayError, Refused
from connector.smsfactor.payloads import ListedNumbersPage
from connector.store import lanes
from connector.store.consent import list_readings, opt_outs, unassigned_numbers
from connector.store.consent.list_readings import ListReading
from connector.store.database import Conn
from connector.store.lanes import Turn
from connector.store.portals import accounts, portals
from connector.use_cases.consent.import_opt_outs import import_opt_outs
from connector.use_cases.delivery.plan_writes import plan_marks
from connector.wiring import Wiring
from connector.worker.runner import BackOff

log = structlog.get_logger()

NUMBERS_PER_PAGE = 1000
NIGHT_BEGINS = time(2)  # on the portal's clock
NIGHT_S = 3 * 3600  # portals are spread over this time
REFUSED_S = 3600.0
INCOMPLETE_S = 3600.0
UNKNOWN_S = 60.0


def import_lists(wiring: Wiring, turn: Turn) -> bool:
    """Read one page of one list, and store it with the reading's position; True when there is more."""
    with wiring.pool.connection() as conn:
        reading = list_readings.begin_or_resume(conn, turn.portal_id)
        link = accounts.link(conn, wiring.vault, turn.portal_id, reading.link_id) if reading else None
    if reading is None or link is None or link.api_token is None:
        return False
    if not isinstance(reading.name, GatewayList):
        # During a deployment a newer worker may read a list that this one does not know: the lane is left to it.
        raise BackOff("list_unknown", UNKNOWN_S)
    read = wiring.smsfactor.blacklist if reading.name == GatewayList.STOP else wiring.smsfactor.npai
    try:
        page = read(link.api_token, reading.offset, NUMBERS_PER_PAGE)
    except Refused as refusal:
        raise BackOff(f"lists: {refusal.kind}", REFUSED_S) from refusal
    except GatewayError as fault:
        raise BackOff(f"lists: {type(fault).__name__}") from fault
    offset = reading.offset + len(page.rows)
    if not page.rows and offset < page.total:
        # The missing numbers are unknown: the reading stops here, and an operator sees the reason.
        raise BackOff("list_incomplete", INCOMPLETE_S)
    with wiring.pool.connection() as conn:
        _take_over(conn, turn.portal_id, reading, page)
        return _go_on(conn, turn.portal_id, reading, offset, is_complete=offset >= page.total)


def _take_over(conn: Conn, portal_id: int, reading: ListReading, page: ListedNumbersPage) -> None:
    entered = lanes.enter(conn, portal_id, LaneKind.SYNC_CRM)
    rows = [(row, row.number) for row in page.rows if row.number]
    match reading.name:
        case GatewayList.STOP:
            stops = [
                opt_outs.ListedStop(number, row.entry_id, row.listed_at or reading.began_at)
                for row, number in rows
            ]
            import_opt_outs(entered, stops, began_at=reading.began_at)
        case GatewayList.UNASSIGNED:
            numbers = [number for _, number in rows]
            new = unassigned_numbers.add(conn, portal_id, numbers, source=UnassignedSource.IMPORT)
            plan_marks(entered, new)
        case _:
            assert_never(reading.name)


def _go_on(conn: Conn, portal_id: int, reading: ListReading, offset: int, *, is_complete: bool) -> bool:
    if not is_complete:
        list_readings.save(conn, portal_id, reading.link_id, name=reading.name, offset=offset)
        return True
    if reading.name == GatewayList.STOP:
        list_readings.save(conn, portal_id, reading.link_id, name=GatewayList.UNASSIGNED, offset=0)
        return True
    entered = lanes.enter(conn, portal_id, LaneKind.SYNC_CRM)
    in_use = unassigned_numbers.forget_imported(conn, portal_id, seen_before=reading.began_at)
    plan_marks(entered, in_use)
    portal = portals.find(conn, portal_id)
    assert portal is not None, "a link has a portal"
    next_at = next_night(datetime.now(UTC), ZoneInfo(portal.time_zone), portal_id)
    list_readings.end(conn, portal_id, reading.link_id, next_at=next_at)
    log.info("lists_imported", unassigned=offset)
    return False


def next_night(now: datetime, zone: ZoneInfo, portal_id: int) -> datetime:
    """The portal's time in the next night on its clock; each portal's time is fixed, which spreads the load."""
    local = now.astimezone(zone)
    begins = datetime.combine(local.date(), NIGHT_BEGINS, zone) + timedelta(seconds=portal_id % NIGHT_S)
    at = begins.astimezone(UTC)
    return at if at > now else (begins + timedelta(days=1)).astimezone(UTC)
