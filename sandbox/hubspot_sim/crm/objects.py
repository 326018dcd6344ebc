"""Reads and changes single CRM records, and logs communications (OpenAPI files of 2026-09)."""

from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from sandbox.hubspot_sim.bearer import admit_type
from sandbox.hubspot_sim.bodies import (
    checked_object,
    cursor,
    json_object,
    listed,
    query_values,
    whole_number,
)
from sandbox.hubspot_sim.crm.activities import check_activity, check_values
from sandbox.hubspot_sim.crm.links import TYPE_IDS
from sandbox.hubspot_sim.crm.object_types import ObjectType, object_type
from sandbox.hubspot_sim.crm.records import Record
from sandbox.hubspot_sim.crm.values import checked_properties
from sandbox.hubspot_sim.errors import Conflict, InvalidInput, NotFound
from sandbox.hubspot_sim.world import Sim, World

_READ_PARAMETERS = ("properties", "propertiesWithHistory", "associations", "archived", "idProperty")


def object_routes(sim: Sim) -> Blueprint:
    """Routes under /crm/objects/2026-09 for one record at a time."""
    routes = Blueprint("objects", __name__, url_prefix="/crm/objects/2026-09")
    _add_record_routes(routes, sim)
    _add_collection_routes(routes, sim)
    return routes


def _add_record_routes(routes: Blueprint, sim: Sim) -> None:
    world = sim.world

    @routes.get("/<type_name>/<record_id>")
    def read(type_name: str, record_id: str) -> ResponseReturnValue:
        kind = admit_type(sim, type_name)
        values = query_values(*_READ_PARAMETERS)
        _refuse_unplayed(values)
        with world.lock:
            record = identified(world, kind, record_id, values.get("idProperty"))
            answer = record.as_json(defined_names(world, kind, listed(values, "properties")))
            associated = listed(values, "associations")
            if associated:
                answer["associations"] = _associations(world, record, associated)
        return jsonify(answer)

    @routes.patch("/<type_name>/<record_id>")
    def change(type_name: str, record_id: str) -> ResponseReturnValue:
        kind = admit_type(sim, type_name, write=True)
        values = query_values("idProperty")
        body = json_object(required=["properties"])
        with world.lock:
            record = identified(world, kind, record_id, values.get("idProperty"))
            properties = checked_properties(world.catalogue, kind, body["properties"])
            refuse_taken(world, kind, properties, record.id)
            world.records.update(record, properties)
            return jsonify(record.as_json(list(properties)))

    @routes.delete("/<type_name>/<record_id>")
    def archive(type_name: str, record_id: str) -> ResponseReturnValue:
        kind = admit_type(sim, type_name, write=True)
        query_values()
        with world.lock:
            world.records.archive(identified(world, kind, record_id, None))
        return "", 204


def _add_collection_routes(routes: Blueprint, sim: Sim) -> None:
    world = sim.world

    @routes.get("/<type_name>")
    def read_page(type_name: str) -> ResponseReturnValue:
        kind = admit_type(sim, type_name)
        values = query_values("limit", "after", *_READ_PARAMETERS[:-1])
        _refuse_unplayed(values)
        limit = whole_number(values, "limit", 10, 100)
        with world.lock:
            names = defined_names(world, kind, listed(values, "properties"))
            rows = [record for record in world.records.living(kind) if int(record.id) > cursor(values)]
            answer: dict[str, Any] = {"results": [record.as_json(names) for record in rows[:limit]]}
        if len(rows) > limit:
            answer["paging"] = {"next": {"after": rows[limit - 1].id}}
        return jsonify(answer)

    @routes.post("/<type_name>")
    def create(type_name: str) -> ResponseReturnValue:
        kind = admit_type(sim, type_name, write=True)
        query_values()
        # The OpenAPI file requires both; a record without associations is created with [].
        body = json_object(required=["properties", "associations"])
        with world.lock:
            record = create_record(world, kind, body)
            return jsonify(record.as_json(sorted(record.properties))), 201


def _refuse_unplayed(values: dict[str, str]) -> None:
    """Refuse requests for history or archived records: they are not simulated, and ignoring the parameter would
    mislead.
    """
    if "propertiesWithHistory" in values or values.get("archived", "false") != "false":
        raise InvalidInput("the simulator plays neither propertiesWithHistory nor archived=true")


def identified(world: World, kind: ObjectType, record_id: str, id_property: str | None) -> Record:
    """The record by id (merged ids lead to the survivor) or by a unique property. Raises NotFound."""
    if id_property is None:
        record = world.records.find(kind, record_id)
    else:
        definition = world.catalogue.find(kind, id_property)
        if definition is None or not definition.unique:
            raise InvalidInput(f"Property '{id_property}' is not a unique identifier of {kind.plural}")
        record = world.records.find_by(kind, id_property, record_id)
    if record is None:
        raise NotFound()
    return record


def defined_names(world: World, kind: ObjectType, names: list[str] | None) -> list[str] | None:
    """The requested property names that exist: HubSpot silently leaves the others out of a read."""
    if not names:
        return None
    return [name for name in names if world.catalogue.find(kind, name) is not None]


def refuse_taken(
    world: World, kind: ObjectType, properties: dict[str, str | None], own_id: str | None
) -> None:
    """Raise Conflict when a unique property would get another record's value, InvalidInput for an unknown owner."""
    check_values(world, kind, properties)
    for name, value in properties.items():
        definition = world.catalogue.find(kind, name)
        if definition is None or not definition.unique or value is None:
            continue
        other = world.records.find_by(kind, name, value)
        if other is not None and other.id != own_id:
            raise Conflict(f"{kind.singular.capitalize()} already exists. Existing ID: {other.id}")


def checked_record(
    world: World, kind: ObjectType, body: dict[str, Any]
) -> tuple[dict[str, str | None], list[tuple[ObjectType, str, bool]]]:
    """The properties and associations of a new record. Raises InvalidInput or Conflict."""
    properties = checked_properties(world.catalogue, kind, body["properties"])
    refuse_taken(world, kind, properties, None)
    check_activity(kind, properties)
    return properties, _targets(world, kind, body.get("associations", []))


def create_record(world: World, kind: ObjectType, body: dict[str, Any]) -> Record:
    """A new record from {"properties", "associations"?}. Raises InvalidInput or Conflict; then nothing is stored."""
    properties, targets = checked_record(world, kind, body)
    record = world.records.create(kind, properties)
    for other_kind, other_id, is_primary in targets:
        world.links.add(kind, record.id, other_kind, other_id, primary=is_primary)
    return record


def _targets(world: World, kind: ObjectType, associations: Any) -> list[tuple[ObjectType, str, bool]]:
    """The records to associate a new one with, and which of them is primary. Raises InvalidInput."""
    if not isinstance(associations, list):
        raise InvalidInput("Invalid input JSON: associations must be a list")
    targets = []
    for number, item in enumerate(associations):
        where = f"associations[{number}]"
        checked_object(item, where, required=["to", "types"])
        to_id = str(checked_object(item["to"], f"{where}.to", required=["id"])["id"])
        types = item["types"]
        if not isinstance(types, list) or not types:
            raise InvalidInput(f"Invalid input JSON: {where}.types must be a list with at least one member")
        for entry in types:
            checked_object(entry, where, required=["associationCategory", "associationTypeId"])
            other = _other_side(kind, entry)
            if world.records.find(other, to_id) is None:
                raise InvalidInput(f"One or more associations are not valid: {other.shout} {to_id} not found")
            is_primary = entry["associationTypeId"] == TYPE_IDS[(kind.id, other.id)][1]
            targets.append((other, to_id, is_primary))
    return targets


def _other_side(kind: ObjectType, entry: dict[str, Any]) -> ObjectType:
    for (from_id, to_id), (plain, primary) in TYPE_IDS.items():
        if from_id == kind.id and entry["associationTypeId"] in (plain, primary):
            if entry["associationCategory"] != "HUBSPOT_DEFINED":
                break
            return object_type(to_id)
    raise InvalidInput(
        f"invalid association type {entry['associationCategory']}:{entry['associationTypeId']} "
        f"for {kind.shout}"
    )


def _associations(world: World, record: Record, names: list[str]) -> dict[str, Any]:
    """The `associations` member of a read: ids and type names only."""
    answer: dict[str, Any] = {}
    for name in names:
        other = object_type(name)
        if (record.kind.id, other.id) not in TYPE_IDS:
            raise InvalidInput(f"{record.kind.plural} cannot be associated with {other.plural}")
        links = world.links.of(record.kind, record.id, other)
        if links:
            label = f"{record.kind.singular}_to_{other.singular}"
            answer[other.plural] = {"results": [{"id": link.to_id, "type": label} for link in links]}
    return answer
