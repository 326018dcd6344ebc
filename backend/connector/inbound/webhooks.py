"""SMSFactor's webhooks: prove the account, store the event, answer 200. The worker interprets it."""

from datetime import UTC, datetime
from typing import assert_never

import structlog
from flask import Blueprint, Response, jsonify, request

from connector.domain.vocabulary import CallerCode, EventOutcome, GatewayEvent
from connector.inbound.http.answers import refuse_caller
from connector.inbound.http.callers import current_wiring
from connector.inbound.http.signatures import verify_smsfactor
from connector.smsfactor.events import EventNotUnderstood, read_click, read_fields, read_inbound, read_receipt
from connector.store.database import Conn
from connector.store.portals import account_webhooks
from connector.use_cases.delivery.receive_event import (
    ReceivedClick,
    ReceivedReceipt,
    ReceivedReply,
    ReceivedStop,
    receive_click,
    receive_receipt,
    receive_reply,
    receive_stop,
)

log = structlog.get_logger()

# As written in the address of a webhook.
_KINDS = {kind.lower(): kind for kind in GatewayEvent}
blueprint = Blueprint("smsfactor_events", __name__, url_prefix="/smsfactor/events")


@blueprint.post("/<path_secret>/<kind>")
def receive(path_secret: str, kind: str) -> Response:
    """401 unless both the path and the signature are the account's own; 404 for a kind we never registered."""
    wiring = current_wiring()
    with wiring.pool.connection() as conn:
        client_id = account_webhooks.client_of_webhook_path(conn, path_secret)
        secrets = account_webhooks.webhook_secrets(conn, wiring.vault, client_id) if client_id else None
    signature = request.headers.get("X-SMSFactor-Signature")
    body = request.get_data(cache=True)
    if client_id is None or secrets is None or not verify_smsfactor(signature, secrets.signature, body):
        log.warning("caller_unproven", path="/smsfactor/events")
        return refuse_caller(401, CallerCode.SIGNATURE_INVALID)
    try:
        fields = read_fields(body)
        with wiring.pool.connection() as conn:
            outcome = _store(conn, client_id, kind, fields)
    except EventNotUnderstood as fault:
        # A repeat would not make it readable: acknowledge it, and log it for the operator.
        log.error("event_not_understood", kind=kind, fault=str(fault))
        outcome = EventOutcome.NOT_UNDERSTOOD
    except UnknownKind:
        return refuse_caller(404, CallerCode.UNKNOWN_KIND)
    log.info("event_received", kind=kind, outcome=outcome)
    return jsonify(status=outcome)


class UnknownKind(Exception):
    """A kind of event for which no webhook of ours exists."""


def _store(conn: Conn, client_id: str, kind: str, fields: dict[str, object]) -> EventOutcome:
    event = _KINDS.get(kind)
    match event:
        case GatewayEvent.DLR:
            receipt = read_receipt(fields)
            if receipt.gateway_id is None:
                return EventOutcome.NOT_OURS
            return receive_receipt(
                conn, ReceivedReceipt(client_id, receipt.gateway_id, receipt.code, payload=fields)
            )
        case GatewayEvent.MO:
            reply = read_inbound(fields)
            return receive_reply(
                conn, ReceivedReply(client_id, reply.gateway_id, reply.number, payload=fields)
            )
        case GatewayEvent.CLICKER:
            click = read_click(fields)
            if click.gateway_id is None:
                return EventOutcome.NOT_OURS
            return receive_click(conn, ReceivedClick(client_id, click.gateway_id, payload=fields))
        case GatewayEvent.STOP:
            stop = read_inbound(fields)
            now = datetime.now(UTC)
            at = min(stop.at or now, now)
            return receive_stop(conn, ReceivedStop(client_id, stop.number, stop.text, at, payload=fields))
        case GatewayEvent.BALANCE_ALERT | None:
            raise UnknownKind
        case _:
            assert_never(event)
