"""The bodies of HubSpot's calls to an app's actions and option lists.

Source: HubSpot docs and two captures of real executions (2026). `fields` repeats `inputFields`; `typedInputs`,
`context.actionId` and `actionExecutionIndexIdentifier` are newer and not always present (setting
workflow_newer_fields). It is unconfirmed whether an input without value is left out, null or "" (setting
workflow_missing_inputs), and whether numbers and yes/no are JSON values (setting workflow_json_values).
"""

from collections.abc import Mapping
from typing import Any

from sandbox.control import Settings
from sandbox.hubspot_sim.crm.records import Record
from sandbox.hubspot_sim.workflows.actions import PROPERTY, Action
from sandbox.hubspot_sim.workflows.workflow import Workflow

MISSING_INPUTS = ("absent", "null", "empty")
_TYPED = {"string": "STRING", "number": "NUMBER", "bool": "BOOLEAN", "enumeration": "ENUMERATION"}
_ACTION_ID = 1


def execution_body(
    portal_id: int,
    workflow: Workflow,
    record: Record,
    values: Mapping[str, str | None],
    enrolment_id: int,
    settings: Settings,
) -> dict[str, Any]:
    """The body for one execution; `values` are already rendered for the record."""
    action = workflow.action
    index = {"enrollmentId": enrolment_id, "actionExecutionIndex": 0}
    inputs = _inputs(action, values, settings)
    target: dict[str, Any] = {"objectId": int(record.id), "objectType": record.kind.shout}
    if action.requested_properties is not None:
        target["properties"] = {name: record.properties.get(name) for name in action.requested_properties}
    context: dict[str, Any] = {"source": "WORKFLOWS", "workflowId": int(workflow.id)}
    origin = _origin(portal_id, action)
    body = {
        "callbackId": callback_id(portal_id, enrolment_id),
        "origin": origin,
        "context": context,
        "object": target,
    }
    body |= {"fields": inputs, "inputFields": inputs}
    if settings["workflow_newer_fields"]:
        context |= {"actionId": _ACTION_ID, "actionExecutionIndexIdentifier": index}
        origin |= {
            "actionExecutionIndexIdentifier": index,
            "extensionDefinitionId": action.definition_id,
            "extensionDefinitionVersionId": 1,
        }
        body["typedInputs"] = {
            name: {"value": value, "type": _TYPED.get(action.inputs[name].type, "STRING")}
            for name, value in inputs.items()
        }
    return body


def callback_id(portal_id: int, enrolment_id: int) -> str:
    """The name of one execution, the same in every repeat."""
    return f"ap-{portal_id}-{enrolment_id}-{_ACTION_ID}-0"


def options_body(
    portal_id: int,
    action: Action,
    kind_id: str,
    field: str,
    inputs: Mapping[str, Any],
    search: Mapping[str, Any],
) -> dict[str, Any]:
    """The call for a field's live options. inputs: the inputs entered so far; only the linked ones are sent.

    search: the given ones of {"q", "after"} (shape from HubSpot's docs as generally known, unconfirmed).
    """
    linked = {}
    for name in action.linked_inputs(field):
        given = inputs.get(name)
        if isinstance(given, dict) and given.get("type") == PROPERTY:
            linked[name] = {"type": PROPERTY, "propertyName": given.get("property")}
        elif isinstance(given, dict):
            linked[name] = {"type": given.get("type"), "value": given.get("value")}
    return {
        "origin": _origin(portal_id, action),
        "objectTypeId": kind_id,
        "inputFieldName": field,
        "inputFields": linked,
        "fetchOptions": dict(search),
    }


def _origin(portal_id: int, action: Action) -> dict[str, Any]:
    return {"portalId": portal_id, "actionDefinitionId": action.definition_id, "actionDefinitionVersion": 1}


def _inputs(action: Action, values: Mapping[str, str | None], settings: Settings) -> dict[str, Any]:
    missing, as_json = settings["workflow_missing_inputs"], settings["workflow_json_values"]
    inputs: dict[str, Any] = {}
    for name, field in action.inputs.items():
        value = values.get(name)
        if value is None or value == "":
            if missing != "absent":
                inputs[name] = None if missing == "null" else ""
        elif as_json and field.type == "bool":
            inputs[name] = value == "true"
        elif as_json and field.type == "number":
            inputs[name] = float(value) if "." in value else int(value)
        else:
            inputs[name] = value
    return inputs
