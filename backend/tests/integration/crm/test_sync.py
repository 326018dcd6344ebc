"""Write-back against HubSpot's simulator over HTTP: newest values, each event once, no bad row affects another.

Rules P20 to P22 of the delivery protocol, and the single refresh of a portal's token.
"""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.tests.integration.conftest import drain, install
from connector.crm.access import NotConnected
from connector.domain.vocabulary import LaneKind
from connector.store import lanes
from connector.store.crm import event_writes, record_writes
from connector.store.crm.event_writes import EventWrite
from connector.store.database import Conn
from connector.store.portals import hubspot_tokens
from connector.wiring import Wiring
from sandbox.hubspot_sim.testing import HubSpot
from sandbox.hubspot_sim.world import PORTAL_ID

RECORD, OTHER = "501", "502"
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.fixture
def connected(alone: Wiring, own: Conn, hubspot: HubSpot) -> Wiring:
    """A wiring whose portal has installed the app at the simulator and has its properties."""
    wiring = install(alone, own, hubspot)
    drain(wiring)
    return wiring


def put_record(
    own: Conn,
    record_id: str,
    text: str,
    at: datetime,
    *,
    rank: int = 6,
    status: str = "sent",
    stop_empty_at: datetime | None = None,
) -> None:
    entered = lanes.enter(own, PORTAL_ID, LaneKind.SYNC_CRM)
    fact = record_writes.RecordFacts(
        object_type_id="0-1",
        object_id=record_id,
        last_message={
            "smsfactor_last_message_content": text,
            "smsfactor_last_message_status": status,
            "smsfactor_last_message_date": at.isoformat(timespec="milliseconds"),
        },
        accepted_at=at,
        message_id=uuid.UUID(int=1),
        rank=rank,
        is_delivered=False,
        stop_empty_at=stop_empty_at,
    )
    record_writes.put(entered, [fact])
    lanes.wake(entered, LaneKind.SYNC_CRM)
    own.commit()


def put_event(own: Conn, event_id: str, record_id: str = RECORD, **properties: str) -> EventWrite:
    event = EventWrite(
        portal_id=PORTAL_ID,
        event_type="sms_sent_contact",
        event_id=event_id,
        object_id=record_id,
        occurred_at=NOON,
        properties={"message_id": event_id, "recipient": "+33612345601", "text": "Bonjour", **properties},
    )
    entered = lanes.enter(own, PORTAL_ID, LaneKind.SYNC_CRM)
    event_writes.put(entered, [event])
    lanes.wake(entered, LaneKind.SYNC_CRM)
    own.commit()
    return event


def write_all(own: Conn, wiring: Wiring) -> None:
    """Let coalescing and back-off end, and drain."""
    own.execute("UPDATE record_writes SET due_at = now() WHERE due_at IS NOT NULL")
    own.execute("UPDATE event_writes SET due_at = now() WHERE due_at IS NOT NULL")
    own.execute("UPDATE write_streams SET quiet_until = now(), paused_until = now()")
    own.execute("UPDATE call_budgets SET paused_until = NULL, refilled_at = now() - interval '1 s'")
    own.execute("UPDATE lanes SET next_due_at = now(), not_before = NULL WHERE next_due_at < 'infinity'")
    own.commit()
    drain(wiring)


def values_of(hubspot: HubSpot, record_id: str) -> dict[str, Any]:
    values: dict[str, Any] = hubspot.control("GET", f"records/0-1/{record_id}")["properties"]
    return values


def event_ids(hubspot: HubSpot) -> list[str]:
    return sorted(event["id"] for event in hubspot.control("GET", "events")["events"])


def open_rows(own: Conn) -> int:
    row = own.execute(
        "SELECT (SELECT count(*) FROM record_writes WHERE due_at IS NOT NULL)"
        " + (SELECT count(*) FROM event_writes WHERE due_at IS NOT NULL) AS n"
    ).fetchone()
    own.commit()
    assert row is not None
    return int(row["n"])


def reasons(own: Conn, table: str) -> list[str]:
    rows = own.execute(f"SELECT closed_reason FROM {table} WHERE closed_reason IS NOT NULL").fetchall()  # noqa: S608
    own.commit()
    return [row["closed_reason"] for row in rows]


def test_install_creates_the_seven_properties_and_repeating_it_changes_nothing(
    connected: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    def names() -> set[str]:
        page = hubspot.call("GET", f"/sandbox-api/records/0-1/{RECORD}").json()
        return {d["name"] for d in page["definitions"] if d["name"].startswith("smsfactor_")}

    assert len(names()) == 7
    entered = lanes.enter(own, PORTAL_ID, LaneKind.SETUP)
    lanes.wake(entered, LaneKind.SETUP)
    own.commit()
    drain(connected)
    assert len(names()) == 7


def test_newest_values_are_written_and_an_older_message_never_overwrites(
    connected: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    put_record(own, RECORD, "newer", NOON + timedelta(minutes=5))
    put_record(own, RECORD, "older, told late", NOON, rank=9, status="delivered")
    write_all(own, connected)
    assert values_of(hubspot, RECORD)["smsfactor_last_message_content"] == "newer"
    assert values_of(hubspot, RECORD)["smsfactor_last_message_status"] == "sent"
    put_record(own, RECORD, "newer", NOON + timedelta(minutes=5), rank=9, status="delivered")
    put_record(own, RECORD, "newer", NOON + timedelta(minutes=5), rank=6, status="sent")
    write_all(own, connected)
    assert values_of(hubspot, RECORD)["smsfactor_last_message_status"] == "delivered"
    assert open_rows(own) == 0


def test_row_that_changes_while_it_is_written_stays_due(
    connected: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    put_record(own, RECORD, "first", NOON)
    own.execute("UPDATE record_writes SET due_at = now()")
    [write] = record_writes.open_of(own, PORTAL_ID, "0-1", 10)
    own.commit()
    put_record(own, RECORD, "second", NOON + timedelta(minutes=1))
    record_writes.close(own, [write])
    own.commit()
    assert open_rows(own) == 1
    write_all(own, connected)
    assert values_of(hubspot, RECORD)["smsfactor_last_message_content"] == "second"


@pytest.mark.parametrize("mode", ["atomic", "partial", "207"])
def test_events_are_there_once_whatever_a_batch_means(
    connected: Wiring, own: Conn, hubspot: HubSpot, mode: str
) -> None:
    hubspot.settings(event_batch=mode)
    put_event(own, "e1")
    write_all(own, connected)
    # The same event again beside new ones, as after a lost answer; one of the new events can never be written.
    own.execute("UPDATE event_writes SET due_at = now()")
    own.commit()
    for number in range(2, 6):
        put_event(own, f"e{number}")
    put_event(own, "bad", record_id="99999999")
    write_all(own, connected)
    assert event_ids(hubspot) == ["e1", "e2", "e3", "e4", "e5"]
    assert open_rows(own) == 0
    assert len(reasons(own, "event_writes")) == 1


def test_lost_answer_of_a_batch_is_repeated_without_doubling(
    connected: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    for number in range(3):
        put_event(own, f"e{number}")
    path = "/integrators/timeline/2026-03/events/batch"
    hubspot.control("POST", "faults", {"method": "POST", "path": path, "kind": "reset_after"})
    write_all(own, connected)
    assert open_rows(own) == 3
    write_all(own, connected)
    assert event_ids(hubspot) == ["e0", "e1", "e2"]
    assert open_rows(own) == 0


def test_timeline_of_a_portal_follows_what_it_has_granted(
    connected: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    own.execute("UPDATE portals SET scopes = array_remove(scopes, 'timeline')")
    put_event(own, "before")
    write_all(own, connected)
    assert (event_ids(hubspot), reasons(own, "event_writes")) == ([], ["timeline_off"])
    own.execute("UPDATE portals SET scopes = scopes || '{timeline}'")
    put_event(own, "after")
    write_all(own, connected)
    assert event_ids(hubspot) == ["after"]


def test_deleted_record_is_set_aside_and_the_others_are_written(
    connected: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    for record_id in (RECORD, "99999999", OTHER):
        put_record(own, record_id, f"to {record_id}", NOON)
    write_all(own, connected)
    assert values_of(hubspot, RECORD)["smsfactor_last_message_content"] == f"to {RECORD}"
    assert values_of(hubspot, OTHER)["smsfactor_last_message_content"] == f"to {OTHER}"
    assert reasons(own, "record_writes") == ["record_gone"]
    assert open_rows(own) == 0


def test_property_that_takes_none_of_our_values_costs_no_other(
    connected: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    """The property is an enumeration without our options, left by version 3.0 or changed by an admin."""
    put_record(own, RECORD, "kept", NOON, status="of-another-version")
    write_all(own, connected)
    assert values_of(hubspot, RECORD)["smsfactor_last_message_content"] == "kept"
    assert values_of(hubspot, RECORD).get("smsfactor_last_message_status") is None
    rows = own.execute("SELECT code, params FROM problems WHERE closed_at IS NULL").fetchall()
    own.commit()
    assert [(row["code"], row["params"]["names"]) for row in rows] == [
        ("property_unusable", ["smsfactor_last_message_status"])
    ]
    assert open_rows(own) == 0


def test_property_that_is_gone_is_made_again(connected: Wiring, own: Conn, hubspot: HubSpot) -> None:
    name = "smsfactor_last_message_content"
    path = "/crm/objects/2026-09/contacts/batch/update"
    body = {
        "status": "error",
        "message": "x",
        "category": "VALIDATION_ERROR",
        "errors": [{"message": "x", "code": "PROPERTY_DOESNT_EXIST", "context": {"propertyName": [name]}}],
    }
    put_record(own, RECORD, "waits", NOON)
    hubspot.control(
        "POST", "faults", {"method": "POST", "path": path, "kind": "status", "status": 400, "body": body}
    )
    before = hubspot.control("GET", "calls?path=/crm/properties/2026-09/contacts&method=GET")["counts"]
    write_all(own, connected)
    after = hubspot.control("GET", "calls?path=/crm/properties/2026-09/contacts&method=GET")["counts"]
    assert sum(after.values()) > sum(before.values()), "the set-up looked at the properties"
    write_all(own, connected)
    assert values_of(hubspot, RECORD)[name] == "waits"


def test_report_link_is_made_from_the_ticket(connected: Wiring, own: Conn, hubspot: HubSpot) -> None:
    put_event(own, "with-ticket", ticket="15948909")
    write_all(own, connected)
    [event] = hubspot.control("GET", "events")["events"]
    assert event["properties"]["report_url"].endswith("/15948909")
    assert "ticket" not in event["properties"]


def test_too_many_calls_backs_off_and_loses_nothing(connected: Wiring, own: Conn, hubspot: HubSpot) -> None:
    put_record(own, RECORD, "later", NOON)
    fault = {
        "method": "POST",
        "path": "/crm/objects/2026-09/contacts/batch/update",
        "kind": "status",
        "status": 429,
    }
    hubspot.control("POST", "faults", {**fault, "body": {"policyName": "TEN_SECONDLY_ROLLING"}})
    write_all(own, connected)
    assert open_rows(own) == 1
    row = own.execute(
        "SELECT last_error, next_due_at > now() + interval '5 s' AS waits FROM lanes WHERE kind = 'sync_crm'"
    ).fetchone()
    own.commit()
    assert row == {"last_error": "rate_limited", "waits": True}
    write_all(own, connected)
    assert values_of(hubspot, RECORD)["smsfactor_last_message_content"] == "later"


def test_ten_callers_refresh_an_expired_token_once(connected: Wiring, own: Conn, hubspot: HubSpot) -> None:
    own.execute("UPDATE hubspot_tokens SET expires_at = now()")
    own.commit()
    before = _token_calls(hubspot)
    barrier = threading.Barrier(10)

    def call() -> str:
        barrier.wait()
        return connected.hubspot.call_portal(
            PORTAL_ID, lambda client: client.account_details().time_zone, urgent=True
        )

    with ThreadPoolExecutor(10) as threads:
        zones = [future.result() for future in [threads.submit(call) for _ in range(10)]]
    assert zones == ["Europe/Paris"] * 10
    assert _token_calls(hubspot) - before == 1


def test_refresh_that_another_process_has_just_finished_is_not_repeated(
    connected: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    """Another process refreshes between the check and the claim: the claim detects this, no outdated token is used."""
    assert hubspot_tokens.claim_refresh(own, connected.vault, PORTAL_ID, lease_s=30.0) is None
    own.execute("UPDATE hubspot_tokens SET expires_at = now()")
    assert hubspot_tokens.claim_refresh(own, connected.vault, PORTAL_ID, lease_s=30.0) is not None
    assert hubspot_tokens.claim_refresh(own, connected.vault, PORTAL_ID, lease_s=30.0) is None
    own.commit()


def test_token_refused_before_its_time_is_refreshed_and_the_call_repeated(
    connected: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    fault = {"method": "GET", "path": "/account-info/2026-09/details", "kind": "status", "status": 401}
    hubspot.control("POST", "faults", {**fault, "body": {"category": "INVALID_AUTHENTICATION"}})
    zone = connected.hubspot.call_portal(PORTAL_ID, lambda client: client.account_details().time_zone)
    assert zone == "Europe/Paris"


def test_install_that_was_taken_back_stops_all_calls(connected: Wiring, own: Conn, hubspot: HubSpot) -> None:
    own.execute("UPDATE hubspot_tokens SET expires_at = now()")
    own.commit()
    fault = {"method": "POST", "path": "/oauth/2026-09/token", "kind": "status", "status": 400}
    hubspot.control(
        "POST",
        "faults",
        {**fault, "body": {"error": "invalid_grant", "status": "BAD_REFRESH_TOKEN", "message": "revoked"}},
    )
    with pytest.raises(NotConnected):
        connected.hubspot.call_portal(PORTAL_ID, lambda client: client.account_details())
    before = _token_calls(hubspot)
    with pytest.raises(NotConnected):
        connected.hubspot.call_portal(PORTAL_ID, lambda client: client.account_details())
    assert _token_calls(hubspot) == before
    rows = own.execute("SELECT code FROM problems WHERE closed_at IS NULL").fetchall()
    assert rows == [{"code": "hubspot_unauthorised"}]


def _token_calls(hubspot: HubSpot) -> int:
    counts = hubspot.control("GET", "calls?path=/oauth/2026-09/token&method=POST")["counts"]
    return int(counts.get("POST /oauth/2026-09/token", 0))


def test_marks_of_an_event_are_its_choices(connected: Wiring, own: Conn, hubspot: HubSpot) -> None:
    """The templates test these marks, because HubSpot states no form of an enumeration in a template."""
    put_event(own, "marked", push_type="alert", source="workflow")
    write_all(own, connected)
    [event] = [event for event in hubspot.control("GET", "events")["events"] if event["id"] == "marked"]
    assert event["extra_data"] == {"alert": True, "workflow": True}
