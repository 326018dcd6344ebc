"""App events: accepted once per id, in single calls and in the three ways a batch may behave."""

from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.hubspot_sim.testing import HubSpot, hubspot_in_process, running_hubspot

EVENTS = "/integrators/timeline/2026-03/events"
MODES = ("atomic", "partial", "207")


@pytest.fixture(name="hubspot")
def _hubspot(installed: HubSpot) -> HubSpot:
    return installed


def event(occurrence_id: str, **changes: Any) -> dict[str, Any]:
    fixed = {"eventTypeName": "sms_sent_contact", "objectId": "501", "id": occurrence_id}
    return {**fixed, "properties": {"recipient": "+33612345678", "parts": "1"}, **changes}


def send_all(hubspot: HubSpot, *inputs: Any) -> requests.Response:
    return hubspot.api("POST", f"{EVENTS}/batch", {"inputs": list(inputs)})


def kept(hubspot: HubSpot) -> list[str]:
    return [found["id"] for found in hubspot.control("GET", "events")["events"]]


def test_an_event_is_kept_and_shown_on_the_record(hubspot: HubSpot) -> None:
    before = hubspot.call("GET", "/sandbox-api/records/0-1/501").json()
    frame = {
        "linkLabel": "Lire",
        "headerLabel": "SMS",
        "url": "https://a.example/c",
        "width": 800,
        "height": 600,
    }
    sent = event(
        "e-1",
        timestamp="2026-11-23T10:31:02.114+01:00",
        extraData={"media": []},
        timelineIFrame=frame,
    )
    answer = hubspot.api("POST", EVENTS, sent)
    assert answer.status_code == 201
    assert answer.json() == {**sent, "timestamp": "2026-11-23T09:31:02.114Z"}
    page = hubspot.call("GET", "/sandbox-api/records/0-1/501").json()
    assert page["version"] > before["version"]
    assert page["timeline"][0] == {
        "kind": "app_event",
        "id": "e-1",
        "event_type": "sms_sent_contact",
        "name": "SMS envoyé",
        "timestamp": "2026-11-23T09:31:02.114Z",
        "header_template": "SMS to **{{recipient}}**",
        "detail_template": "{{#if parts}}{{parts}} part(s){{/if}}",
        "properties": {"recipient": "+33612345678", "parts": "1"},
        "extra_data": {"media": []},
        "timeline_iframe": frame,
    }
    assert page["timeline"][-1]["kind"] == "created"


def test_the_timeline_is_newest_first(hubspot: HubSpot) -> None:
    for number, day in enumerate(("05", "20", "11")):
        hubspot.api("POST", EVENTS, event(f"e-{number}", timestamp=f"2026-11-{day}T10:00:00Z"))
    timeline = hubspot.call("GET", "/sandbox-api/records/0-1/501").json()["timeline"]
    assert [entry.get("id") for entry in timeline] == ["e-1", "e-2", "e-0", None]


def test_all_types_of_property_are_taken_as_text(hubspot: HubSpot) -> None:
    properties = {"parts": "2", "sent_on": "1795426262114", "push_type": "marketing", "recipient": ""}
    assert hubspot.api("POST", EVENTS, event("e-1", properties=properties)).status_code == 201


def test_a_repeated_id_is_a_conflict_and_changes_nothing(hubspot: HubSpot) -> None:
    assert hubspot.api("POST", EVENTS, event("e-1")).status_code == 201
    again = hubspot.api("POST", EVENTS, event("e-1", properties={"recipient": "other"}))
    assert (again.status_code, again.json()["category"]) == (409, "CONFLICT")
    found = hubspot.control("GET", "events")["events"]
    assert [item["properties"]["recipient"] for item in found] == ["+33612345678"]


def test_the_same_id_may_be_used_for_another_event_type(hubspot: HubSpot) -> None:
    hubspot.api("POST", EVENTS, event("e-1"))
    other = event("e-1", eventTypeName="sms_sent_company", objectId="901")
    assert hubspot.api("POST", EVENTS, other).status_code == 201
    assert hubspot.control("GET", "events?object_id=901")["events"][0]["object_type_id"] == "0-2"


def test_a_contact_may_be_addressed_by_email(hubspot: HubSpot) -> None:
    sent = event("e-1", email="Camille.Moreau@courriel.example")
    del sent["objectId"]
    assert hubspot.api("POST", EVENTS, sent).status_code == 201
    assert hubspot.control("GET", "events")["events"][0]["object_id"] == "501"


def test_events_of_a_merged_record_stay_on_the_survivor(hubspot: HubSpot) -> None:
    hubspot.api("POST", EVENTS, event("e-1", objectId="502"))
    left = hubspot.control("POST", "records/contacts/502/merge", {"into": "501"})["id"]
    timeline = hubspot.call("GET", f"/sandbox-api/records/0-1/{left}").json()["timeline"]
    assert "e-1" in [entry.get("id") for entry in timeline]


@pytest.mark.parametrize(
    ("unknown", "merged", "status", "stored"),
    [
        ("refused", "unknown", 400, []),
        ("left_out", "unknown", 200, ["e-1"]),
        ("refused", "survivor", 200, ["e-1", "e-2"]),
    ],
)
def test_an_event_on_a_merged_record_is_refused_left_out_or_follows(
    hubspot: HubSpot, unknown: str, merged: str, status: int, stored: list[str]
) -> None:
    hubspot.settings(event_unknown_record=unknown, event_merged_record=merged)
    hubspot.control("POST", "records/contacts/502/merge", {"into": "501"})
    answer = send_all(hubspot, event("e-1", objectId="503"), event("e-2", objectId="502"))
    assert answer.status_code == status
    assert kept(hubspot) == stored
    assert [row["id"] for row in answer.json().get("results", [])] == stored


@pytest.mark.parametrize("mode", MODES)
def test_a_batch_of_good_events_is_kept_whole(hubspot: HubSpot, mode: str) -> None:
    hubspot.settings(event_batch=mode)
    answer = send_all(hubspot, *(event(f"e-{number}") for number in range(500)))
    assert (answer.status_code, len(answer.json()["results"])) == (200, 500)
    assert answer.json()["status"] == "COMPLETE"
    assert len(kept(hubspot)) == 500


@pytest.mark.parametrize(
    ("mode", "status", "left"),
    [("atomic", 409, ["e-1"]), ("partial", 409, ["e-1", "e-2", "e-3"]), ("207", 207, ["e-1", "e-2", "e-3"])],
)
def test_a_repeat_inside_a_batch(hubspot: HubSpot, mode: str, status: int, left: list[str]) -> None:
    hubspot.settings(event_batch=mode)
    hubspot.api("POST", EVENTS, event("e-1"))
    answer = send_all(hubspot, event("e-2"), event("e-1"), event("e-3"))
    assert answer.status_code == status
    assert kept(hubspot) == left
    if status == 207:
        assert [made["id"] for made in answer.json()["results"]] == ["e-2", "e-3"]
        assert answer.json()["errors"][0]["context"] == {"id": ["e-1"]}
        assert answer.json()["errors"][0]["category"] == "CONFLICT"
    else:
        assert answer.json()["category"] == "CONFLICT"


@pytest.mark.parametrize(
    ("mode", "status", "left"),
    [("atomic", 400, []), ("partial", 400, ["e-1", "e-3"]), ("207", 207, ["e-1", "e-3"])],
)
def test_an_ill_formed_event_inside_a_batch(
    hubspot: HubSpot, mode: str, status: int, left: list[str]
) -> None:
    hubspot.settings(event_batch=mode)
    bad = event("e-2", properties={"nope": "x"})
    answer = send_all(hubspot, event("e-1"), bad, event("e-3"))
    assert answer.status_code == status
    assert kept(hubspot) == left
    assert "nope" in answer.text


def test_an_id_twice_in_one_batch_is_a_conflict(hubspot: HubSpot) -> None:
    assert send_all(hubspot, event("e-1"), event("e-1")).status_code == 409
    assert kept(hubspot) == []


def test_invalid_input_is_reported_before_a_conflict(hubspot: HubSpot) -> None:
    hubspot.api("POST", EVENTS, event("e-1"))
    assert send_all(hubspot, event("e-1"), event("e-2", id="")).status_code == 400


@pytest.mark.parametrize("mode", MODES)
def test_halving_a_refused_batch_ends_with_every_good_event_kept_once(hubspot: HubSpot, mode: str) -> None:
    """A client's strategy works in all three modes: halve the batch, and read a lone conflict as "already there"."""
    hubspot.settings(event_batch=mode)
    hubspot.api("POST", EVENTS, event("e-3"))
    bad = event("e-5", objectId="999999")
    waiting = [[event(f"e-{number}") if number != 5 else bad for number in range(8)]]
    refused: list[str] = []
    while waiting:
        inputs = waiting.pop()
        answer = send_all(hubspot, *inputs)
        if answer.status_code == 200:
            continue
        if len(inputs) > 1:
            waiting += [inputs[: len(inputs) // 2], inputs[len(inputs) // 2 :]]
            continue
        lone = answer.json()["errors"][0] if answer.status_code == 207 else answer.json()
        if lone["category"] != "CONFLICT":
            refused.append(inputs[0]["id"])
    assert refused == ["e-5"]
    assert sorted(kept(hubspot)) == [f"e-{number}" for number in range(8) if number != 5]


def test_events_need_the_timeline_scope(tmp_path: Path) -> None:
    from sandbox.hubspot_sim.testing import SCOPES, example_project

    project = example_project()
    project["components"] = [item for item in project["components"] if item["type"] != "app-event"]
    project["app"]["config"]["auth"]["requiredScopes"].remove("timeline")
    with hubspot_in_process(tmp_path, project=project) as other:
        other.install(scope=" ".join(scope for scope in SCOPES if scope != "timeline"))
        answer = other.api("POST", EVENTS, event("e-1"))
    assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")


def test_a_lost_answer_can_be_played(tmp_path: Path) -> None:
    """The crucial fault for idempotency: the event is accepted, but the sender never learns it."""
    with running_hubspot(tmp_path) as hubspot:
        hubspot.install()
        hubspot.control("POST", "faults", {"path": EVENTS, "kind": "reset_after", "method": "POST"})
        with pytest.raises(requests.ConnectionError):
            hubspot.api("POST", EVENTS, event("e-1"))
        assert hubspot.api("POST", EVENTS, event("e-1")).status_code == 409
        assert kept(hubspot) == ["e-1"]


@pytest.mark.parametrize(("refusal", "status"), [("forbidden", 403), ("unknown_type", 400)])
def test_a_portal_may_lack_the_approval_of_app_events(hubspot: HubSpot, refusal: str, status: int) -> None:
    hubspot.settings(app_events_withheld=[145000001], app_events_refusal=refusal)
    assert send_all(hubspot, event("e-1")).status_code == status
    assert hubspot.api("POST", EVENTS, event("e-1")).status_code == status
    assert kept(hubspot) == []
    hubspot.settings(app_events_withheld=[145000002])
    assert send_all(hubspot, event("e-1")).status_code == 200
