"""Reads associations, singly and in batches, and creates the default one (HubSpot docs, associations)."""

from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from sandbox.hubspot_sim.bearer import admit_type
from sandbox.hubspot_sim.bodies import (
    checked_object,
    cursor,
    inputs_of,
    json_object,
    query_values,
    whole_number,
)
from sandbox.hubspot_sim.crm.batches import batch_answer
from sandbox.hubspot_sim.crm.links import TYPE_IDS, Link, type_entries
from sandbox.hubspot_sim.crm.object_types import ObjectType, object_type
from sandbox.hubspot_sim.errors import InvalidInput, NotFound, batch_error
from sandbox.hubspot_sim.world import Sim

MOST_INPUTS = 1000
_LONGEST_PAGE = 500


def association_routes(sim: Sim) -> Blueprint:
    """Association routes of 2026-09."""
    routes = Blueprint("associations", __name__)
    _add_read_routes(routes, sim)
    _add_write_routes(routes, sim)
    return routes


def _add_read_routes(routes: Blueprint, sim: Sim) -> None:
    world = sim.world

    @routes.get("/crm/objects/2026-09/<from_name>/<record_id>/associations/<to_name>")
    def of_one(from_name: str, record_id: str, to_name: str) -> ResponseReturnValue:
        kind = admit_type(sim, from_name, associations=True)
        other = _other(kind, to_name)
        values = query_values("limit", "after")
        limit = whole_number(values, "limit", _LONGEST_PAGE, _LONGEST_PAGE)
        with world.lock:
            record = world.records.find(kind, record_id)
            if record is None:
                raise NotFound()
            entries = _entries(sim, kind, other, world.links.of(kind, record.id, other))
        start = cursor(values)
        answer: dict[str, Any] = {"results": entries[start : start + limit]}
        if len(entries) > start + limit:
            answer["paging"] = {"next": {"after": str(start + limit)}}
        return jsonify(answer)

    @routes.post("/crm/associations/2026-09/<from_name>/<to_name>/batch/read")
    def of_many(from_name: str, to_name: str) -> ResponseReturnValue:
        kind = admit_type(sim, from_name, associations=True)
        other = _other(kind, to_name)
        query_values()
        inputs = inputs_of(json_object(required=["inputs"]), MOST_INPUTS)
        ids = [
            str(checked_object(item, "inputs", required=["id"], optional=["after"])["id"]) for item in inputs
        ]
        with world.lock:
            return _read_many(sim, kind, other, ids)


def _add_write_routes(routes: Blueprint, sim: Sim) -> None:
    world = sim.world

    @routes.put("/crm/objects/2026-09/<from_name>/<record_id>/associations/default/<to_name>/<to_id>")
    def associate(from_name: str, record_id: str, to_name: str, to_id: str) -> ResponseReturnValue:
        kind = admit_type(sim, from_name, write=True, associations=True)
        other = _other(kind, to_name)
        with world.lock:
            if world.records.find(kind, record_id) is None or world.records.find(other, to_id) is None:
                raise NotFound()
            world.links.add(kind, record_id, other, to_id)
            pairs = ((kind, record_id, other, to_id), (other, to_id, kind, record_id))
            return batch_answer(world, [_made(*pair) for pair in pairs], [])


def _other(kind: ObjectType, name: str) -> ObjectType:
    other = object_type(name)
    if (kind.id, other.id) not in TYPE_IDS:
        raise InvalidInput(f"{kind.plural} cannot be associated with {other.plural}")
    return other


def _entries(sim: Sim, kind: ObjectType, other: ObjectType, links: list[Link]) -> list[dict[str, Any]]:
    """The associated records. toObjectId is text in HubSpot's OpenAPI file and a number in its examples."""
    as_sent = str if sim.settings["association_ids"] == "text" else int
    return [
        {"toObjectId": as_sent(link.to_id), "associationTypes": type_entries(kind, other, link)}
        for link in links
    ]


def _read_many(sim: Sim, kind: ObjectType, other: ObjectType, ids: list[str]) -> ResponseReturnValue:
    """The associations of the given ids; a merged id has none, as its survivor has them all (unconfirmed)."""
    world = sim.world
    results, errors = [], []
    for record_id in dict.fromkeys(ids):
        links = world.links.of(kind, record_id, other)
        if links:
            results.append({"from": {"id": record_id}, "to": _entries(sim, kind, other, links)})
        else:
            # Records without associations are reported like records that do not exist.
            message = f"No {other.shout} is associated with {kind.shout} {record_id}."
            context = {
                "fromObjectId": [record_id],
                "fromObjectType": [kind.plural],
                "toObjectType": [other.plural],
            }
            error = batch_error("OBJECT_NOT_FOUND", message, context)
            errors.append({**error, "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"})
    return batch_answer(world, results, errors)


def _made(kind: ObjectType, record_id: str, other: ObjectType, to_id: str) -> dict[str, Any]:
    return {
        "from": {"id": record_id},
        "to": {"id": to_id},
        "associationSpec": {
            "associationCategory": "HUBSPOT_DEFINED",
            "associationTypeId": TYPE_IDS[(kind.id, other.id)][0],
        },
    }
