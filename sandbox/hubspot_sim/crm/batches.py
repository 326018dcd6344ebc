"""Batch reads and batch updates of CRM records: at most 100 a call, partial answers with status 207."""

from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from sandbox.hubspot_sim.bearer import admit_type
from sandbox.hubspot_sim.bodies import (
    checked_object,
    inputs_of,
    json_object,
    query_values,
    text_list,
)
from sandbox.hubspot_sim.crm.definitions import iso
from sandbox.hubspot_sim.crm.object_types import ObjectType
from sandbox.hubspot_sim.crm.objects import (
    checked_record,
    create_record,
    defined_names,
    identified,
    refuse_taken,
)
from sandbox.hubspot_sim.crm.records import Record
from sandbox.hubspot_sim.crm.values import checked_properties
from sandbox.hubspot_sim.errors import HubSpotError, InvalidInput, NotFound, batch_error
from sandbox.hubspot_sim.world import Sim, World

MOST_INPUTS = 100


def batch_routes(sim: Sim) -> Blueprint:
    """Routes under /crm/objects/2026-09/{type}/batch."""
    routes = Blueprint("batches", __name__, url_prefix="/crm/objects/2026-09")
    world = sim.world

    @routes.post("/<type_name>/batch/read")
    def read(type_name: str) -> ResponseReturnValue:
        kind = admit_type(sim, type_name)
        if query_values("archived").get("archived", "false") != "false":
            raise InvalidInput("the simulator has no archived=true")
        # The OpenAPI file of 2026-09 requires all three; only idProperty may be left out.
        body = json_object(
            required=["inputs", "properties", "propertiesWithHistory"], optional=["idProperty"]
        )
        if text_list(body["propertiesWithHistory"], "propertiesWithHistory"):
            raise InvalidInput("the simulator plays no propertiesWithHistory")
        inputs = inputs_of(body, MOST_INPUTS)
        ids = [_text_id(checked_object(item, "inputs", required=["id"])) for item in inputs]
        with world.lock:
            return _read(sim, kind, ids, body)

    @routes.post("/<type_name>/batch/update")
    def update(type_name: str) -> ResponseReturnValue:
        kind = admit_type(sim, type_name, write=True)
        query_values()
        inputs = inputs_of(json_object(required=["inputs"]), MOST_INPUTS)
        with world.lock:
            return _update(sim, kind, inputs)

    @routes.post("/<type_name>/batch/create")
    def create(type_name: str) -> ResponseReturnValue:
        kind = admit_type(sim, type_name, write=True)
        query_values()
        inputs = inputs_of(json_object(required=["inputs"]), MOST_INPUTS)
        with world.lock:
            return _create(sim, kind, inputs)

    return routes


def _create(sim: Sim, kind: ObjectType, inputs: list[Any]) -> ResponseReturnValue:
    """Create all, or none when one is wrong; create_batch = 207 creates the good ones and reports the others.

    The stable OpenAPI file has 201 only, a beta file 207 with `errors`.
    """
    world, partial = sim.world, sim.settings["create_batch"] == "207"
    for item in inputs:
        checked_object(
            item, "inputs", required=["properties", "associations"], optional=["objectWriteTraceId"]
        )
    if not partial:
        for item in inputs:
            checked_record(world, kind, item)
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for item in inputs:
        trace_id = item.get("objectWriteTraceId")
        try:
            record = create_record(world, kind, item)
        except HubSpotError as refusal:
            context = {} if trace_id is None else {"objectWriteTraceId": [trace_id]}
            errors.append(batch_error(str(refusal.category), refusal.message, context))
            continue
        trace = {} if trace_id is None else {"objectWriteTraceId": trace_id}
        results.append({**record.as_json(sorted(record.properties)), **trace})
    return batch_answer(world, results, errors, 201)


def _text_id(item: dict[str, Any]) -> str:
    """The `id` of an input. HubSpot's ids are texts in its CRM APIs, so numbers are refused."""
    if not isinstance(item["id"], str):
        raise InvalidInput("Invalid input JSON: id must be a string", errors=[{"message": "id", "in": "id"}])
    return item["id"]


def _read(sim: Sim, kind: ObjectType, ids: list[str], body: dict[str, Any]) -> ResponseReturnValue:
    """A merged id is answered with the survivor (OpenAPI file), once; read_merged = left_out answers nothing for it."""
    world = sim.world
    names = defined_names(world, kind, text_list(body["properties"], "properties"))
    found: dict[str, Record] = {}
    missing: list[str] = []
    for record_id in ids:
        try:
            record = identified(world, kind, record_id, body.get("idProperty"))
        except NotFound:
            missing.append(record_id)
        else:
            if record_id not in record.merged_ids or sim.settings["read_merged"] == "survivor":
                found[record.id] = record
    return batch_answer(
        world, [record.as_json(names) for record in found.values()], _not_found(kind, missing)
    )


def _update(sim: Sim, kind: ObjectType, inputs: list[Any]) -> ResponseReturnValue:
    """Ill-formed values refuse the whole batch; missing records are reported one by one.

    A single PATCH follows a merged id (HubSpot docs, objects guide), a batch does not. It leaves the id out of a 200
    without an error, as shipped apps found; update_merged = reported names it as missing.
    """
    world = sim.world
    wanted: dict[str, tuple[dict[str, str | None], str | None]] = {}
    for item in inputs:
        checked_object(
            item, "inputs", required=["id", "properties"], optional=["idProperty", "objectWriteTraceId"]
        )
        if item.get("idProperty") is not None:
            raise InvalidInput("the simulator's batch update takes record ids only")
        record_id = _text_id(item)
        if record_id in wanted:
            raise InvalidInput(f"Duplicate IDs found in batch input: [{record_id}]. IDs must be unique")
        properties = checked_properties(world.catalogue, kind, item["properties"])
        refuse_taken(world, kind, properties, record_id)
        wanted[record_id] = (properties, item.get("objectWriteTraceId"))
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    if sim.settings["updates_do_nothing"]:
        return batch_answer(world, results, errors)
    for record_id, (properties, trace_id) in wanted.items():
        record = world.records.find(kind, record_id, follow_merges=False)
        if record is None:
            is_merged = world.records.find(kind, record_id) is not None
            if not is_merged or sim.settings["update_merged"] == "reported":
                errors += _not_found(kind, [record_id], trace_id)
        else:
            world.records.update(record, properties)
            trace = {} if trace_id is None else {"objectWriteTraceId": trace_id}
            results.append({**record.as_json(list(properties)), **trace})
    return batch_answer(world, results, errors)


def _not_found(kind: ObjectType, ids: list[str], trace_id: str | None = None) -> list[dict[str, Any]]:
    if not ids:
        return []
    context = {"ids": ids} if trace_id is None else {"ids": ids, "objectWriteTraceId": [trace_id]}
    message = (
        f"Could not get some {kind.shout} objects, they may be deleted or not exist. "
        "Check that ids are valid."
    )
    return [batch_error("OBJECT_NOT_FOUND", message, context)]


def batch_answer(
    world: World, results: list[dict[str, Any]], errors: list[dict[str, Any]], status: int = 200
) -> ResponseReturnValue:
    """HubSpot's batch answer: 207 as soon as one input failed, else `status`."""
    now = iso(world.clock.now())
    answer: dict[str, Any] = {
        "status": "COMPLETE",
        "results": results,
        "startedAt": now,
        "completedAt": now,
    }
    if errors:
        answer |= {"numErrors": len(errors), "errors": errors}
    return jsonify(answer), 207 if errors else status
