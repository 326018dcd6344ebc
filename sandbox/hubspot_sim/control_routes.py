"""The simulator's own part of the control API: read records and events, create, archive and merge records."""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.control import NETWORK, Setting
from sandbox.hubspot_sim.bodies import json_object
from sandbox.hubspot_sim.crm.definitions import iso
from sandbox.hubspot_sim.crm.object_types import DEAL, ObjectType, object_type
from sandbox.hubspot_sim.crm.objects import create_record
from sandbox.hubspot_sim.crm.properties import create_property
from sandbox.hubspot_sim.crm.records import Record
from sandbox.hubspot_sim.crm.values import checked_properties
from sandbox.hubspot_sim.errors import NotFound
from sandbox.hubspot_sim.events.events import EVENT_BATCH_MODES
from sandbox.hubspot_sim.webhooks.settings import WEBHOOK_HELP, WEBHOOK_SETTINGS
from sandbox.hubspot_sim.workflows.settings import WORKFLOW_HELP, WORKFLOW_SETTINGS
from sandbox.hubspot_sim.world import Sim

SETTINGS = {
    "merge_ids": Setting(
        "new", "whether merged contacts and companies get a new id (HubSpot's changelog)", ("new", "survivor")
    ),
    "update_merged": Setting(
        "silent",
        "a merged id in batch/update: left out of a 200, or reported as missing (207)",
        ("silent", "reported"),
    ),
    "read_merged": Setting(
        "survivor",
        "a merged id in batch/read: answered with the survivor, or left out",
        ("survivor", "left_out"),
    ),
    "updates_do_nothing": Setting(False, "batch/update answers 200 without results and changes nothing"),
    "reserved_properties": Setting(
        [], "names that a new property cannot have though none has them, as after a deletion (unconfirmed)"
    ),
    "property_batch": Setting(
        "207", "what batch/create does with a property that exists (unconfirmed)", ("207", "atomic")
    ),
    "custom_properties_max": Setting(
        300, "custom properties an object type may have; a new one beyond it is refused (number unconfirmed)"
    ),
    "create_batch": Setting(
        "atomic",
        "a batch/create with a bad member: refused, or 207 with the good ones created (unconfirmed)",
        ("atomic", "207"),
    ),
    "search_index_lag_s": Setting(2, "how long a change takes to reach the search index, up to 600"),
    "search_in_max": Setting(100, "values that a search filter with IN takes (unconfirmed)"),
    "company_number_search": Setting(
        False, "companies have hs_searchable_calculated_phone_number too (unconfirmed)"
    ),
    "association_ids": Setting(
        "text",
        "toObjectId as in the OpenAPI file (text) or as in the docs' examples (number)",
        ("text", "number"),
    ),
    "communication_html": Setting(
        True, "the timeline draws the HTML of a logged communication, or its text only (unconfirmed)"
    ),
    "app_events_withheld": Setting([], "ids of portals for which HubSpot has not approved the app's events"),
    "app_events_refusal": Setting(
        "forbidden",
        "what a portal without that approval answers (unconfirmed): 403, or 400 as for an unknown event type",
        ("forbidden", "unknown_type"),
    ),
    "event_unknown_record": Setting(
        "refused",
        "an event on an unknown record: refused, or left out of a success (unconfirmed)",
        ("refused", "left_out"),
    ),
    "event_merged_record": Setting(
        "unknown",
        "an event on a merged id: as on an unknown record, or on the survivor (unconfirmed)",
        ("unknown", "survivor"),
    ),
    "event_batch": Setting("atomic", "what a batch of events with a bad member does", EVENT_BATCH_MODES),
    "rate_limit_max": Setting(110, "API calls per 10 seconds"),
    "association_limit_max": Setting(150, "calls of the associations API per 10 seconds, beside the others"),
    "daily_limit_reached": Setting(False, "every API call is answered 429 until midnight, policy DAILY"),
    "answer_429_percent": Setting(0, "per cent of API calls answered 429 though within the limits"),
    "fetch_errors": Setting(
        "wrapped", "whether hubspot.fetch wraps the app's 4xx/5xx or passes them", ("wrapped", "passed")
    ),
    "fetch_fragments": Setting(
        "identity_lost",
        "what hubspot.fetch does with a URL that holds a # (unconfirmed): the identity is appended behind it and never"
        " sent, or the URL is refused",
        ("identity_lost", "refused"),
    ),
    "withheld_scopes": Setting([], "scopes the account does not have: an optional one is not granted"),
    "portal_gone": Setting(False, "the token endpoint answers BAD_HUB"),
    "rotate_refresh_tokens": Setting(False, "each refresh gives a new refresh token and ends the old one"),
    "user_permissions": Setting(["integrations-management-write"], "permissions of the person at the screen"),
    "other_user_permissions": Setting([], "permissions of the portal's other users"),
    **WORKFLOW_SETTINGS,
    **WEBHOOK_SETTINGS,
    **NETWORK,
}
HELP = (
    """HubSpot simulator; ?portal=145000002 chooses the second portal on every route below:
  GET  /_control/records/{type}/{id}          one record with version, also when archived
  POST /_control/records/{type}               make one: {"properties": {...}, "associations": [...]}
  PATCH /_control/records/{type}/{id}         change it as a user does: {"properties": {...}}
  DELETE /_control/records/{type}/{id}        archive it
  POST /_control/properties/{type}            make a property of the portal's own, as HubSpot's API does
  POST /_control/records/{type}/{id}/merge    merge it into another: {"into": "502"}; answers what is left
  GET  /_control/events?object_id=501         accepted app events, oldest first
  GET  /_control/api-calls                    calls by family and status, and every 429; POST .../reset counts anew
  POST /_control/uninstall                    the person uninstalls the app (HubSpot tells nobody)
  POST /_control/revoke                       refresh tokens stop working, the app stays installed
Contacts 502 to 511 have numbers ending in 90 to 99, 512 has none, 513 an invalid one, 514 a landline, 515 two.
"""
    + WORKFLOW_HELP
    + WEBHOOK_HELP
)


def control_routes(sim: Sim) -> Blueprint:
    """Routes under /_control; the shared ones are in sandbox.control."""
    routes = Blueprint("hubspot_control", __name__, url_prefix="/_control")
    _add_record_routes(routes, sim)
    world = sim.world

    @routes.get("/events")
    def events() -> ResponseReturnValue:
        wanted = request.args.get("object_id")
        with world.lock:
            found = [event.as_json() for event in world.occurrences.all()]
        return jsonify(events=[event for event in found if wanted in (None, event["object_id"])])

    @routes.get("/api-calls")
    def api_calls() -> ResponseReturnValue:
        return jsonify(sim.api_calls.as_json())

    @routes.post("/api-calls/reset")
    def reset_api_calls() -> ResponseReturnValue:
        sim.api_calls.reset()
        return jsonify(sim.api_calls.as_json())

    @routes.post("/uninstall")
    def uninstall() -> ResponseReturnValue:
        with world.lock:
            world.grants.uninstall()
        return jsonify(installed=False)

    @routes.post("/revoke")
    def revoke() -> ResponseReturnValue:
        with world.lock:
            world.grants.revoke_all()
        return jsonify(revoked=True)

    return routes


def _add_record_routes(routes: Blueprint, sim: Sim) -> None:
    world = sim.world

    @routes.get("/records/<type_name>/<record_id>")
    def read(type_name: str, record_id: str) -> ResponseReturnValue:
        with world.lock:
            return jsonify(_facts(_any(sim, object_type(type_name), record_id)))

    @routes.post("/records/<type_name>")
    def create(type_name: str) -> ResponseReturnValue:
        body = json_object(required=["properties"], optional=["associations"])
        with world.lock:
            return jsonify(_facts(create_record(world, object_type(type_name), body))), 201

    @routes.patch("/records/<type_name>/<record_id>")
    def change(type_name: str, record_id: str) -> ResponseReturnValue:
        kind = object_type(type_name)
        body = json_object(required=["properties"])
        with world.lock:
            record = _any(sim, kind, record_id)
            properties = checked_properties(world.catalogue, kind, body["properties"])
            return jsonify(_facts(world.records.update(record, properties)))

    @routes.post("/properties/<type_name>")
    def define(type_name: str) -> ResponseReturnValue:
        return create_property(sim, object_type(type_name), limited=False)

    @routes.delete("/records/<type_name>/<record_id>")
    def archive(type_name: str, record_id: str) -> ResponseReturnValue:
        with world.lock:
            record = _any(sim, object_type(type_name), record_id)
            world.records.archive(record)
            return jsonify(_facts(record))

    @routes.post("/records/<type_name>/<record_id>/merge")
    def merge(type_name: str, record_id: str) -> ResponseReturnValue:
        kind = object_type(type_name)
        body = json_object(required=["into"])
        with world.lock:
            survivor, loser = _any(sim, kind, str(body["into"])), _any(sim, kind, record_id)
            new_id = kind is not DEAL and sim.settings["merge_ids"] == "new"
            left = world.records.merge(loser, survivor, new_id=new_id)
            world.links.move(kind, left.merged_ids, left.id)
            return jsonify(_facts(left))


def _any(sim: Sim, kind: ObjectType, record_id: str) -> Record:
    record = sim.world.records.find_any(kind, record_id)
    if record is None:
        raise NotFound(f"there is no {kind.singular} {record_id}")
    return record


def _facts(record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "object_type_id": record.kind.id,
        "version": record.version,
        "properties": dict(record.properties),
        "archived": record.archived,
        "merged_ids": list(record.merged_ids),
        "created_at": iso(record.created_at),
        "updated_at": iso(record.updated_at),
    }
