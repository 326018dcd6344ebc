"""Tasks and logged SMS: created with their associations in one call, found again, changed, deleted."""

from typing import Any

import pytest

from sandbox.hubspot_sim.testing import HubSpot

OBJECTS = "/crm/objects/2026-09"
TASK = {
    "hs_timestamp": "2026-11-30T09:00:00Z", "hs_task_subject": "Reply to an SMS", "hs_task_status": "NOT_STARTED",
    "hs_task_priority": "HIGH", "hs_task_type": "TODO", "hubspot_owner_id": "41629701",
    "hs_task_reminders": "1796028300000",
}  # fmt: skip
SMS = {
    "hs_communication_channel_type": "SMS", "hs_communication_logged_from": "CRM",
    "hs_communication_body": "Inbound: Yes please", "hs_timestamp": "2026-11-23T09:31:02Z",
}  # fmt: skip


def link(record_id: str | int, type_id: int) -> dict[str, Any]:
    kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
    return {"to": {"id": record_id}, "types": [kind]}


LINKS = [link("501", 204), link(901, 192), link("1301", 216)]


def create(hubspot: HubSpot, kind: str, properties: dict[str, str], links: list[dict[str, Any]]) -> str:
    answer = hubspot.api("POST", f"{OBJECTS}/{kind}", {"properties": properties, "associations": links})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.fixture(name="hubspot")
def _hubspot(installed: HubSpot) -> HubSpot:
    return installed


def of(hubspot: HubSpot, record: str, kind: str) -> list[str]:
    found = hubspot.api("GET", f"{OBJECTS}/{record}/associations/{kind}").json()["results"]
    return [row["toObjectId"] for row in found]


def test_a_task_is_created_with_its_three_records(hubspot: HubSpot) -> None:
    task = create(hubspot, "tasks", TASK, LINKS)
    assert [of(hubspot, record, "tasks") for record in ("contacts/501", "companies/901", "deals/1301")] == [
        [task]
    ] * 3
    read = hubspot.api("GET", f"{OBJECTS}/tasks/{task}?properties=hs_task_status,hs_task_subject").json()
    assert read["properties"]["hs_task_status"] == "NOT_STARTED"
    done = hubspot.api("PATCH", f"{OBJECTS}/tasks/{task}", {"properties": {"hs_task_status": "COMPLETED"}})
    assert done.json()["properties"]["hs_task_status"] == "COMPLETED"


def test_a_repeated_create_makes_a_second_one(hubspot: HubSpot) -> None:
    """There is no idempotency key."""
    tasks = [create(hubspot, "tasks", TASK, LINKS[:1]) for _ in range(2)]
    logged = [create(hubspot, "communications", SMS, [link("501", 81)]) for _ in range(2)]
    assert of(hubspot, "contacts/501", "tasks") == tasks
    assert of(hubspot, "contacts/501", "communications") == logged
    assert len({*tasks, *logged}) == 4


def test_a_logged_sms_changes_its_body(hubspot: HubSpot) -> None:
    sms = create(hubspot, "communications", SMS, [link("501", 81), link("901", 87), link("1301", 85)])
    update = {"inputs": [{"id": sms, "properties": {"hs_communication_body": "Delivered"}}]}
    assert hubspot.api("POST", f"{OBJECTS}/communications/batch/update", update).status_code == 200
    assert (
        hubspot.control("GET", f"records/communications/{sms}")["properties"]["hs_communication_body"]
        == "Delivered"
    )


@pytest.mark.parametrize("record", ["0-1/501", "0-2/901", "0-3/1301"])
def test_a_logged_sms_is_on_the_timeline_of_its_records(hubspot: HubSpot, record: str) -> None:
    def page() -> dict[str, Any]:
        answer: dict[str, Any] = hubspot.call("GET", f"/sandbox-api/records/{record}").json()
        return answer

    versions = [page()["version"]]
    to_all = [link("501", 81), link("901", 87), link("1301", 85)]
    sms = create(hubspot, "communications", {**SMS, "hubspot_owner_id": "41629701"}, to_all)
    shown = {
        "kind": "communication", "id": sms, "channel": "SMS", "timestamp": "2026-11-23T09:31:02.000Z",
        "body": "Inbound: Yes please", "owner": "Margaux Delattre",
    }  # fmt: skip
    assert page()["timeline"][0] == shown
    versions.append(page()["version"])
    body = {"properties": {"hs_communication_body": "Inbound: Yes please (clicked)"}}
    hubspot.api("PATCH", f"{OBJECTS}/communications/{sms}", body)
    assert page()["timeline"][0] == {**shown, "body": "Inbound: Yes please (clicked)"}
    versions.append(page()["version"])
    hubspot.api("DELETE", f"{OBJECTS}/communications/{sms}")
    assert [entry["kind"] for entry in page()["timeline"]] == ["created"]
    versions.append(page()["version"])
    # The page polls: each change must show in the version.
    assert versions == sorted(set(versions))


def test_a_logged_sms_takes_its_place_by_time(hubspot: HubSpot) -> None:
    for body, instant in (("late", "2026-11-23T09:31:02Z"), ("early", "2026-11-20T08:00:00Z")):
        properties = {**SMS, "hs_communication_body": body, "hs_timestamp": instant}
        create(hubspot, "communications", properties, [link("501", 81)])
    timeline = hubspot.call("GET", "/sandbox-api/records/0-1/501").json()["timeline"]
    assert [entry.get("body") for entry in timeline] == ["late", "early", None]
    assert timeline[0]["owner"] is None


def test_the_timeline_may_draw_a_logged_sms_without_its_html(hubspot: HubSpot) -> None:
    body = '<p>Yes &amp; no <a href="https://a.example/c">Answer</a></p>'
    create(hubspot, "communications", {**SMS, "hs_communication_body": body}, [link("501", 81)])

    def drawn() -> str:
        return str(hubspot.call("GET", "/sandbox-api/records/0-1/501").json()["timeline"][0]["body"])

    assert drawn() == body
    hubspot.settings(communication_html=False)
    assert drawn() == "Yes &amp; no Answer"


def test_a_deleted_task_is_gone(hubspot: HubSpot) -> None:
    task = create(hubspot, "tasks", TASK, LINKS)
    assert hubspot.api("DELETE", f"{OBJECTS}/tasks/{task}").status_code == 204
    assert hubspot.api("GET", f"{OBJECTS}/tasks/{task}").status_code == 404


@pytest.mark.parametrize(("mode", "status", "made"), [("atomic", 400, 0), ("207", 207, 1)])
def test_a_batch_with_a_bad_member(hubspot: HubSpot, mode: str, status: int, made: int) -> None:
    hubspot.settings(create_batch=mode)
    inputs = [
        {"properties": TASK, "associations": LINKS, "objectWriteTraceId": "a"},
        {"properties": {**TASK, "hubspot_owner_id": "77"}, "associations": [], "objectWriteTraceId": "b"},
    ]
    answer = hubspot.api("POST", f"{OBJECTS}/tasks/batch/create", {"inputs": inputs})
    assert (answer.status_code, len(of(hubspot, "contacts/501", "tasks"))) == (status, made)
    if made:
        body = answer.json()
        assert [row["objectWriteTraceId"] for row in body["results"]] == ["a"]
        assert body["errors"][0]["context"]["objectWriteTraceId"] == ["b"]


def test_a_batch_creates_all(hubspot: HubSpot) -> None:
    inputs = [{"properties": SMS, "associations": [link("501", 81)]} for _ in range(3)]
    answer = hubspot.api("POST", f"{OBJECTS}/communications/batch/create", {"inputs": inputs})
    assert (answer.status_code, len(answer.json()["results"])) == (201, 3)


def test_search_finds_the_open_tasks_of_a_contact_after_the_lag(hubspot: HubSpot) -> None:
    hubspot.settings(search_index_lag_s=30)
    task = create(hubspot, "tasks", TASK, LINKS)
    filters = [
        {"propertyName": "associations.contact", "operator": "EQ", "value": "501"},
        {"propertyName": "hs_task_status", "operator": "NEQ", "value": "COMPLETED"},
    ]

    def found() -> list[str]:
        answer = hubspot.api("POST", f"{OBJECTS}/tasks/search", {"filterGroups": [{"filters": filters}]})
        return [row["id"] for row in answer.json()["results"]]

    assert found() == []
    hubspot.control("POST", "clock", {"advance_s": 31})
    assert found() == [task]
    hubspot.api("PATCH", f"{OBJECTS}/tasks/{task}", {"properties": {"hs_task_status": "COMPLETED"}})
    assert found() == [task]  # the index still has the old value
    hubspot.control("POST", "clock", {"advance_s": 31})
    assert found() == []


def test_search_finds_a_number_in_its_new_place_after_the_lag(hubspot: HubSpot) -> None:
    hubspot.settings(search_index_lag_s=30)
    name = "hs_searchable_calculated_mobile_number"
    groups = [{"filters": [{"propertyName": name, "operator": "IN", "values": ["612345678"]}]}]
    hubspot.api("PATCH", f"{OBJECTS}/contacts/503", {"properties": {"mobilephone": "0033 6 12 34 56 78"}})
    hubspot.api("PATCH", f"{OBJECTS}/contacts/501", {"properties": {"mobilephone": "0790"}})

    def found() -> set[tuple[str, str | None]]:
        body = {"filterGroups": groups, "properties": ["hs_calculated_mobile_number"]}
        answer = hubspot.api("POST", f"{OBJECTS}/contacts/search", body).json()
        return {(row["id"], row["properties"]["hs_calculated_mobile_number"]) for row in answer["results"]}

    assert found() == {("501", "+33612345678"), ("518", "+33612345678")}
    hubspot.control("POST", "clock", {"advance_s": 31})
    assert found() == {("503", "+33612345678"), ("518", "+33612345678")}


@pytest.mark.parametrize("exists", [True, False])
def test_a_searchable_number_of_companies_may_not_exist(hubspot: HubSpot, exists: bool) -> None:
    hubspot.settings(company_number_search=exists)
    name = "hs_searchable_calculated_phone_number"
    groups = [{"filters": [{"propertyName": name, "operator": "IN", "values": ["612345640"]}]}]
    listed = hubspot.api("GET", "/crm/properties/2026-09/companies").json()["results"]
    answer = hubspot.api("POST", f"{OBJECTS}/companies/search", {"filterGroups": groups})
    assert (answer.status_code == 200, name in [found["name"] for found in listed]) == (exists, exists)


def test_owners_have_a_second_list_and_queues(hubspot: HubSpot) -> None:
    active = hubspot.api("GET", "/crm/owners/2026-09").json()["results"]
    assert [(owner["id"], owner["type"]) for owner in active][-1] == ("41629710", "QUEUE")
    [former] = hubspot.api("GET", "/crm/owners/2026-09?archived=true").json()["results"]
    assert (former["userId"], former["userIdIncludingInactive"], former["archived"]) == (None, 70, True)
