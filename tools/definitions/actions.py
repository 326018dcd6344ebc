"""The workflow actions' definitions, from actions.toml, outcomes.toml and the product's own words.

Source of the shape: HubSpot docs (custom workflow actions in projects).
"""

from collections.abc import Mapping
from typing import Any

from connector.domain import objects
from connector.domain.refusals import Code
from connector.domain.vocabulary import ExecutionStatus, Hold, MessageState, PushType, Reason, WaitFor
from connector.domain.workflows.fields import REASONS as REFUSALS
from tools.definitions.layout import TableInvalid, read_table, same_words
from tools.stage import PLACEHOLDER

LANGUAGES = ("en", "fr")
#: Kind of a field -> HubSpot's type and field type.
KINDS = {
    "text": ("string", "text"),
    "textarea": ("string", "textarea"),
    "number": ("number", "number"),
    "checkbox": ("bool", "booleancheckbox"),
    "select": ("enumeration", "select"),
}
#: Input with fixed choices -> values that the backend accepts.
CHOICES: Mapping[str, list[str]] = {
    "phone_property": list(objects.CONTACT.phone_properties),
    "push_type": [push_type.value for push_type in PushType],
    "wait_for": [wait_for.value for wait_for in WaitFor],
}
STATUSES = [status.value for status in ExecutionStatus]
#: All values of the output `reason`: reasons of refusals, of messages, of waiting messages, of an unknown outcome.
REASONS = {str(word) for word in (*Code, *Reason, *Hold, MessageState.MODERATED, MessageState.CANCELLED)} | {
    "outcome_unknown"
}
#: Reasons that need their own sentence.
EXPLAINED = {str(word) for word in (*REFUSALS, *Hold)}
_BACKEND = "${BACKEND_URL}/hubspot/workflow/" + PLACEHOLDER

Table = Mapping[str, Any]


def action_definitions() -> list[dict[str, Any]]:
    """One definition for each action. Raises TableInvalid where the tables and the product disagree."""
    table, outcomes = read_table("actions"), read_table("outcomes")
    offered = sorted(name for action in table["actions"] for name in action["objects"])
    same_words("objects of all actions", offered, sorted(one.name for one in objects.ALL))
    same_words("statuses", list(outcomes["statuses"]), STATUSES)
    _check_reasons(set(outcomes["reasons"]))
    return [_definition(action, table, outcomes) for action in table["actions"]]


def _check_reasons(written: set[str]) -> None:
    """Raises TableInvalid for a reason that no workflow gets, and for a reason without a sentence."""
    if written - REASONS:
        raise TableInvalid(f"no reasons: {', '.join(sorted(written - REASONS))}")
    if EXPLAINED - written:
        raise TableInvalid(f"without a sentence: {', '.join(sorted(EXPLAINED - written))}")


def _definition(action: Table, table: Table, outcomes: Table) -> dict[str, Any]:
    inputs = [*action["inputs"], *table["inputs"]]
    wire_names = {one.name: one.wire_name for one in objects.ALL}
    return {
        "uid": action["uid"],
        "type": "workflow-action",
        "config": {
            "actionUrl": f"{_BACKEND}/{action['path']}",
            "isPublished": True,
            "supportedClients": [{"client": "WORKFLOWS"}],
            "objectTypes": [wire_names[name] for name in action["objects"]],
            **_requested(action),
            "inputFields": [_input(field) for field in inputs],
            "inputFieldDependencies": [_dependency(field) for field in inputs if "only_with" in field],
            "outputFields": [_output(field) for field in table["outputs"]],
            "executionRules": _rules(outcomes, inputs),
            "labels": {
                language: _labels(language, action, inputs, table["outputs"], outcomes)
                for language in LANGUAGES
            },
        },
    }


def _requested(action: Table) -> dict[str, Any]:
    """The properties of a contact or company that HubSpot sends along; a deal's people are read instead."""
    if not all(one.phone_setting for one in objects.ALL if one.name in action["objects"]):
        return {}
    return {"objectRequestOptions": {"properties": list(objects.OWNER_PROPERTIES)}}


def _input(field: Table) -> dict[str, Any]:
    type_definition = _type_definition(field)
    if field["kind"] == "select" and "live_options" in field:
        type_definition["optionsUrl"] = f"{_BACKEND}/options/{field['live_options']}"
    elif field["kind"] == "select":
        same_words(field["name"], list(field["options"]), CHOICES[field["name"]])
        # HubSpot requires a label here too; the labels in the users' languages follow below.
        type_definition["options"] = [
            {"value": value, "label": label["en"]} for value, label in field["options"].items()
        ]
    return {
        "typeDefinition": type_definition,
        "supportedValueTypes": ["OBJECT_PROPERTY" if field.get("from") == "property" else "STATIC_VALUE"],
        "isRequired": field.get("required", False),
    }


def _output(field: Table) -> dict[str, Any]:
    type_definition = _type_definition(field)
    if field["name"] == "status":
        type_definition["options"] = [
            {"value": status, "label": f"${{ACTION_STATUS_{status.upper()}}}", "displayOrder": order}
            for order, status in enumerate(STATUSES)
        ]
    return {"typeDefinition": type_definition}


def _type_definition(field: Table) -> dict[str, Any]:
    type_, field_type = KINDS[field["kind"]]
    return {"name": field["name"], "type": type_, "fieldType": field_type}


def _dependency(field: Table) -> dict[str, Any]:
    return {
        "dependencyType": "SINGLE_FIELD",
        "controllingFieldName": field["only_with"],
        "dependentFieldNames": [field["name"]],
    }


def _rules(outcomes: Table, inputs: list[Table]) -> list[dict[str, Any]]:
    """HubSpot shows the sentence of the first rule that matches."""
    twice = set(outcomes["reasons"]) & set(outcomes["statuses"])
    if twice:
        raise TableInvalid(f"both a reason and a status: {', '.join(sorted(twice))}")
    by_field = [
        {
            "labelName": _field_rule(field),
            "conditions": {"reason": Code.BAD_INPUT.value, "detail": field["name"]},
        }
        for field in inputs
    ]
    by_reason = [
        {"labelName": reason, "conditions": _only_for(sentences) | {"reason": reason}}
        for reason, sentences in outcomes["reasons"].items()
    ]
    by_status = [{"labelName": status, "conditions": {"status": status}} for status in outcomes["statuses"]]
    return by_field + by_reason + by_status


def _field_rule(field: Table) -> str:
    """Name of the rule whose sentence names this input."""
    return f"{Code.BAD_INPUT}_{field['name']}"


def _field_sentence(outcomes: Table, field: Table, language: str) -> str:
    """The sentence about an input that is missing or not valid, with the label that users see."""
    written: str = outcomes["field_at_fault"][language]
    return written.replace("{label}", field["label"][language]).replace("{help}", field["help"][language])


def _only_for(sentences: Table) -> dict[str, str]:
    """A condition that limits a reason's sentence to one status."""
    if "status" not in sentences:
        return {}
    if sentences["status"] not in STATUSES:
        raise TableInvalid(f"no status: {sentences['status']}")
    return {"status": sentences["status"]}


def _labels(
    language: str, action: Table, inputs: list[Table], outputs: list[Table], outcomes: Table
) -> dict[str, Any]:
    return {
        "actionName": action["name"][language],
        "actionDescription": action["description"][language],
        "actionCardContent": action["card"][language],
        "appDisplayName": "${APP_NAME}",
        "inputFieldLabels": {field["name"]: field["label"][language] for field in inputs},
        "inputFieldDescriptions": {field["name"]: field["help"][language] for field in inputs},
        "inputFieldOptionLabels": {
            field["name"]: {value: label[language] for value, label in field["options"].items()}
            for field in inputs
            if "options" in field
        },
        "outputFieldLabels": {field["name"]: field["label"][language] for field in outputs},
        "executionRules": {_field_rule(field): _field_sentence(outcomes, field, language) for field in inputs}
        | {
            name: sentences[language]
            for part in ("reasons", "statuses")
            for name, sentences in outcomes[part].items()
        },
    }
