"""The control API of workflows: lists executions as proof for tests and benchmarks, generates records."""

import itertools
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from sandbox.hubspot_sim.bodies import cursor, json_object, query_values, whole_number
from sandbox.hubspot_sim.crm.object_types import object_type
from sandbox.hubspot_sim.seed.generated import generate, read_order
from sandbox.hubspot_sim.workflows.engine import Engine
from sandbox.hubspot_sim.workflows.enrolment import Execution
from sandbox.hubspot_sim.workflows.payloads import callback_id
from sandbox.hubspot_sim.world import Sim

LONGEST_PAGE = 10_000


def workflow_control_routes(sim: Sim, engine: Engine) -> Blueprint:
    """Routes under /_control."""
    routes = Blueprint("workflow_control", __name__, url_prefix="/_control")

    @routes.get("/workflow-executions")
    def executions() -> ResponseReturnValue:
        """Every execution in order of enrolment; `after` is the number of the last one read."""
        values = query_values("run_id", "after", "limit")
        limit, after = whole_number(values, "limit", LONGEST_PAGE, LONGEST_PAGE), cursor(values)
        with sim.world.lock:
            chosen = itertools.islice(
                (
                    execution
                    for number, execution in engine.enrolments.executions.items()
                    if number > after and values.get("run_id") in (None, execution.run.id)
                ),
                limit + 1,
            )
            rows = [_facts(sim.world.account.id, execution) for execution in chosen]
        more = rows[limit - 1]["n"] if len(rows) > limit else None
        return jsonify(executions=rows[:limit], after=None if more is None else str(more))

    @routes.post("/records/<type_name>/generate")
    def generate_records(type_name: str) -> ResponseReturnValue:
        body = json_object(required=["count"], optional=["options"])
        order = read_order(object_type(type_name), body["count"], body.get("options"))
        with sim.world.lock:
            made = generate(sim.world, order)
        return jsonify(count=len(made), first_id=made[0].id, last_id=made[-1].id), 201

    return routes


def _facts(portal_id: int, execution: Execution) -> dict[str, Any]:
    return {
        "n": execution.enrolment_id,
        "callback_id": callback_id(portal_id, execution.enrolment_id),
        "run_id": execution.run.id,
        "object_type_id": execution.record.kind.id,
        "record_id": execution.record.id,
        "state": execution.state,
        "attempts": execution.attempts,
        "inputs": execution.values,
        "outputs": execution.outputs,
    }
