"""Completes blocked executions: /automation/actions/callbacks/2026-09 (HubSpot's OpenAPI file actionsV4 of 2026-09).

Strict: only the fields of the file, `typedOutputs` required beside `outputFields`. Unconfirmed and therefore settings:
the status of an unusable callback, the effect on its batch, whether the batch's refusal names it, and the largest
batch. The message gives no reason, because HubSpot's wording is not known.
"""

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from sandbox.hubspot_sim.bearer import admit
from sandbox.hubspot_sim.bodies import checked_object, inputs_of, json_object, query_values
from sandbox.hubspot_sim.errors import HubSpotError, InvalidInput
from sandbox.hubspot_sim.workflows.answers import Outcome, outcome_of
from sandbox.hubspot_sim.workflows.engine import Engine
from sandbox.hubspot_sim.workflows.enrolment import Execution
from sandbox.hubspot_sim.world import Sim

_REQUIRED = ("outputFields", "typedOutputs")
_OPTIONAL = ("failureReasonType", "requestContext")


def callback_routes(sim: Sim, engine: Engine) -> Blueprint:
    """The single and the batch route."""
    routes = Blueprint("callbacks", __name__, url_prefix="/automation/actions/callbacks/2026-09")

    @routes.post("/<callback_id>/complete")
    def complete_one(callback_id: str) -> ResponseReturnValue:
        admit(sim, "automation")
        query_values()
        body = json_object(required=_REQUIRED, optional=_OPTIONAL)
        with sim.world.lock:
            engine.complete(*_usable(sim, engine, callback_id, body))
        return "", 204

    @routes.post("/complete")
    def complete_many() -> ResponseReturnValue:
        admit(sim, "automation")
        query_values()
        inputs = inputs_of(json_object(required=["inputs"]), int(sim.settings["workflow_callback_inputs"]))
        for item in inputs:
            checked_object(item, "inputs", required=("callbackId", *_REQUIRED), optional=_OPTIONAL)
        with sim.world.lock:
            _complete_many(sim, engine, inputs)
        return "", 204

    return routes


def _complete_many(sim: Sim, engine: Engine, inputs: list[Any]) -> None:
    mode = sim.settings["workflow_callback_batch"]
    usable: dict[int, tuple[Execution, Outcome]] = {}
    refusals = []
    for item in inputs:
        try:
            execution, outcome = _usable(sim, engine, str(item["callbackId"]), item)
            if execution.enrolment_id in usable:
                raise InvalidInput(f"Callback {item['callbackId']} is in the batch twice")
            usable[execution.enrolment_id] = (execution, outcome)
        except HubSpotError as refusal:
            refusals.append((str(item["callbackId"]), refusal))
    if not refusals or mode != "atomic":
        for execution, outcome in usable.values():
            engine.complete(execution, outcome)
    if refusals and mode != "silent":
        worst = max(refusals, key=lambda refused: refused[1].status == 400)[1]
        details = [
            {"message": refusal.message, "context": {"callbackId": [callback_id]}}
            for callback_id, refusal in refusals
            if sim.settings["workflow_callback_names"]
        ]
        raise HubSpotError(worst.status, worst.category, worst.message, errors=details)


def _usable(sim: Sim, engine: Engine, callback_id: str, body: dict[str, Any]) -> tuple[Execution, Outcome]:
    """The blocked execution of a callback and its outcome. Raises HubSpotError."""
    given = body["outputFields"]
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise InvalidInput("Invalid input JSON: outputFields must be an object of strings")
    if not isinstance(body["typedOutputs"], dict):
        raise InvalidInput("Invalid input JSON: typedOutputs must be an object")
    execution = engine.enrolments.of_callback(callback_id, sim.world.account.id)
    if execution is None or execution.state != "blocked":
        raise _refusal(sim, execution)
    outcome = outcome_of(given, execution.run.workflow.action.outputs)
    if outcome.state == "BLOCK":
        raise InvalidInput("hs_execution_state must be SUCCESS or FAIL_CONTINUE in a callback")
    return execution, outcome


def _refusal(sim: Sim, execution: Execution | None) -> HubSpotError:
    """Unknown, completed or expired: the status from the settings. Not yet blocked, as HubSpot has not seen our
    answer: 404.
    """
    is_early = execution is not None and not execution.is_final
    status = 404 if is_early else int(sim.settings["workflow_callback_refusal"])
    category = "OBJECT_NOT_FOUND" if status == 404 else "VALIDATION_ERROR"
    return HubSpotError(status, category, "The callback cannot be used")
