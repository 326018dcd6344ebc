"""The page API of workflows: definitions, saving, live options, enrolling."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.tests.hubspot_sim.workflows.support import Portal, running_portal

PROPERTY = {"type": "OBJECT_PROPERTY", "property": "mobilephone"}
ALERT = {"type": "STATIC_VALUE", "value": "alert"}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with running_portal(tmp_path_factory.mktemp("pages")) as running:
        yield running


def static(value: Any) -> dict[str, Any]:
    return {"type": "STATIC_VALUE", "value": value}


def draft(**inputs: Any) -> dict[str, Any]:
    given = {"recipient": PROPERTY, "kind": ALERT, **inputs}
    return {
        "name": "Relance",
        "object_type_id": "0-1",
        "action_uid": "send",
        "inputs": {name: value for name, value in given.items() if value is not None},
    }


def test_the_editor_gets_all_it_draws(portal: Portal) -> None:
    (action,) = portal.page("GET", "workflow-actions")["actions"]
    assert action["object_type_ids"] == ["0-1", "0-3"]
    assert set(action["labels"]) == {"en", "fr"}
    fields = {field["name"]: field for field in action["input_fields"]}
    assert fields["sender"]["live_options"]
    assert "optionsUrl" not in fields["sender"]
    assert [option["value"] for option in fields["kind"]["options"]] == ["alert", "marketing"]
    assert fields["recipient"]["value_types"] == ["OBJECT_PROPERTY"]
    properties = portal.page("GET", "workflow-properties/0-3")
    assert properties["token_prefix"] == "deal"
    assert {"fr": "Montant", "en": "Amount"} in [each["labels"] for each in properties["properties"]]


def test_a_workflow_is_saved_changed_and_deleted(portal: Portal) -> None:
    made = portal.page("POST", "workflows", draft(text=static("Bonjour"), wait_hours=static(24)), 201)
    assert made["inputs"]["wait_hours"] == static("24")
    path = f"workflows/{made['id']}"
    changed = portal.page("PUT", path, {**draft(text=static("")), "name": " Autre "})
    assert (changed["name"], changed["version"], changed["id"]) == ("Autre", 2, made["id"])
    assert "text" not in changed["inputs"]
    assert portal.page("GET", path) == changed
    assert changed in portal.page("GET", "workflows")["workflows"]
    portal.page("DELETE", path, status=204)
    portal.page("GET", path, status=404)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("recipient", None, "required"),
        ("recipient", static("0612345678"), "value_type"),
        ("recipient", {"type": "OBJECT_PROPERTY", "property": "mobile"}, "unknown_property"),
        ("kind", PROPERTY, "value_type"),
        ("kind", static("urgent"), "option"),
        ("kind", static(""), "required"),
        ("wait_hours", static("soon"), "number"),
        ("unicode", static("yes"), "bool"),
        ("text", static("Bonjour {{contact.prenom}}"), "unknown_property"),
        ("text", "Bonjour", "malformed"),
        ("texte", static("Bonjour"), "unknown_field"),
    ],
)
def test_an_input_that_cannot_be_saved_is_named(portal: Portal, field: str, value: Any, code: str) -> None:
    (error,) = portal.page("POST", "workflows", draft(**{field: value}), 400)["errors"]
    assert (error["in"], error["code"]) == (field, code)


def test_options_are_asked_for_with_the_inputs_they_depend_on(portal: Portal) -> None:
    option = {"value": "ACME", "label": "ACME", "description": "Last used"}
    portal.app.options = (200, {"options": [option], "after": "2", "searchable": True}, {})
    body = {
        "action_uid": "send",
        "object_type_id": "0-3",
        "inputs": draft()["inputs"],
        "field": "sender",
        "q": "AC",
    }
    answer = portal.page("POST", "workflow-options", body)
    assert answer == {"options": [option], "after": "2", "searchable": True}
    call = portal.app.option_calls[-1]
    assert call["inputFields"] == {"kind": {"type": "STATIC_VALUE", "value": "alert"}}
    assert (call["objectTypeId"], call["inputFieldName"]) == ("0-3", "sender")
    assert call["fetchOptions"] == {"q": "AC"}
    workflow = portal.workflow()
    portal.page("POST", f"workflows/{workflow}/options", {"field": "sender", "after": "2"})
    assert portal.app.option_calls[-1]["fetchOptions"] == {"after": "2"}


@pytest.mark.parametrize(
    "answer",
    [
        (500, {}, {}),
        (200, "oops", {}),
        (200, {"results": []}, {}),
        (200, {"options": [{"value": "a"}]}, {}),
        (200, {"options": [{"value": 1, "label": "a"}]}, {}),
        (200, {"options": [], "more": 1}, {}),
        (200, {"options": [], "after": 2}, {}),
    ],
)
def test_an_unusable_answer_for_options_is_an_error_of_the_page(portal: Portal, answer: Any) -> None:
    portal.app.options = answer
    refused = portal.page("POST", "workflow-options", {"action_uid": "send", "field": "sender"}, 502)
    assert refused["errors"][0]["code"] == "options_failed"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"record_ids": []}, 400),
        ({"record_ids": ["501"], "generate": 2}, 400),
        ({"record_ids": ["999"]}, 404),
        ({"generate": 100_001}, 400),
        ({"generate": 1, "options": {"endings": ["9"]}}, 400),
        ({"generate": 1, "options": {"colour": "red"}}, 400),
    ],
)
def test_what_cannot_be_enrolled(portal: Portal, body: Any, status: int) -> None:
    portal.page("POST", f"workflows/{portal.workflow()}/enrol", body, status)


def test_a_steady_pace(portal: Portal) -> None:
    workflow = portal.workflow()
    portal.enrol(workflow, generate=10, per_second=20)
    assert portal.finished(workflow)["seconds"] >= 9 / 20


def test_numbers_can_be_shared(portal: Portal) -> None:
    before = len(portal.app.calls)
    workflow = portal.workflow()
    portal.enrol(workflow, generate=6, options={"records_per_number": 3, "endings": ["96"]})
    portal.finished(workflow)
    numbers = [call["inputFields"]["recipient"] for call in portal.app.calls[before:]]
    assert sorted(numbers.count(number) for number in set(numbers)) == [3, 3]
