"""The page API of workflows, for the editor, the enrolment and the history pages. Shapes: ../README.md."""

from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from sandbox.hubspot_sim.bodies import checked_object, json_object, query_values, text_list, whole_number
from sandbox.hubspot_sim.crm.object_types import find_type, object_type
from sandbox.hubspot_sim.errors import InvalidInput, NotFound
from sandbox.hubspot_sim.seed.generated import generate, read_order
from sandbox.hubspot_sim.workflows.actions import Action
from sandbox.hubspot_sim.workflows.engine import Engine
from sandbox.hubspot_sim.workflows.history import ROW_STATES
from sandbox.hubspot_sim.workflows.options import fetch_options
from sandbox.hubspot_sim.workflows.workflow import Workflow, checked_inputs
from sandbox.hubspot_sim.world import Sim

_FIELDS = ("name", "object_type_id", "action_uid", "inputs")
LONGEST_PAGE = 500


def workflow_routes(sim: Sim, engine: Engine) -> Blueprint:
    """All routes of workflows under /sandbox-api."""
    routes = Blueprint("workflows", __name__, url_prefix="/sandbox-api")
    _add_definition_routes(routes, sim)
    _add_workflow_routes(routes, sim, engine)
    _add_option_routes(routes, sim, engine)
    _add_run_routes(routes, sim, engine)
    return routes


def _add_definition_routes(routes: Blueprint, sim: Sim) -> None:
    @routes.get("/workflow-actions")
    def list_actions() -> ResponseReturnValue:
        with sim.world.lock:
            installed = sim.world.grants.installed
        actions = sim.project.actions.values() if installed else ()
        return jsonify(app_name=sim.project.app_name, actions=[action.as_json() for action in actions])

    @routes.get("/workflow-properties/<type_id>")
    def list_properties(type_id: str) -> ResponseReturnValue:
        """The properties that a token or an OBJECT_PROPERTY input may name, with labels in both languages."""
        kind = find_type(type_id)
        if kind is None or kind.schema_scopes is None:
            raise NotFound(f"there are no workflows for the object type {type_id}")
        with sim.world.lock:
            found = [each for each in sim.world.catalogue.all(kind) if not each.hidden]
        return jsonify(
            object_type_id=kind.id,
            token_prefix=kind.singular,
            properties=[
                {"name": each.name, "labels": each.labels, "type": each.type, "field_type": each.field_type}
                for each in found
            ],
        )


def _add_workflow_routes(routes: Blueprint, sim: Sim, engine: Engine) -> None:
    lock = sim.world.lock

    @routes.get("/workflows")
    def list_workflows() -> ResponseReturnValue:
        with lock:
            return jsonify(workflows=[workflow.as_json() for workflow in engine.workflows.values()])

    @routes.post("/workflows")
    def create() -> ResponseReturnValue:
        body = json_object(required=_FIELDS)
        with lock:
            workflow = _checked(sim, body, engine.new_workflow_id(), 1)
            engine.workflows[workflow.id] = workflow
        return jsonify(workflow.as_json()), 201

    @routes.get("/workflows/<workflow_id>")
    def read(workflow_id: str) -> ResponseReturnValue:
        with lock:
            return jsonify(_found(engine, workflow_id).as_json())

    @routes.put("/workflows/<workflow_id>")
    def change(workflow_id: str) -> ResponseReturnValue:
        """Replace the whole workflow. Runs that have begun continue with the version they started with."""
        body = json_object(required=_FIELDS)
        with lock:
            old = _found(engine, workflow_id)
            engine.workflows[old.id] = workflow = _checked(sim, body, old.id, old.version + 1)
        return jsonify(workflow.as_json())

    @routes.delete("/workflows/<workflow_id>")
    def delete(workflow_id: str) -> ResponseReturnValue:
        with lock:
            del engine.workflows[_found(engine, workflow_id).id]
        return "", 204


def _add_option_routes(routes: Blueprint, sim: Sim, engine: Engine) -> None:
    @routes.post("/workflows/<workflow_id>/options")
    def saved_options(workflow_id: str) -> ResponseReturnValue:
        body = json_object(required=["field"], optional=["q", "after"])
        with sim.world.lock:
            workflow = _found(engine, workflow_id)
        inputs = {name: given.as_json() for name, given in workflow.inputs.items()}
        return jsonify(fetch_options(sim, workflow.action, workflow.kind, inputs, body))

    @routes.post("/workflow-options")
    def draft_options() -> ResponseReturnValue:
        body = json_object(
            required=["action_uid", "field"], optional=["object_type_id", "inputs", "q", "after"]
        )
        action = _action(sim, body["action_uid"])
        kind = object_type(str(body["object_type_id"])) if "object_type_id" in body else action.kinds[0]
        inputs = checked_object(body.get("inputs", {}), "inputs", optional=list(body.get("inputs", {})))
        return jsonify(fetch_options(sim, action, kind, inputs, body))


def _add_run_routes(routes: Blueprint, sim: Sim, engine: Engine) -> None:
    world = sim.world

    @routes.post("/workflows/<workflow_id>/enrol")
    def enrol(workflow_id: str) -> ResponseReturnValue:
        body = json_object(optional=["record_ids", "generate", "options", "per_second"])
        pace = body.get("per_second", 0)
        if not isinstance(pace, int | float) or isinstance(pace, bool) or pace < 0:
            raise InvalidInput("per_second must be a number, 0 for all at once")
        with world.lock:
            workflow = _found(engine, workflow_id)
            run = engine.enrol(workflow, _records(sim, workflow, body), pace)
            return jsonify(run_id=run.id, enrolled=run.enrolled), 202

    @routes.get("/workflows/<workflow_id>/runs")
    def runs(workflow_id: str) -> ResponseReturnValue:
        query_values()
        with world.lock:
            _found(engine, workflow_id)
            now = world.clock.now()
            found = [run for run in engine.enrolments.runs if run.workflow.id == workflow_id]
            answer = [run.as_json(now) for run in reversed(found)]
        return jsonify(runs=answer, retry_compression=sim.settings["workflow_retry_compression"])

    @routes.get("/workflows/<workflow_id>/history")
    def history(workflow_id: str) -> ResponseReturnValue:
        values = query_values("after", "limit", "record_id", "state")
        limit = whole_number(values, "limit", 50, LONGEST_PAGE)
        before = whole_number(values, "after", 1, 10**9) if "after" in values else None
        if values.get("state") not in (None, *ROW_STATES):
            raise InvalidInput(f"state must be one of {', '.join(ROW_STATES)}")
        with world.lock:
            _found(engine, workflow_id)
            rows, after, total = engine.history.page(
                workflow_id,
                before=before,
                limit=limit,
                record_id=values.get("record_id"),
                state=values.get("state"),
            )
        results = [row.as_json(number, world.account.id) for number, row in rows]
        return jsonify(results=results, after=None if after is None else str(after), total=total)


def _found(engine: Engine, workflow_id: str) -> Workflow:
    workflow = engine.workflows.get(workflow_id)
    if workflow is None:
        raise NotFound(f"there is no workflow {workflow_id}")
    return workflow


def _action(sim: Sim, uid: Any) -> Action:
    action = sim.project.actions.get(str(uid))
    if action is None or not sim.world.grants.installed:
        raise NotFound(f"no installed app has an action {uid}")
    return action


def _checked(sim: Sim, body: dict[str, Any], workflow_id: str, version: int) -> Workflow:
    name = body["name"]
    if not isinstance(name, str) or not name.strip():
        raise InvalidInput("name: required", errors=[{"message": "name", "in": "name", "code": "required"}])
    action = _action(sim, body["action_uid"])
    kind = object_type(str(body["object_type_id"]))
    if kind not in action.kinds:
        raise InvalidInput(f"{action.uid} is not for {kind.plural}")
    inputs = checked_inputs(sim.world.catalogue, kind, action, body["inputs"])
    return Workflow(workflow_id, name.strip(), kind, action, inputs, version)


def _records(sim: Sim, workflow: Workflow, body: dict[str, Any]) -> list[Any]:
    """The records to enrol: the chosen ones, or the requested number of new ones."""
    if ("record_ids" in body) == ("generate" in body):
        raise InvalidInput("give either record_ids or generate")
    if "generate" in body:
        return generate(sim.world, read_order(workflow.kind, body["generate"], body.get("options")))
    found = []
    for record_id in dict.fromkeys(text_list(body["record_ids"], "record_ids")):
        record = sim.world.records.find(workflow.kind, record_id)
        if record is None:
            raise NotFound(f"there is no {workflow.kind.singular} {record_id}")
        found.append(record)
    if not found:
        raise InvalidInput("record_ids is empty")
    return found
