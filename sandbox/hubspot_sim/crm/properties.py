"""Property definitions and groups over HTTP (OpenAPI file properties 2026-09; docs, properties guide)."""

import re
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from sandbox.hubspot_sim.bearer import admit_schema
from sandbox.hubspot_sim.bodies import checked_object, inputs_of, json_object, query_values
from sandbox.hubspot_sim.crm.batches import batch_answer
from sandbox.hubspot_sim.crm.definitions import FIELD_TYPES, LANGUAGES, Definition, Group, Option
from sandbox.hubspot_sim.crm.object_types import COMPANY, ObjectType
from sandbox.hubspot_sim.errors import Conflict, InvalidInput, NotFound, batch_error
from sandbox.hubspot_sim.world import Sim, World

MOST_INPUTS = 100
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_REQUIRED = ("name", "label", "type", "fieldType", "groupName")
_OPTIONAL = (
    "description", "options", "displayOrder", "formField", "hasUniqueValue", "hidden", "externalOptions",
    "dataSensitivity",
)  # fmt: skip
# The status 409 is documented. Its category is not (unconfirmed), so a client must go by the status.
# HubSpot limits custom properties by object type and subscription (product catalogue). Number, status and wording of
# the refusal are not in its API documentation (unconfirmed), so a client must list the properties after creating them.
_FULL = "Properties.PROPERTY_LIMIT_REACHED"
_EXISTS = {"category": "OBJECT_ALREADY_EXISTS", "subCategory": "Properties.PROPERTY_EXISTS"}


def property_routes(sim: Sim) -> Blueprint:
    """Routes under /crm/properties/2026-09."""
    routes = Blueprint("properties", __name__, url_prefix="/crm/properties/2026-09/<type_name>")
    _add_property_routes(routes, sim)
    _add_batch_routes(routes, sim)
    _add_group_routes(routes, sim)
    return routes


def _add_property_routes(routes: Blueprint, sim: Sim) -> None:
    world = sim.world

    @routes.get("")
    def read_all(type_name: str) -> ResponseReturnValue:
        kind = admit_schema(sim, type_name)
        _refuse_archived()
        with world.lock:
            shown = [found.as_json(world.language) for found in world.catalogue.all(kind)]
            if kind is COMPANY and not sim.settings["company_number_search"]:
                shown = [found for found in shown if not found["name"].startswith("hs_searchable_")]
            return jsonify(results=shown)

    @routes.get("/<name>")
    def read_one(type_name: str, name: str) -> ResponseReturnValue:
        kind = admit_schema(sim, type_name)
        _refuse_archived()
        with world.lock:
            found = world.catalogue.find(kind, name)
            if found is None:
                raise NotFound(f"Property {name} does not exist")
            return jsonify(found.as_json(world.language))

    @routes.post("")
    def create(type_name: str) -> ResponseReturnValue:
        kind = admit_schema(sim, type_name, write=True)
        query_values()
        return create_property(sim, kind)


def create_property(sim: Sim, kind: ObjectType, *, limited: bool = True) -> ResponseReturnValue:
    """Create the property that the request describes. Raises InvalidInput or Conflict.

    limited: False for the control API, which may fill a portal beyond its limit.
    """
    world = sim.world
    body = json_object(required=_REQUIRED, optional=_OPTIONAL)
    with world.lock:
        definition = _definition(world, kind, body)
        if world.catalogue.find(kind, definition.name) is not None:
            raise Conflict(f"A property named '{definition.name}' already exists.", **_EXISTS)
        if limited and _room(sim, kind) < 1:
            raise _full(sim, kind)
        world.catalogue.add(kind, [definition])
        return jsonify(definition.as_json(world.language)), 201


def _add_batch_routes(routes: Blueprint, sim: Sim) -> None:
    world = sim.world

    @routes.post("/batch/create")
    def create_many(type_name: str) -> ResponseReturnValue:
        kind = admit_schema(sim, type_name, write=True)
        query_values()
        inputs = inputs_of(json_object(required=["inputs"]), MOST_INPUTS)
        with world.lock:
            return _create_many(sim, kind, inputs)

    @routes.post("/batch/read")
    def read_many(type_name: str) -> ResponseReturnValue:
        kind = admit_schema(sim, type_name)
        query_values()
        body = json_object(required=["inputs", "archived"], optional=["dataSensitivity"])
        if body["archived"] is not False:
            raise InvalidInput("the simulator plays no archived properties")
        inputs = inputs_of(body, MOST_INPUTS)
        names = [str(checked_object(item, "inputs", required=["name"])["name"]) for item in inputs]
        with world.lock:
            return _read_many(world, kind, names)


def _add_group_routes(routes: Blueprint, sim: Sim) -> None:
    world = sim.world

    @routes.get("/groups")
    def read_groups(type_name: str) -> ResponseReturnValue:
        kind = admit_schema(sim, type_name)
        query_values()
        with world.lock:
            return jsonify(results=[group.as_json(world.language) for group in world.catalogue.groups(kind)])

    @routes.get("/groups/<name>")
    def read_group(type_name: str, name: str) -> ResponseReturnValue:
        kind = admit_schema(sim, type_name)
        with world.lock:
            group = world.catalogue.group(kind, name)
            if group is None:
                raise NotFound(f"Property group {name} does not exist")
            return jsonify(group.as_json(world.language))

    @routes.post("/groups")
    def create_group(type_name: str) -> ResponseReturnValue:
        kind = admit_schema(sim, type_name, write=True)
        query_values()
        body = json_object(required=["name", "label"], optional=["displayOrder"])
        name = _checked_name(body["name"])
        group = Group(name, _labels(body["label"], "label"), _order(body))
        with world.lock:
            if world.catalogue.group(kind, name) is not None:
                raise Conflict(f"A property group named '{name}' already exists.", "OBJECT_ALREADY_EXISTS")
            world.catalogue.add_group(kind, group)
            return jsonify(group.as_json(world.language)), 201


def _refuse_archived() -> None:
    values = query_values("archived", "dataSensitivity", "locale")
    if values.get("archived", "false") != "false":
        raise InvalidInput("the simulator plays no archived properties")


def _create_many(sim: Sim, kind: ObjectType, inputs: list[Any]) -> ResponseReturnValue:
    """Ill-formed definitions refuse the whole call; existing ones do so or are reported beside the created ones (207),
    by the setting property_batch.
    """
    world = sim.world
    definitions = [
        _definition(world, kind, checked_object(item, "inputs", required=_REQUIRED, optional=_OPTIONAL))
        for item in inputs
    ]
    results, errors = [], []
    taken = [
        definition.name
        for definition in definitions
        if world.catalogue.find(kind, definition.name)
        or definition.name in sim.settings["reserved_properties"]
    ]
    if taken and sim.settings["property_batch"] == "atomic":
        raise Conflict(f"A property named '{taken[0]}' already exists.", **_EXISTS)
    new = [definition for definition in definitions if definition.name not in taken]
    room = _room(sim, kind)
    if len(new) > room and sim.settings["property_batch"] == "atomic":
        raise _full(sim, kind)
    for definition in new[room:]:
        full = _full(sim, kind)
        error = batch_error("VALIDATION_ERROR", full.message, {"name": [definition.name]})
        errors.append({**error, "subCategory": _FULL})
    for definition in definitions:
        if definition in new[room:]:
            continue
        if definition.name not in taken:
            world.catalogue.add(kind, [definition])
            results.append(definition.as_json(world.language))
        else:
            message = f"A property named '{definition.name}' already exists."
            error = batch_error(_EXISTS["category"], message, {"name": [definition.name]})
            errors.append({**error, "subCategory": _EXISTS["subCategory"]})
    return batch_answer(world, results, errors)


def _room(sim: Sim, kind: ObjectType) -> int:
    """How many more custom properties the object type may have; HubSpot's own do not count."""
    own = sum(not found.hubspot_defined for found in sim.world.catalogue.all(kind))
    return max(0, int(sim.settings["custom_properties_max"]) - own)


def _full(sim: Sim, kind: ObjectType) -> InvalidInput:
    most = int(sim.settings["custom_properties_max"])
    return InvalidInput(
        f"The limit of {most} custom properties for {kind.plural} has been reached", subCategory=_FULL
    )


def _read_many(world: World, kind: ObjectType, names: list[str]) -> ResponseReturnValue:
    results, errors = [], []
    for name in dict.fromkeys(names):
        found = world.catalogue.find(kind, name)
        if found is not None:
            results.append(found.as_json(world.language))
        else:
            errors.append(
                batch_error("OBJECT_NOT_FOUND", f"Property {name} does not exist", {"name": [name]})
            )
    return batch_answer(world, results, errors)


def _definition(world: World, kind: ObjectType, body: dict[str, Any]) -> Definition:
    """A new definition from a PropertyCreate. Raises InvalidInput."""
    value_type, field_type = body["type"], body["fieldType"]
    if value_type not in FIELD_TYPES:
        raise InvalidInput(f"Invalid property type: {value_type}; one of {', '.join(FIELD_TYPES)}")
    if field_type not in FIELD_TYPES[value_type]:
        allowed = ", ".join(FIELD_TYPES[value_type])
        raise InvalidInput(f"fieldType {field_type} does not go with type {value_type}; one of {allowed}")
    if world.catalogue.group(kind, str(body["groupName"])) is None:
        raise InvalidInput(f"Property group {body['groupName']} does not exist")
    options = _options(value_type, body.get("options", []))
    flags = {
        name: body.get(name, False) for name in ("formField", "hasUniqueValue", "hidden", "externalOptions")
    }
    for name, value in flags.items():
        if not isinstance(value, bool):
            raise InvalidInput(f"Invalid input JSON: {name} must be true or false")
    return Definition(
        name=_checked_name(body["name"]),
        labels=_labels(body["label"], "label"),
        type=value_type,
        field_type=field_type,
        group=str(body["groupName"]),
        options=options,
        description=str(body.get("description", "")),
        unique=flags["hasUniqueValue"],
        external_options=flags["externalOptions"],
        hubspot_defined=False,
        display_order=_order(body),
        form_field=flags["formField"],
        hidden=flags["hidden"],
        created_at=world.clock.now(),
    )


def _options(value_type: str, items: Any) -> tuple[Option, ...]:
    """The options of an enumeration or bool property; other types take none. Raises InvalidInput."""
    if not isinstance(items, list):
        raise InvalidInput("Invalid input JSON: options must be a list")
    if bool(items) != (value_type in ("enumeration", "bool")):
        raise InvalidInput(f"a property of type {value_type} {'takes no' if items else 'needs'} options")
    options = []
    for item in items:
        checked_object(
            item, "options", required=["label", "value", "displayOrder", "hidden"], optional=["description"]
        )
        if not isinstance(item["value"], str) or not item["value"] or ";" in item["value"]:
            raise InvalidInput(f"the option value {item['value']!r} is not allowed")
        labels = _labels(item["label"], "options.label")
        description = str(item.get("description", ""))
        options.append(Option(item["value"], labels, _order(item), bool(item["hidden"]), description))
    values, labels_used = [option.value for option in options], [option.labels["en"] for option in options]
    if len(set(values)) < len(values) or len(set(labels_used)) < len(labels_used):
        raise InvalidInput("options must have distinct values and labels")
    if value_type == "bool" and sorted(values) != ["false", "true"]:
        raise InvalidInput("a bool property needs exactly the options true and false")
    return tuple(options)


def _checked_name(name: Any) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidInput(
            f"Invalid name {name!r}: lower-case letters, digits and underscores, beginning with a letter",
            errors=[{"message": "invalid name", "in": "name"}],
        )
    return name


def _labels(label: Any, where: str) -> dict[str, str]:
    """An app's label has one language; it is shown in all."""
    if not isinstance(label, str) or not label.strip():
        raise InvalidInput(f"Invalid input JSON: {where} must be a text")
    return dict.fromkeys(LANGUAGES, label)


def _order(body: dict[str, Any]) -> int:
    order = body.get("displayOrder", -1)
    if not isinstance(order, int) or isinstance(order, bool):
        raise InvalidInput("Invalid input JSON: displayOrder must be a whole number")
    return order
