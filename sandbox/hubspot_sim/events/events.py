"""App event occurrences: POST /integrators/timeline/2026-03/events and /events/batch.

Rules of HubSpot's docs (app events) and OpenAPI file: occurrences are immutable, `id` is unique per event type
(409 on a repeat), an unknown or ill-typed property refuses the occurrence. HubSpot documents a batch with one bad
member as atomic, but a client must survive other answers too: setting event_batch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from sandbox.hubspot_sim.bearer import admit
from sandbox.hubspot_sim.bodies import checked_object, inputs_of, json_object, query_values
from sandbox.hubspot_sim.crm.batches import batch_answer
from sandbox.hubspot_sim.crm.definitions import iso
from sandbox.hubspot_sim.crm.object_types import CONTACT
from sandbox.hubspot_sim.crm.values import ValueProblem, parse_instant
from sandbox.hubspot_sim.errors import Conflict, HubSpotError, InvalidInput, batch_error
from sandbox.hubspot_sim.events.occurrences import Occurrence
from sandbox.hubspot_sim.project import EventProperty, EventType
from sandbox.hubspot_sim.world import Sim

MOST_INPUTS = 500
EVENT_BATCH_MODES = ("atomic", "partial", "207")
# HubSpot's docs say `timeline`; a shipped app declares `timeline.write`. Either is accepted.
_SCOPES = ("timeline", "timeline.write")
_REQUIRED = ("eventTypeName", "id", "properties")
_OPTIONAL = (
    "objectId", "email", "utk", "domain", "objectTypeFullyQualifiedName", "timestamp", "extraData",
    "timelineIFrame",
)  # fmt: skip
_IFRAME = ("linkLabel", "headerLabel", "url", "width", "height")


@dataclass(frozen=True)
class _Try:
    """One input of a call: its occurrence, or the reason for its refusal."""

    input: Any
    occurrence: Occurrence | None
    refusal: HubSpotError | None


class LeftOut(InvalidInput):
    """The occurrence is dropped, and the answer does not say so."""


def event_routes(sim: Sim) -> Blueprint:
    """The two event routes; `types/projects` is for developers' own tokens and is not simulated."""
    routes = Blueprint("events", __name__, url_prefix="/integrators/timeline/2026-03")
    world = sim.world

    @routes.post("/events")
    def send_one() -> ResponseReturnValue:
        admit(sim, *_SCOPES)
        _require_approval(sim)
        query_values()
        body = json_object(required=_REQUIRED, optional=_OPTIONAL)
        with world.lock:
            try:
                occurrence = _accepted(sim, body, set())
            except LeftOut:
                return jsonify(body), 201
            world.add_occurrence(occurrence)
        return jsonify(_echo(body, occurrence)), 201

    @routes.post("/events/batch")
    def send_many() -> ResponseReturnValue:
        admit(sim, *_SCOPES)
        _require_approval(sim)
        query_values()
        inputs = inputs_of(json_object(required=["inputs"]), MOST_INPUTS)
        with world.lock:
            return _send_many(sim, inputs)

    return routes


def _require_approval(sim: Sim) -> None:
    """App events need HubSpot's approval (HubSpot docs, app events); what a call answers without it is unconfirmed."""
    if sim.world.account.id not in sim.settings["app_events_withheld"]:
        return
    if sim.settings["app_events_refusal"] == "forbidden":
        raise HubSpotError(403, "FORBIDDEN", "App events are not enabled for this app")
    raise InvalidInput("There is no app event type of this name")


def _send_many(sim: Sim, inputs: list[Any]) -> ResponseReturnValue:
    """atomic: one bad input refuses all. partial: the good inputs are stored, but the answer still refuses the bad
    ones. 207: the good inputs are stored and listed, the others are errors.
    """
    tried = _tried(sim, inputs)
    refusals = [item.refusal for item in tried if item.refusal is not None]
    mode = sim.settings["event_batch"]
    if mode != "atomic" or not refusals:
        for item in tried:
            if item.occurrence is not None:
                sim.world.add_occurrence(item.occurrence)
    if refusals and mode != "207":
        raise _worst(refusals, len(inputs))
    results = [_echo(item.input, item.occurrence) for item in tried if item.occurrence is not None]
    errors = [_batch_error(item.input, item.refusal) for item in tried if item.refusal is not None]
    return batch_answer(sim.world, results, errors)


def _tried(sim: Sim, inputs: list[Any]) -> list[_Try]:
    """Check the inputs in order. An id that repeats inside the batch is refused the second time."""
    tried: list[_Try] = []
    seen: set[tuple[str, str]] = set()
    for item in inputs:
        try:
            checked_object(item, "inputs", required=_REQUIRED, optional=_OPTIONAL)
            occurrence = _accepted(sim, item, seen)
        except LeftOut:
            continue
        except HubSpotError as refusal:
            tried.append(_Try(item, None, refusal))
        else:
            seen.add((occurrence.event_type, occurrence.id))
            tried.append(_Try(item, occurrence, None))
    return tried


def _worst(refusals: list[HubSpotError], count: int) -> HubSpotError:
    """The refusal of a whole batch: 400 before 409, as invalid input is looked for first (unconfirmed)."""
    worst = min(refusals, key=lambda refusal: refusal.status)
    details = worst.errors or [{"message": worst.message}]
    message = f"{len(refusals)} of {count} occurrences were not accepted: {worst.message}"
    return HubSpotError(worst.status, worst.category, message, errors=details)


def _batch_error(item: Any, refusal: HubSpotError) -> dict[str, Any]:
    own_id = str(item.get("id", "")) if isinstance(item, dict) else ""
    error = batch_error(str(refusal.category), refusal.message, {"id": [own_id]})
    return {**error, "errors": refusal.errors, "links": {}}


def _accepted(sim: Sim, body: dict[str, Any], seen: set[tuple[str, str]]) -> Occurrence:
    """The occurrence that `body` describes, checked but not yet stored. Raises InvalidInput or Conflict."""
    event_type = sim.project.event_types.get(str(body["eventTypeName"]))
    if event_type is None:
        raise InvalidInput(f"There is no app event type named {body['eventTypeName']!r}")
    occurrence_id = body["id"]
    if not isinstance(occurrence_id, str) or not occurrence_id:
        raise InvalidInput("id must be a text that is not empty")
    now = sim.world.clock.now()
    occurrence = Occurrence(
        event_type=event_type.uid,
        id=occurrence_id,
        object_type_id=event_type.kind.id,
        object_id=_target(sim, event_type, body),
        timestamp=_timestamp(body.get("timestamp"), now),
        accepted_at=now,
        properties=_properties(event_type, body["properties"]),
        extra_data=_extra_data(body.get("extraData")),
        timeline_iframe=_iframe(body.get("timelineIFrame")),
    )
    if (event_type.uid, occurrence_id) in seen or sim.world.occurrences.has(event_type.uid, occurrence_id):
        raise Conflict(
            f"An occurrence of {event_type.uid} with id {occurrence_id} already exists. Occurrences are "
            "immutable."
        )
    return occurrence


def _target(sim: Sim, event_type: EventType, body: dict[str, Any]) -> str:
    """The id of the event's record. A record that does not exist is refused, or left out (unconfirmed)."""
    for name in ("utk", "domain", "objectTypeFullyQualifiedName"):
        if name in body:
            raise InvalidInput(f"the simulator finds no record by {name}; send objectId")
    object_id, email = body.get("objectId"), body.get("email")
    kind = event_type.kind
    if object_id is None and kind is CONTACT and isinstance(email, str):
        record = sim.world.records.find_by(kind, "email", email)
    elif isinstance(object_id, str):
        follow_merges = sim.settings["event_merged_record"] == "survivor"
        record = sim.world.records.find(kind, object_id, follow_merges=follow_merges)
    else:
        raise InvalidInput("objectId must be a text")
    if record is None:
        message = f"No {kind.shout} found for {object_id or email}"
        raise (
            LeftOut(message) if sim.settings["event_unknown_record"] == "left_out" else InvalidInput(message)
        )
    return record.id


def _timestamp(given: Any, now: datetime) -> datetime:
    if given is None:
        return now
    try:
        if not isinstance(given, str) or "T" not in given:
            raise ValueError
        return parse_instant(given)
    except ValueError:
        raise InvalidInput(f"timestamp {given!r} is not an ISO 8601 instant") from None


def _properties(event_type: EventType, given: Any) -> dict[str, str]:
    if not isinstance(given, dict):
        raise InvalidInput("properties must be an object")
    for name, value in given.items():
        declared = event_type.properties.get(name)
        if declared is None:
            raise _property_error(name, f"Property {name} does not exist on event type {event_type.uid}")
        if not isinstance(value, str):
            raise _property_error(name, f"Property {name} must be sent as a string")
        if not _CHECKS[declared.type](declared, value):
            raise _property_error(name, f"{value!r} is not a {declared.type} value of property {name}")
    return dict(given)


def _property_error(name: str, message: str) -> InvalidInput:
    return InvalidInput(
        message, errors=[{"message": message, "in": name, "context": {"propertyName": [name]}}]
    )


def _is_number(declared: EventProperty, value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return value == value.strip() and not any(letter in value for letter in "nN_")


def _is_date(declared: EventProperty, value: str) -> bool:
    try:
        parse_instant(value)
    except ValueProblem:
        return False
    return True


_CHECKS: dict[str, Callable[[EventProperty, str], bool]] = {
    "string": lambda declared, value: True,
    "number": _is_number,
    "enumeration": lambda declared, value: value in declared.options,
    "date": _is_date,
}


def _extra_data(given: Any) -> dict[str, Any] | None:
    if given is not None and not isinstance(given, dict):
        raise InvalidInput("extraData must be an object")
    return given


def _iframe(given: Any) -> dict[str, Any] | None:
    if given is None:
        return None
    checked_object(given, "timelineIFrame", required=_IFRAME)
    texts = all(isinstance(given[name], str) and given[name] for name in _IFRAME[:3])
    sizes = all(isinstance(given[name], int) and given[name] > 0 for name in _IFRAME[3:])
    if not texts or not sizes or not given["url"].startswith("https://"):
        raise InvalidInput("timelineIFrame needs texts, an https url, and sizes in pixels")
    return dict(given)


def _echo(body: dict[str, Any], occurrence: Occurrence) -> dict[str, Any]:
    """The answer repeats the occurrence, its timestamp filled in."""
    return {**body, "timestamp": iso(occurrence.timestamp)}
