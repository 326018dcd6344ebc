"""A table of wrong requests, each with HubSpot's status and category."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from sandbox.hubspot_sim.testing import CLIENT_ID, REDIRECT_URI, HubSpot, hubspot_in_process

OBJECTS = "/crm/objects/2026-09"
PROPERTIES = "/crm/properties/2026-09"
EVENTS = "/integrators/timeline/2026-03/events"
TEXT = {"name": "a", "label": "A", "type": "string", "fieldType": "text", "groupName": "contactinformation"}
YES = {"label": "Yes", "value": "true", "displayOrder": 0, "hidden": False}
EVENT = {
    "eventTypeName": "sms_sent_contact",
    "objectId": "501",
    "id": "e-1",
    "properties": {"recipient": "+33"},
}
TASK = {"hs_timestamp": "2026-11-30T09:00:00Z", "hs_task_type": "TODO"}
SMS = {
    "hs_communication_channel_type": "SMS", "hs_communication_logged_from": "CRM",
    "hs_timestamp": "2026-11-30T09:00:00Z",
}  # fmt: skip
FRAME = {"linkLabel": "a", "headerLabel": "b", "url": "https://a.example", "width": 8, "height": 6}
READ: dict[str, Any] = {"properties": [], "propertiesWithHistory": []}
HUNDRED_AND_ONE = [{"id": str(n)} for n in range(101)]
V = (400, "VALIDATION_ERROR")
NOT_FOUND = (404, "OBJECT_NOT_FOUND")
MISSING_SCOPES = (403, "MISSING_SCOPES")


class Wrong(NamedTuple):
    """One wrong request and its answer. words: part of the message."""

    method: str
    path: str
    body: Any
    answer: tuple[int, str]
    words: str


def _contact(properties: Any, words: str) -> Wrong:
    return Wrong("PATCH", f"{OBJECTS}/contacts/501", {"properties": properties}, V, words)


def _event(words: str, **changes: Any) -> Wrong:
    body = {name: value for name, value in {**EVENT, **changes}.items() if value is not None}
    return Wrong("POST", EVENTS, body, V, words)


def _property(words: str, **changes: Any) -> Wrong:
    return Wrong("POST", f"{PROPERTIES}/contacts", {**TEXT, **changes}, V, words)


def _link(record_id: str, type_id: int) -> dict[str, Any]:
    return {
        "to": {"id": record_id},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}],
    }


def _task(words: str, **changes: Any) -> Wrong:
    body = {"properties": TASK, "associations": [], **changes}
    return Wrong(
        "POST",
        f"{OBJECTS}/tasks",
        {name: value for name, value in body.items() if value is not None},
        V,
        words,
    )


def _search(words: str, operator: str, name: str = "city", **values: Any) -> Wrong:
    group = {"filters": [{"propertyName": name, "operator": operator, **values}]}
    return Wrong(
        "POST",
        f"{OBJECTS}/tasks/search" if name != "city" else f"{OBJECTS}/contacts/search",
        {"filterGroups": [group]},
        V,
        words,
    )


WRONG = [
    # Paths
    Wrong("GET", "/crm/v3/objects/contacts/501", None, NOT_FOUND, "date-versioned"),
    Wrong("POST", "/crm/v4/associations/contacts/companies/batch/read", {"inputs": []}, NOT_FOUND, "date-versioned"),
    Wrong("POST", "/oauth/v1/token", None, NOT_FOUND, "date-versioned"),
    Wrong("GET", "/contacts/v1/contact/vid/501/profile", None, NOT_FOUND, "date-versioned"),
    Wrong("POST", "/integrators/timeline/v3/events", EVENT, NOT_FOUND, "date-versioned"),
    Wrong("GET", "/account-info/v3/details", None, NOT_FOUND, "date-versioned"),
    Wrong("GET", "/crm/objects/2026-03/contacts/501", None, NOT_FOUND, "does not play"),
    Wrong("POST", "/integrators/timeline/2026-09/events", EVENT, NOT_FOUND, "does not play"),
    Wrong("PUT", f"{OBJECTS}/contacts/501", {"properties": {}}, (405, "METHOD_NOT_ALLOWED"), "not allowed"),
    # Reading records
    Wrong("GET", f"{OBJECTS}/contacts/999999", None, NOT_FOUND, "resource not found"),
    Wrong("GET", f"{OBJECTS}/people/501", None, V, "object type from: people"),
    Wrong("GET", f"{OBJECTS}/contacts/501?property=email", None, V, "Unknown query parameter 'property'"),
    Wrong("GET", f"{OBJECTS}/contacts/501?archived=true", None, V, "archived"),
    Wrong("GET", f"{OBJECTS}/contacts/a@b.example?idProperty=phone", None, V, "not a unique identifier"),
    Wrong("GET", f"{OBJECTS}/contacts?limit=101", None, V, "limit"),
    # Changing records
    Wrong("PATCH", f"{OBJECTS}/contacts/999999", {"properties": {"city": "x"}}, NOT_FOUND, "not found"),
    Wrong("PATCH", f"{OBJECTS}/contacts/501", {"phone": "1"}, V, "required fields were not set: [properties]"),
    Wrong("PATCH", f"{OBJECTS}/contacts/501", {"properties": {}, "x": 1}, V, 'Unrecognized field "x"'),
    Wrong("PATCH", f"{OBJECTS}/contacts/501", [], V, "must be an object"),
    _contact({"smsfactor_is_stopp": "true"}, '"name":"smsfactor_is_stopp"'),
    _contact({"hs_object_id": "7"}, "read only"),
    _contact({"email": "nonsense"}, "INVALID_EMAIL"),
    _contact({"closedate": "yesterday"}, "INVALID_DATE"),
    _contact({"closedate": "2026-11-23T10:00:00"}, "no offset"),
    _contact({"associatedcompanyid": "12a"}, "INVALID_NUMBER"),
    _contact({"lifecyclestage": "Lead"}, "INVALID_OPTION"),
    _contact({"lifecyclestage": " lead"}, "INVALID_WHITESPACE"),
    _contact({"city": None}, "empty one"),
    _contact({"city": ["Paris"]}, "empty one"),
    Wrong(
        "PATCH", f"{OBJECTS}/contacts/502", {"properties": {"email": "camille.moreau@courriel.example"}},
        (409, "CONFLICT"), "Existing ID: 501",
    ),
    # Batches
    Wrong("POST", f"{OBJECTS}/contacts/batch/read", {**READ, "inputs": []}, V, "at least one"),
    Wrong("POST", f"{OBJECTS}/contacts/batch/read", {**READ, "inputs": [{"id": 501}]}, V, "id must be a string"),
    Wrong("POST", f"{OBJECTS}/contacts/batch/read", {**READ, "inputs": HUNDRED_AND_ONE}, V, "is 100"),
    Wrong("POST", f"{OBJECTS}/contacts/batch/read", {"inputs": [{"id": "501"}]}, V, "properties"),
    Wrong(
        "POST", f"{OBJECTS}/contacts/batch/update",
        {"inputs": [{"id": str(n), "properties": {"city": "x"}} for n in range(101)]}, V, "is 100",
    ),
    Wrong(
        "POST", f"{OBJECTS}/contacts/batch/update",
        {"inputs": [{"id": "501", "properties": {"city": "x"}}] * 2}, V, "Duplicate IDs",
    ),
    Wrong("POST", f"{OBJECTS}/contacts/batch/update", {"inputs": [{"id": "501"}]}, V, "[properties]"),
    Wrong(
        "POST", f"{OBJECTS}/contacts/batch/update",
        {"inputs": [{"id": "501", "properties": {"nope": "x"}}, {"id": "502", "properties": {"city": "x"}}]},
        V, "PROPERTY_DOESNT_EXIST",
    ),
    Wrong("POST", f"{OBJECTS}/contacts/batch/archive", {"inputs": [{"id": "501"}]}, NOT_FOUND, "does not play"),
    # Search and associations
    Wrong("POST", f"{OBJECTS}/contacts/search", {"limit": 201}, V, "limit"),
    Wrong("POST", f"{OBJECTS}/contacts/search", {"filterGroups": [{"filters": []}] * 6}, V, "at most 5"),
    Wrong(
        "POST", f"{OBJECTS}/contacts/search",
        {"filterGroups": [{"filters": [{"propertyName": "city", "operator": "IN", "values": ["Paris"]}]}]},
        V, "lower case",
    ),
    Wrong("GET", f"{OBJECTS}/contacts/501/associations/tickets", None, V, "tickets"),
    _search("at most 100", "IN", values=[str(n) for n in range(101)]),
    _search("no search by associations.contact NEQ", "NEQ", name="associations.contact", value="501"),
    _search("object type from: people", "EQ", name="associations.people", value="501"),
    # Tasks and communications
    _task("[associations]", associations=None),
    _task("not set: hs_timestamp", properties={"hs_task_subject": "x"}),
    _task("INVALID_OPTION", properties={**TASK, "hs_task_type": "SMS"}),
    _task("INVALID_OPTION", properties={**TASK, "hs_task_status": "OPEN"}),
    _task("INVALID_OWNER_ID", properties={**TASK, "hubspot_owner_id": "77"}),
    _task("INVALID_OWNER_ID", properties={**TASK, "hubspot_owner_id": "41629690"}),
    _task("INVALID_LONG", properties={**TASK, "hs_task_reminders": "2026-12-01T09:00:00Z"}),
    _task("PROPERTY_DOESNT_EXIST", properties={**TASK, "hs_task_title": "x"}),
    _task("invalid association type", associations=[_link("501", 203)]),
    _task("CONTACT 999999 not found", associations=[_link("999999", 204)]),
    _task("[types]", associations=[{"to": {"id": "501"}}]),
    Wrong("GET", f"{OBJECTS}/tasks/999999", None, NOT_FOUND, "not found"),
    Wrong("DELETE", f"{OBJECTS}/tasks/999999", None, NOT_FOUND, "not found"),
    Wrong(
        "POST", f"{OBJECTS}/tasks/batch/create",
        {"inputs": [{"properties": TASK, "associations": []}, {"properties": {}, "associations": []}]},
        V, "not set: hs_timestamp",
    ),
    Wrong("POST", f"{OBJECTS}/tasks/batch/create", {"inputs": [{"properties": TASK}]}, V, "[associations]"),
    Wrong("POST", f"{OBJECTS}/tasks/batch/create", {"inputs": [{}] * 101}, V, "is 100"),
    Wrong("POST", f"{OBJECTS}/communications", {"properties": SMS}, V, "[associations]"),
    Wrong(
        "POST", f"{OBJECTS}/communications",
        {"properties": {**SMS, "hs_communication_logged_from": "APP"}, "associations": []}, V, "INVALID_OPTION",
    ),
    Wrong(
        "POST", f"{OBJECTS}/communications",
        {"properties": {**SMS, "hs_communication_channel_type": None}, "associations": []}, V, "empty one",
    ),
    # Properties
    Wrong("GET", f"{PROPERTIES}/contacts/nope", None, NOT_FOUND, "nope"),
    Wrong("POST", f"{PROPERTIES}/contacts", {"name": "a"}, V, "[label]"),
    _property("Invalid name", name="SMS Status"),
    _property("Invalid property type", type="text"),
    _property("does not go with type", fieldType="select"),
    _property("group nope does not exist", groupName="nope"),
    _property("needs options", type="enumeration", fieldType="select"),
    _property("exactly the options", type="bool", fieldType="booleancheckbox", options=[YES]),
    _property("distinct", type="enumeration", fieldType="select", options=[YES, YES]),
    _property("takes no options", options=[YES]),
    _property('Unrecognized field "labels"', labels={}),
    Wrong(
        "POST", f"{PROPERTIES}/contacts", {**TEXT, "name": "city"},
        (409, "OBJECT_ALREADY_EXISTS"), "'city' already exists",
    ),
    Wrong(
        "POST", f"{PROPERTIES}/contacts/groups", {"name": "contactinformation", "label": "x"},
        (409, "OBJECT_ALREADY_EXISTS"), "already exists",
    ),
    # Events
    _event("no app event type", eventTypeName="sms_received"),
    _event("[id]", id=None),
    _event("not empty", id=""),
    _event("does not exist on event type", properties={"status": "x"}),
    _event("must be sent as a string", properties={"parts": 2}),
    _event("not a number", properties={"parts": "two"}),
    _event("not a enumeration", properties={"push_type": "urgent"}),
    _event("not a date", properties={"sent_on": "tomorrow"}),
    _event("No CONTACT found", objectId="999999"),
    _event("objectId must be a text", objectId=501),
    _event("objectId must be a text", objectId=None),
    _event("finds no record by utk", utk="x"),
    _event("ISO 8601", timestamp="23/11/2026"),
    _event("ISO 8601", timestamp=1763890262114),
    _event("[height]", timelineIFrame={**{k: v for k, v in FRAME.items() if k != "height"}}),
    _event("https url", timelineIFrame={**FRAME, "url": "http://a.example"}),
    _event('Unrecognized field "objectid"', objectid="501"),
    Wrong("POST", f"{EVENTS}/batch", {"inputs": [EVENT] * 501}, V, "is 500"),
    # Scopes
    Wrong("GET", f"{OBJECTS}/companies/901", None, MISSING_SCOPES, "required scopes"),
    Wrong("PATCH", f"{OBJECTS}/deals/1301", {"properties": {}}, MISSING_SCOPES, "required scopes"),
    Wrong("GET", f"{PROPERTIES}/deals", None, MISSING_SCOPES, "required scopes"),
    Wrong("GET", "/crm/owners/2026-09", None, MISSING_SCOPES, "required scopes"),
]  # fmt: skip


@pytest.fixture(scope="module")
def hubspot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubSpot]:
    """One world for all: no refusal changes it."""
    with hubspot_in_process(tmp_path_factory.mktemp("build")) as found:
        found.install(optional_scope=None)
        found.settings(rate_limit_max=10_000)
        yield found


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{wrong.method} {wrong.path} {wrong.words}")
def test_a_wrong_request_is_refused_as_documented(hubspot: HubSpot, wrong: Wrong) -> None:
    before = hubspot.control("GET", "records/contacts/501")["version"]
    if "/search" in wrong.path:
        hubspot.control("POST", "clock", {"advance_s": 1})
    answer = hubspot.api(wrong.method, wrong.path, wrong.body)
    body = answer.json()
    assert (answer.status_code, body["category"]) == wrong.answer
    assert body["status"] == "error"
    assert len(body["correlationId"]) == 36
    assert wrong.words in body["message"]
    assert hubspot.control("GET", "records/contacts/501")["version"] == before
    assert hubspot.control("GET", "events")["events"] == []


def test_a_missing_scope_is_named(hubspot: HubSpot) -> None:
    error = hubspot.api("GET", f"{OBJECTS}/companies/901").json()["errors"][0]
    assert error["context"]["requiredGranularScopes"] == ["crm.objects.companies.read"]


def test_every_wrong_property_is_named(hubspot: HubSpot) -> None:
    properties = {"nope": "x", "associatedcompanyid": "x", "city": "Lyon"}
    errors = hubspot.api("PATCH", f"{OBJECTS}/contacts/501", {"properties": properties}).json()["errors"]
    assert [(error["code"], error["context"]["propertyName"]) for error in errors] == [
        ("PROPERTY_DOESNT_EXIST", ["nope"]),
        ("INVALID_NUMBER", ["associatedcompanyid"]),
    ]


@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer unknown", "Basic eDp5", "bearer unknown"])
def test_without_a_known_token_there_is_only_401(hubspot: HubSpot, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    for path in (f"{OBJECTS}/contacts/501", f"{OBJECTS}/nonsense/501", f"{PROPERTIES}/contacts"):
        answer = hubspot.call("GET", path, headers=headers)
        assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")


def test_a_token_in_the_query_is_none(hubspot: HubSpot) -> None:
    answer = hubspot.call("GET", f"{OBJECTS}/contacts/501", params={"access_token": hubspot.access_token})
    assert answer.status_code == 401


def test_a_body_that_is_not_json_is_refused(hubspot: HubSpot) -> None:
    headers = {"Authorization": f"Bearer {hubspot.access_token}", "Content-Type": "application/json"}
    broken = hubspot.call("PATCH", f"{OBJECTS}/contacts/501", data=b"{", headers=headers)
    assert (broken.status_code, broken.json()["category"]) == V
    form = hubspot.call(
        "PATCH", f"{OBJECTS}/contacts/501", data="a=b", headers={"Authorization": headers["Authorization"]}
    )
    assert form.status_code == 415


def test_the_token_endpoint_refuses_in_its_own_shape(hubspot: HubSpot) -> None:
    answer = hubspot.token(grant_type="refresh_token", refresh_token="x")
    assert answer.status_code == 400
    assert answer.json()["status"] == "BAD_REFRESH_TOKEN"
    form = {"grant_type": "authorization_code", "client_id": CLIENT_ID, "redirect_uri": REDIRECT_URI}
    assert hubspot.call("POST", "/oauth/2026-09/token", data=form).json()["status"] == "BAD_CLIENT_SECRET"
