"""The control API of webhooks: calls made, and the changes that only users make."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.hubspot_sim.crm.changes import Change
from sandbox.hubspot_sim.crm.object_types import CONTACT, object_type
from sandbox.hubspot_sim.errors import NotFound
from sandbox.hubspot_sim.webhooks.sender import WebhookSender
from sandbox.hubspot_sim.world import Sim

LONGEST_WAIT_S = 120.0


def webhook_control_routes(sim: Sim, sender: WebhookSender) -> Blueprint:
    """Routes under /_control."""
    routes = Blueprint("webhook_control", __name__, url_prefix="/_control")
    world = sim.world

    @routes.get("/webhook-calls")
    def calls() -> ResponseReturnValue:
        return jsonify(calls=sender.calls())

    @routes.get("/webhook-idle")
    def idle() -> ResponseReturnValue:
        timeout_s = min(request.args.get("timeout_s", 10.0, type=float), LONGEST_WAIT_S)
        return jsonify(idle=sender.wait_idle(timeout_s))

    @routes.post("/records/<type_name>/<record_id>/restore")
    def restore(type_name: str, record_id: str) -> ResponseReturnValue:
        kind = object_type(type_name)
        with world.lock:
            record = world.records.find_any(kind, record_id)
            if record is None or not record.archived:
                raise NotFound(f"there is no archived {kind.singular} {record_id}")
            world.records.restore(record)
        return jsonify(id=record_id, archived=False)

    @routes.post("/records/contacts/<record_id>/privacy-delete")
    def privacy_delete(record_id: str) -> ResponseReturnValue:
        with world.lock:
            record = world.records.find(CONTACT, record_id)
            if record is None:
                raise NotFound(f"there is no contact {record_id}")
            world.records.erase(record, silently=not sim.settings["webhook_deletion_with_privacy"])
            world.on_change(Change("privacyDeletion", CONTACT, record.id))
        return jsonify(id=record.id, erased=True)

    return routes
