"""The custom workflow actions of the installed project, as the runner needs them.

Shape: HubSpot docs, custom workflow actions. The build has validated the files. This module checks again what the
runner relies on, so that a mistake stops the start.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.hubspot_sim.crm.object_types import ObjectType, find_type

STATIC, PROPERTY = "STATIC_VALUE", "OBJECT_PROPERTY"
# HubSpot numbers definitions when it deploys a project. These numbers are ours.
_FIRST_DEFINITION_ID = 77899621


@dataclass(frozen=True)
class Field:
    """One input or output field. options: allowed values; empty when any value is allowed or an address lists them."""

    name: str
    type: str
    field_type: str
    options: tuple[str, ...] = ()
    options_url: str | None = None
    value_types: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class Rule:
    """A sentence for the history, shown when all conditions hold. The first rule that matches is the one shown."""

    label: str
    conditions: Mapping[str, Any]

    def matches(self, outputs: Mapping[str, str]) -> bool:
        """Whether every output has the required value, or one of a list of values."""
        for name, wanted in self.conditions.items():
            allowed = wanted if isinstance(wanted, list) else [wanted]
            if outputs.get(name, "") not in [_text(value) for value in allowed]:
                return False
        return True


@dataclass(frozen=True)
class Action:
    """One action definition. labels: by language, as in the hsmeta file."""

    uid: str
    definition_id: int
    action_url: str
    kinds: tuple[ObjectType, ...]
    inputs: Mapping[str, Field]
    outputs: Mapping[str, Field]
    rules: tuple[Rule, ...]
    dependencies: tuple[Mapping[str, Any], ...]
    requested_properties: tuple[str, ...] | None
    labels: Mapping[str, Mapping[str, Any]]
    config: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The shape of GET /sandbox-api/workflow-actions, from which the editor is drawn."""
        return {
            "uid": self.uid,
            "object_type_ids": [kind.id for kind in self.kinds],
            "labels": self.labels,
            "input_fields": [_field_json(item, self.inputs) for item in self.config["inputFields"]],
            "output_fields": [item["typeDefinition"] for item in self.config.get("outputFields", [])],
            "dependencies": list(self.dependencies),
            "execution_rules": [{"label": rule.label, "conditions": rule.conditions} for rule in self.rules],
        }

    def linked_inputs(self, field: str) -> set[str]:
        """Names of the inputs that control `field`: a request for its options sends only these."""
        return {
            str(dependency["controllingFieldName"])
            for dependency in self.dependencies
            if field in dependency["dependentFieldNames"]
        }


def load_action(component: Mapping[str, Any], place: int) -> Action:
    """The action of a `workflow-action` component of the build. Raises ValueError with the fault in its text."""
    config, uid = component["config"], str(component["uid"])
    kinds = []
    for name in config.get("objectTypes") or ["CONTACT", "COMPANY", "DEAL"]:  # none named: any type
        kind = find_type(str(name))
        if kind is None or kind.schema_scopes is None:
            raise ValueError(f"component {uid}: the simulator has no object type {name!r}")
        kinds.append(kind)
    if not str(config["actionUrl"]).startswith("https://"):
        raise ValueError(f"component {uid}: actionUrl is not an https URL")
    requested = config.get("objectRequestOptions")
    return Action(
        uid=uid,
        definition_id=_FIRST_DEFINITION_ID + place,
        action_url=config["actionUrl"],
        kinds=tuple(kinds),
        inputs={field.name: field for field in map(_field, config["inputFields"])},
        outputs={field.name: field for field in map(_field, config.get("outputFields", []))},
        rules=tuple(Rule(item["labelName"], item["conditions"]) for item in config.get("executionRules", [])),
        dependencies=tuple(config.get("inputFieldDependencies", [])),
        requested_properties=None if requested is None else tuple(requested["properties"]),
        labels=config["labels"],
        config=config,
    )


def _field(item: Mapping[str, Any]) -> Field:
    definition = item["typeDefinition"]
    return Field(
        name=definition["name"],
        type=definition["type"],
        field_type=definition.get("fieldType", ""),
        options=tuple(option["value"] for option in definition.get("options", [])),
        options_url=definition.get("optionsUrl"),
        value_types=tuple(item.get("supportedValueTypes", [])),
        required=bool(item.get("isRequired", False)),
    )


def _field_json(item: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    definition = dict(item["typeDefinition"])
    field = fields[definition["name"]]
    # The page requests options by the field's name. Only HubSpot and the app know the address.
    definition.pop("optionsUrl", None)
    return {
        **definition,
        "live_options": field.options_url is not None,
        "value_types": list(field.value_types),
        "required": field.required,
    }


def _text(value: Any) -> str:
    """A JSON value as it stands in outputFields, where everything is text."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
