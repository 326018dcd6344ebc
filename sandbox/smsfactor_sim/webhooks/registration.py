"""Registration of webhooks: one type and one URL each, several of one type allowed (unconfirmed). SMSFactor
docs."""

from typing import Any

from sandbox.smsfactor_sim.api import Api, Call, Payload
from sandbox.smsfactor_sim.fields import anything, one_of, read_object, text, url
from sandbox.smsfactor_sim.things import Webhook
from sandbox.smsfactor_sim.wire import DATA_ERROR, NOT_FOUND, Forbidden, GatewayError
from sandbox.smsfactor_sim.world import World

TYPES = ("DLR", "MO", "STOP", "CLICKER", "BALANCE_ALERT")
_REQUIRED = {"type": one_of(*TYPES), "url": url}
# Some documented requests carry these; they have no effect on input.
_IGNORED = ("status", "last_http_code")


def add_webhook_routes(api: Api) -> None:
    """/webhook, /webhook/{id}, /webhook/{id}/status."""
    world = api.world

    @api.route("POST", "/webhook")
    def create(call: Call) -> Payload:
        fields = _read(call.body)
        _permit(world)
        webhook = Webhook(
            world.next_id(), call.account.client_id, fields["type"], fields["url"], fields.get("signature")
        )
        world.webhooks[webhook.id] = webhook
        shown = {"webhook_id": webhook.id, "type": webhook.type, "url": webhook.url}
        return {"webhook": {**shown, **_signature(webhook)}}

    @api.route("GET", "/webhook")
    def list_webhooks(call: Call) -> Payload:
        mine = [one for one in world.webhooks.values() if one.account_id == call.account.client_id]
        return {"webhooks": [_row(webhook) for webhook in mine]}

    @api.route("GET", "/webhook/<webhook_id>")
    def read(call: Call, webhook_id: str) -> Payload:
        return {"webhook": _row(_mine(world, call, webhook_id))}

    @api.route("PUT", "/webhook/<webhook_id>")
    def change(call: Call, webhook_id: str) -> Payload:
        webhook = _mine(world, call, webhook_id)
        fields = _read(call.body)
        webhook.type, webhook.url = fields["type"], fields["url"]
        webhook.signature = fields.get("signature", webhook.signature)
        return {"webhook": _row(webhook)}

    @api.route("PUT", "/webhook/<webhook_id>/status")
    def change_status(call: Call, webhook_id: str) -> Payload:
        webhook = _mine(world, call, webhook_id)
        inner = read_object(call.body, "body", {"webhook": anything})["webhook"]
        webhook.status = read_object(inner, "webhook", {"status": one_of("live", "paused")})["status"]
        webhook.failures = 0
        return {"webhook": _row(webhook)}

    @api.route("DELETE", "/webhook/<webhook_id>")
    def delete(call: Call, webhook_id: str) -> Payload:
        del world.webhooks[_mine(world, call, webhook_id).id]
        return {"deleted_id": webhook_id}


def _permit(world: World) -> None:
    """Refuse the registration, as the settings have it."""
    match world.settings["webhook_registration"]:
        case "refuse":
            raise GatewayError(DATA_ERROR, "Webhooks cannot be registered by this account")
        case "forbid":
            raise Forbidden


def _read(body: dict[str, Any]) -> dict[str, Any]:
    inner = read_object(body, "body", {"webhook": anything})["webhook"]
    return read_object(inner, "webhook", _REQUIRED, {"signature": text}, _IGNORED)


def _mine(world: World, call: Call, webhook_id: str) -> Webhook:
    webhook = world.webhooks.get(webhook_id)
    if webhook is None or webhook.account_id != call.account.client_id:
        raise GatewayError(NOT_FOUND, f"There is no webhook {webhook_id}")
    return webhook


def _row(webhook: Webhook) -> dict[str, Any]:
    return {
        "webhook_id": webhook.id,
        "type": webhook.type,
        "url": webhook.url,
        "status": webhook.status,
        **_signature(webhook),
        "last_http_code": webhook.last_http_code,
    }


def _signature(webhook: Webhook) -> dict[str, str]:
    return {} if webhook.signature is None else {"signature": webhook.signature}
