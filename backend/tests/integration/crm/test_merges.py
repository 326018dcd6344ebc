"""Write-back to records that were merged, and successes of HubSpot's simulator that leave rows out (P22)."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from backend.tests.integration.crm.test_sync import (
    NOON,
    OTHER,
    RECORD,
    connected,
    event_ids,
    open_rows,
    put_event,
    put_record,
    reasons,
    values_of,
    write_all,
)
from backend.tests.integration.crm.test_sync_refusals import CONTENT, EVENTS, UPDATE, calls, problems
from connector.domain.vocabulary import ConsentSource, LaneKind
from connector.store import lanes
from connector.store.consent import opt_outs
from connector.store.crm import record_marks, record_numbers
from connector.store.database import Conn
from connector.wiring import Wiring
from sandbox.hubspot_sim.testing import HubSpot
from sandbox.hubspot_sim.world import PORTAL_ID

__all__ = ["connected"]  # a fixture

MERGES = list(product(("silent", "reported"), ("new", "survivor"), ("survivor", "left_out")))


def merge(hubspot: HubSpot, loser: str = RECORD, survivor: str = OTHER) -> str:
    """Merge two contacts; returns the id of the record that is left."""
    return str(hubspot.control("POST", f"records/0-1/{loser}/merge", {"into": survivor})["id"])


@pytest.mark.parametrize(("update", "ids", "read"), MERGES)
def test_merge_is_followed_and_the_newest_values_stand_on_the_survivor(
    connected: Wiring, own: Conn, hubspot: HubSpot, update: str, ids: str, read: str
) -> None:
    hubspot.settings(update_merged=update, merge_ids=ids, read_merged=read)
    record_numbers.add(own, PORTAL_ID, [("+33612345601", "0-1", RECORD)])
    put_record(own, RECORD, "newer, to the merged one", NOON + timedelta(minutes=5))
    put_record(own, OTHER, "older, to the survivor", NOON)
    left = merge(hubspot)
    write_all(own, connected)
    write_all(own, connected)
    assert values_of(hubspot, left)[CONTENT] == "newer, to the merged one"
    assert reasons(own, "record_writes") == []
    assert open_rows(own) == 0
    rows = own.execute("SELECT object_id FROM record_numbers").fetchall()
    assert [row["object_id"] for row in rows] == [left]


@pytest.mark.parametrize("ids", ["new", "survivor"])
def test_stop_that_arrives_after_a_merge_marks_the_survivor(
    connected: Wiring, own: Conn, hubspot: HubSpot, ids: str
) -> None:
    hubspot.settings(merge_ids=ids)
    record_numbers.add(own, PORTAL_ID, [("+33612345601", "0-1", RECORD)])
    put_record(own, RECORD, "to the merged one", NOON)
    write_all(own, connected)
    left = merge(hubspot)
    opt_outs.add(own, PORTAL_ID, "+33612345601", source=ConsentSource.STOP, text="STOP", at=NOON)
    entered = lanes.enter(own, PORTAL_ID, LaneKind.SYNC_CRM)
    record_marks.refresh(entered, ["+33612345601"])
    lanes.wake(entered, LaneKind.SYNC_CRM)
    own.commit()
    write_all(own, connected)
    write_all(own, connected)
    assert values_of(hubspot, left)["smsfactor_is_stop"] == "true"
    assert open_rows(own) == 0


@pytest.mark.parametrize(
    ("unknown", "merged"), [("refused", "unknown"), ("left_out", "unknown"), ("refused", "survivor")]
)
@pytest.mark.parametrize("mode", ["atomic", "207"])
def test_events_of_a_merged_record_reach_the_survivor_once(
    connected: Wiring, own: Conn, hubspot: HubSpot, unknown: str, merged: str, mode: str
) -> None:
    hubspot.settings(event_unknown_record=unknown, event_merged_record=merged, event_batch=mode)
    left = merge(hubspot)
    put_event(own, "e1", record_id=RECORD)
    put_event(own, "e2", record_id="503")
    put_event(own, "e3", record_id=RECORD)
    put_event(own, "gone", record_id="99999999")
    write_all(own, connected)
    write_all(own, connected)
    assert event_ids(hubspot) == ["e1", "e2", "e3"]
    arrived = hubspot.control("GET", f"events?object_id={left}")["events"]
    assert [event["id"] for event in arrived] == ["e1", "e3"]
    assert reasons(own, "event_writes") == ["record_gone"]
    assert open_rows(own) == 0


@pytest.mark.parametrize("is_passed_on", [False, True])
def test_hundred_merged_records_cost_one_look_and_at_most_one_more_update(
    connected: Wiring, own: Conn, hubspot: HubSpot, is_passed_on: bool
) -> None:
    """The look also reads the survivors' opt-out property; with the merged ones' known, the update misses first."""
    first = int(hubspot.control("POST", "records/contacts/generate", {"count": 200})["first_id"])
    ids = [str(first + number) for number in range(100)]
    for record_id in ids:
        put_record(own, record_id, "x", NOON, stop_empty_at=datetime.now(UTC) if is_passed_on else None)
        survivor = merge(hubspot, record_id, str(int(record_id) + 100))
    read = "/crm/objects/2026-09/contacts/batch/read"
    before = calls(hubspot, "POST", UPDATE), calls(hubspot, "POST", read)
    write_all(own, connected)
    write_all(own, connected)
    assert calls(hubspot, "POST", UPDATE) - before[0] == (2 if is_passed_on else 1)
    assert calls(hubspot, "POST", read) - before[1] == 1
    assert calls(hubspot, "GET", "/crm/objects/*") == 0
    assert open_rows(own) == 0
    assert values_of(hubspot, survivor)["smsfactor_is_stop"] == "false"


def test_success_that_did_nothing_closes_nothing(connected: Wiring, own: Conn, hubspot: HubSpot) -> None:
    hubspot.settings(updates_do_nothing=True)
    put_record(own, RECORD, "kept until it is written", NOON)
    put_record(own, OTHER, "kept too", NOON)
    before = calls(hubspot, "POST", UPDATE)
    write_all(own, connected)
    assert calls(hubspot, "POST", UPDATE) - before == 2, "once more at once, then the stream waits"
    assert (open_rows(own), reasons(own, "record_writes"), problems(own)) == (2, [], [])
    hubspot.settings(updates_do_nothing=False)
    write_all(own, connected)
    assert values_of(hubspot, RECORD)[CONTENT] == "kept until it is written"
    assert values_of(hubspot, OTHER)[CONTENT] == "kept too"
    assert open_rows(own) == 0


def test_row_that_is_left_out_twice_does_not_hold_up_the_others(
    connected: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    body = {"status": "COMPLETE", "results": [{"id": OTHER, "properties": {}}]}
    fault = {"method": "POST", "path": UPDATE, "kind": "status", "status": 200, "body": body, "count": 2}
    hubspot.control("POST", "faults", fault)
    put_record(own, RECORD, "left out", NOON)
    put_record(own, OTHER, "accepted", NOON)
    write_all(own, connected)
    assert reasons(own, "record_writes") == ["refused: left out"]
    assert open_rows(own) == 0


def test_events_that_an_answer_does_not_name_are_sent_again_and_arrive_once(
    connected: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    """HubSpot took all, and its answer names none: the repeat is "already there"."""
    body = {"status": "COMPLETE", "results": []}
    fault = {
        "method": "POST",
        "path": EVENTS,
        "kind": "status_after",
        "status": 200,
        "body": body,
        "count": 1,
    }
    hubspot.control("POST", "faults", fault)
    for number in range(8):
        put_event(own, f"e{number}")
    before = calls(hubspot, "POST", EVENTS)
    write_all(own, connected)
    assert event_ids(hubspot) == [f"e{number}" for number in range(8)]
    assert calls(hubspot, "POST", EVENTS) - before == 3
    assert (open_rows(own), reasons(own, "event_writes")) == (0, [])
