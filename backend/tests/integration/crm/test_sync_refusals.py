"""Write-back that HubSpot's simulator refuses: culprits in batches, pauses that end by themselves (P20, P22)."""

from collections.abc import Sequence

import pytest

from backend.tests.integration.conftest import drain
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
from connector.hubspot.payloads import EventOccurrence
from connector.store.crm import event_writes
from connector.store.crm.event_writes import EventWrite
from connector.store.database import Conn
from connector.wiring import Wiring
from sandbox.hubspot_sim.testing import HubSpot
from sandbox.hubspot_sim.world import PORTAL_ID

__all__ = ["connected"]  # a fixture

CONTENT = "smsfactor_last_message_content"
STATUS = "smsfactor_last_message_status"
EVENTS = "/integrators/timeline/2026-03/events/batch"
UPDATE = "/crm/objects/2026-09/contacts/batch/update"


def problems(own: Conn) -> list[str]:
    rows = own.execute("SELECT code FROM problems WHERE closed_at IS NULL ORDER BY code").fetchall()
    own.commit()
    return [row["code"] for row in rows]


def calls(hubspot: HubSpot, method: str, path: str) -> int:
    counts = hubspot.control("GET", f"calls?path={path}&method={method}")["counts"]
    return int(counts.get(f"{method} {path}", 0))


def refuse(hubspot: HubSpot, path: str, status: int, **body: object) -> None:
    fault = {"method": "POST", "path": path, "kind": "status", "status": status, "body": body}
    hubspot.control("POST", "faults", fault)


def test_records_named_by_the_answer_cost_one_look_each(
    connected: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    """Two of four records are gone: one update names them, two look-ups follow, no splitting."""
    for record_id in (RECORD, "99999998", OTHER, "99999999"):
        put_record(own, record_id, "x", NOON)
    before = calls(hubspot, "POST", UPDATE)
    write_all(own, connected)
    assert calls(hubspot, "POST", UPDATE) - before == 1
    assert reasons(own, "record_writes") == ["record_gone", "record_gone"]
    assert open_rows(own) == 0


def test_culprit_is_found_alone_among_many(connected: Wiring, own: Conn, hubspot: HubSpot) -> None:
    """Atomic batches do not name the culprit: halving finds one of sixteen in some ten calls."""
    for number in range(16):
        put_event(own, f"e{number:02}", record_id="99999999" if number == 11 else RECORD)
    before = calls(hubspot, "POST", EVENTS)
    write_all(own, connected)
    assert calls(hubspot, "POST", EVENTS) - before <= 1 + 2 * 4
    assert len(event_ids(hubspot)) == 15
    assert reasons(own, "event_writes") == ["record_gone"]


def test_unknown_outcome_is_repeated_unchanged_before_newer_events(
    connected: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    put_event(own, "e1")
    put_event(own, "e2")
    hubspot.control("POST", "faults", {"method": "POST", "path": EVENTS, "kind": "reset_before"})
    write_all(own, connected)
    put_event(own, "e0")
    write_all(own, connected)
    assert event_ids(hubspot) == ["e0", "e1", "e2"]
    assert open_rows(own) == 0


@pytest.mark.parametrize("mode", ["atomic", "partial", "207"])
def test_call_that_was_taken_before_we_died_is_recognised_in_two_calls(
    connected: Wiring, own: Conn, hubspot: HubSpot, mode: str
) -> None:
    """HubSpot has all events, but the answer is lost: the batch is not halved down to forty single events."""
    hubspot.settings(event_batch=mode)
    rows = _noted_as_one_call(own, 40)
    _take(connected, rows)
    put_event(own, "newer")
    before = calls(hubspot, "POST", EVENTS)
    write_all(own, connected)
    assert calls(hubspot, "POST", EVENTS) - before == (2 if mode == "207" else 3)
    assert event_ids(hubspot) == [*(f"e{number:02}" for number in range(40)), "newer"]
    assert open_rows(own) == 0
    assert reasons(own, "event_writes") == []


@pytest.mark.parametrize("mode", ["atomic", "partial", "207"])
def test_call_of_which_a_part_was_taken_before_we_died_is_completed(
    connected: Wiring, own: Conn, hubspot: HubSpot, mode: str
) -> None:
    hubspot.settings(event_batch=mode)
    rows = _noted_as_one_call(own, 16)
    _take(connected, rows[:5])
    write_all(own, connected)
    assert event_ids(hubspot) == [f"e{number:02}" for number in range(16)]
    assert open_rows(own) == 0
    assert reasons(own, "event_writes") == []


def _noted_as_one_call(own: Conn, count: int) -> list[EventWrite]:
    """Events e00 and later, about to be sent together when the worker dies."""
    for number in range(count):
        put_event(own, f"e{number:02}")
    rows = event_writes.open_of(own, PORTAL_ID, "sms_sent_contact", 500)
    event_writes.keep_together(own, rows)
    own.commit()
    return rows


def _take(wiring: Wiring, rows: Sequence[EventWrite]) -> None:
    """Make HubSpot accept these events in one call that no row records."""
    occurrences = [
        EventOccurrence(
            event_type=row.event_type,
            event_id=row.event_id,
            record_id=row.object_id,
            at=row.occurred_at,
            properties=row.properties,
            extra_data={},
        )
        for row in rows
    ]
    wiring.hubspot.call_portal(PORTAL_ID, lambda client: client.send_events_batch(occurrences))


@pytest.mark.parametrize(
    ("status", "body"), [(403, {"category": "MISSING_SCOPES"}), (403, {"category": "FORBIDDEN"})]
)
def test_missing_permission_pauses_one_stream_and_is_closed_by_the_next_write(
    connected: Wiring, own: Conn, hubspot: HubSpot, status: int, body: dict[str, object]
) -> None:
    put_record(own, RECORD, "waits", NOON)
    put_event(own, "e1")
    refuse(hubspot, UPDATE, status, **body)
    write_all(own, connected)
    assert problems(own) == ["hubspot_scope_missing"]
    assert event_ids(hubspot) == ["e1"], "events go on"
    assert open_rows(own) == 1
    write_all(own, connected)
    assert values_of(hubspot, RECORD)[CONTENT] == "waits"
    assert problems(own) == []


def test_permission_to_read_a_refused_record_is_missing_and_pauses_its_stream_alone(
    connected: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    put_record(own, RECORD, "waits", NOON)
    put_event(own, "e1")
    refuse(hubspot, UPDATE, 404, category="OBJECT_NOT_FOUND")
    path = "/crm/objects/2026-09/contacts/batch/read"
    fault = {"method": "POST", "path": path, "kind": "status", "status": 403}
    for _ in range(2):  # the opt-out property before its first write, and the refused record
        hubspot.control("POST", "faults", {**fault, "body": {"category": "MISSING_SCOPES"}})
    write_all(own, connected)
    assert problems(own) == ["hubspot_scope_missing"]
    assert event_ids(hubspot) == ["e1"], "events go on"
    assert open_rows(own) == 1
    write_all(own, connected)
    assert values_of(hubspot, RECORD)[CONTENT] == "waits"
    assert problems(own) == []


def test_event_type_of_another_version_waits_and_properties_go_on(
    connected: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    put_event(own, "e1", nobody_knows="x")
    put_record(own, RECORD, "written", NOON)
    write_all(own, connected)
    assert problems(own) == ["timeline_refused"]
    assert values_of(hubspot, RECORD)[CONTENT] == "written"
    own.execute("UPDATE event_writes SET properties = properties - 'nobody_knows'")
    write_all(own, connected)
    assert event_ids(hubspot) == ["e1"]
    assert problems(own) == []


def test_property_that_works_again_is_written_everywhere(
    connected: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    put_record(own, RECORD, "kept", NOON, status="of-another-version")
    write_all(own, connected)
    assert problems(own) == ["property_unusable"]
    put_record(own, OTHER, "without a status", NOON)
    write_all(own, connected)
    assert values_of(hubspot, OTHER).get(STATUS) is None
    own.execute(
        "UPDATE record_writes SET last_message = last_message || jsonb_build_object(%s::text, 'sent')",
        (STATUS,),
    )
    own.execute("UPDATE problems SET seen_at = now() - interval '1 h'")
    put_record(own, "503", "tries again", NOON)
    write_all(own, connected)
    write_all(own, connected)
    assert problems(own) == []
    assert {values_of(hubspot, record)[STATUS] for record in (RECORD, OTHER, "503")} == {"sent"}


def test_too_many_pauses_people_and_lanes_of_every_process(
    connected: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    put_record(own, RECORD, "later", NOON)
    put_record(own, OTHER, "later", NOON)
    refuse(hubspot, UPDATE, 429, policyName="TEN_SECONDLY_ROLLING")
    write_all(own, connected)
    row = own.execute(
        "SELECT paused_until > now() AS paused, tokens FROM call_budgets WHERE bucket = 'calls'"
    )
    assert row.fetchone() == {"paused": True, "tokens": 0.0}
    own.execute("UPDATE lanes SET next_due_at = now(), not_before = NULL")
    own.commit()
    before = calls(hubspot, "POST", UPDATE)
    drain(connected)
    assert calls(hubspot, "POST", UPDATE) == before, "the budget's pause holds although the lane was due"
    lane = own.execute("SELECT last_error FROM lanes WHERE kind = 'sync_crm'").fetchone()
    assert lane == {"last_error": "budget"}
    write_all(own, connected)
    assert values_of(hubspot, OTHER)[CONTENT] == "later"
