"""Properties that version 3.0 left with another type, and properties that HubSpot does not create (F4.1, F8.1)."""

from datetime import timedelta
from typing import Any

import pytest

from backend.tests.integration.conftest import drain, install
from backend.tests.integration.crm.test_sync import (
    NOON,
    RECORD,
    open_rows,
    put_record,
    reasons,
    values_of,
    write_all,
)
from backend.tests.integration.crm.test_sync_refusals import CONTENT, problems
from connector.domain.call_budget import INTERVAL_S, MAX_CALLS
from connector.domain.properties import PROPERTIES
from connector.domain.vocabulary import LaneKind
from connector.store import lanes
from connector.store.database import Conn
from connector.store.portals import portals
from connector.wiring import Wiring
from sandbox.hubspot_sim.testing import HubSpot
from sandbox.hubspot_sim.world import PORTAL_ID

DATE = "smsfactor_last_message_date"
GROUP = "contactinformation"


def define(hubspot: HubSpot, name: str, type_: str, field_type: str, **more: Any) -> None:
    body = {"name": name, "label": name, "type": type_, "fieldType": field_type, "groupName": GROUP, **more}
    hubspot.control("POST", "properties/contacts", body)


def names(hubspot: HubSpot, object_type_id: str = "0-1") -> set[str]:
    page = hubspot.call("GET", f"/sandbox-api/records/{object_type_id}/501").json()
    return {d["name"] for d in page["definitions"] if d["name"].startswith("smsfactor_")}


def set_up_again(own: Conn, wiring: Wiring) -> None:
    entered = lanes.enter(own, PORTAL_ID, LaneKind.SETUP)
    portals.want_setup(entered)
    lanes.wake(entered, LaneKind.SETUP)
    own.commit()
    drain(wiring)


def test_date_that_version_3_left_as_a_plain_date_is_written_as_its_day(
    alone: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    define(hubspot, DATE, "date", "date")
    wiring = install(alone, own, hubspot)
    drain(wiring)
    put_record(own, RECORD, "first", NOON)
    write_all(own, wiring)
    assert values_of(hubspot, RECORD)[DATE] == "2026-11-23"
    put_record(own, RECORD, "past midnight in Paris", NOON + timedelta(hours=12, minutes=30))
    write_all(own, wiring)
    assert values_of(hubspot, RECORD)[DATE] == "2026-11-24"
    assert (open_rows(own), reasons(own, "record_writes"), problems(own)) == (0, [], [])


def test_opt_out_that_version_3_left_as_a_list_is_written_by_its_option(
    alone: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    options = [
        {"label": label, "value": value, "displayOrder": place, "hidden": False}
        for place, (label, value) in enumerate((("Oui", "oui"), ("Non", "non")))
    ]
    define(hubspot, "smsfactor_is_stop", "enumeration", "select", options=options)
    wiring = install(alone, own, hubspot)
    drain(wiring)
    put_record(own, RECORD, "x", NOON)
    own.execute("""UPDATE record_writes SET flags = '{"smsfactor_is_stop": "true"}'""")
    own.commit()
    write_all(own, wiring)
    assert values_of(hubspot, RECORD)["smsfactor_is_stop"] == "oui"
    assert problems(own) == []


def test_type_that_changed_since_it_was_read_is_read_again(
    alone: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    """A portal that was set up before types were read: its first refusal makes the set-up read them."""
    define(hubspot, DATE, "date", "date")
    wiring = install(alone, own, hubspot)
    drain(wiring)
    own.execute("DELETE FROM property_lists")
    own.commit()
    put_record(own, RECORD, "x", NOON)
    write_all(own, wiring)
    assert problems(own) == ["property_unusable"]
    own.execute(
        "UPDATE problems SET opened_at = opened_at - interval '1 h', seen_at = seen_at - interval '1 h'"
    )
    own.commit()
    put_record(own, RECORD, "y", NOON + timedelta(minutes=1))
    write_all(own, wiring)
    assert values_of(hubspot, RECORD)[DATE] == "2026-11-23"
    assert problems(own) == []


@pytest.mark.parametrize("batch", ["207", "atomic"])
def test_property_that_hubspot_does_not_create_leaves_the_others_and_is_shown(
    alone: Wiring, own: Conn, hubspot: HubSpot, batch: str
) -> None:
    hubspot.settings(reserved_properties=[DATE], property_batch=batch)
    wiring = install(alone, own, hubspot)
    drain(wiring)
    assert names(hubspot) == {prop.name for prop in PROPERTIES} - {DATE}
    assert problems(own) == ["property_unusable"]
    put_record(own, RECORD, "written without its date", NOON)
    write_all(own, wiring)
    assert values_of(hubspot, RECORD)[CONTENT] == "written without its date"


@pytest.mark.parametrize("batch", ["207", "atomic"])
def test_portal_without_room_for_all_properties_gets_the_others_and_is_told(
    alone: Wiring, own: Conn, hubspot: HubSpot, batch: str
) -> None:
    """HubSpot limits custom properties by object type; the next set-up after there is room creates the rest."""
    hubspot.settings(custom_properties_max=len(PROPERTIES) - 1, property_batch=batch)
    wiring = install(alone, own, hubspot)
    drain(wiring)
    left = {prop.name for prop in PROPERTIES} - names(hubspot)
    assert len(left) == 1
    assert problems(own) == ["property_unusable"]
    put_record(own, RECORD, "written without it", NOON)
    write_all(own, wiring)
    assert problems(own) == ["property_unusable"]
    hubspot.settings(custom_properties_max=300)
    set_up_again(own, wiring)
    assert names(hubspot) == {prop.name for prop in PROPERTIES}


@pytest.mark.parametrize("batch", ["207", "atomic"])
def test_set_up_beside_another_one_ends_with_all_properties(
    alone: Wiring, own: Conn, hubspot: HubSpot, batch: str
) -> None:
    """One of the missing properties is created by another process after the list was read."""
    hubspot.settings(property_batch=batch, reserved_properties=[DATE])
    wiring = install(alone, own, hubspot)
    drain(wiring)
    hubspot.settings(reserved_properties=[])
    set_up_again(own, wiring)
    assert names(hubspot) == {prop.name for prop in PROPERTIES}


def test_set_up_ends_in_one_pass_though_the_budget_is_empty(
    alone: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    """A pass needs more calls than a lane is granted at once, and a second pass would begin anew."""
    wiring = install(alone, own, hubspot)
    own.execute(
        "UPDATE call_budgets SET tokens = 0, background_tokens = 0, max_calls = %s, interval_s = %s",
        (MAX_CALLS, INTERVAL_S),
    )
    own.commit()
    drain(wiring)
    assert portals.next_setup_at(own, PORTAL_ID) is None
    assert names(hubspot) == {prop.name for prop in PROPERTIES}
