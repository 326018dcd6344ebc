"""SMSFactor's webhooks: store the event, answer 200. The worker interprets it."""

from datetime import UTC, datetime
from typing import assert_never

import psycopg
import structlog
from flask import Response, jsonify

from connector.domain.vocabulary import CallerCode, EventOutcome, GatewayEvent
from connector.inbound.http.answers import refuse_caller
from connector.inbound.http.callers import GatewayCall, current_wiring
from connector.smsfactor.events import read_click, read_inbound, read_receipt
from connector.smsfactor.webhook_bodies import EventNotUnderstood, Fields, read_body
from connector.store.database import Conn
from connector.store.faults import repeated
from connector.use_cases.delivery.receive_event import (
    ReceivedClick,
    ReceivedReceipt,
    ReceivedReply,
    ReceivedStop,
    keep_unread,
    receive_click,
    receive_receipt,
    receive_reply,
    receive_stop,
)
from connector.wiring import Wiring

log = structlog.get_logger()

# As written in the address of a webhook.
_KINDS = {kind.lower(): kind for kind in GatewayEvent}
# Fields without which an event of a broken body is not read: its bytes are stored too. A STOP needs its number alone.
_NEEDED = {GatewayEvent.DLR: {"message_id", "status"}, GatewayEvent.MO: {"from", "message"}}


def receive(call: GatewayCall) -> Response:
    """Store the event; 404 for a kind we never registered. No body is refused, whatever it holds (protocol P24)."""
    wiring, kind = current_wiring(), call.kind
    event = _KINDS.get(kind)
    if event is None or event == GatewayEvent.BALANCE_ALERT:
        return refuse_caller(404, CallerCode.UNKNOWN_KIND)
    outcome = repeated(lambda: _in_transaction(wiring, call.client_id, event, call.body))
    log.info("event_received", kind=kind, outcome=outcome)
    return jsonify(status=outcome)


def _in_transaction(wiring: Wiring, client_id: str, event: GatewayEvent, body: bytes) -> EventOutcome:
    with wiring.pool.connection() as conn:
        return _receive(conn, client_id, event, body)


def _receive(conn: Conn, client_id: str, event: GatewayEvent, body: bytes) -> EventOutcome:
    """Store the events of a proved body; a body with an event that cannot be read is stored as bytes too."""
    try:
        read = read_body(body)
    except EventNotUnderstood as fault:
        return _keep_unread(conn, client_id, event, body, fault)
    outcomes = {_store_or_keep(conn, client_id, event, fields, body) for fields in read.events}
    if read.is_broken and any(_NEEDED.get(event, set()) - fields.keys() for fields in read.events):
        return _keep_unread(conn, client_id, event, body, EventNotUnderstood("broken"))
    return outcomes.pop() if len(outcomes) == 1 else EventOutcome.STORED


def _store_or_keep(
    conn: Conn, client_id: str, event: GatewayEvent, fields: Fields, body: bytes
) -> EventOutcome:
    try:
        with conn.savepoint():  # values that PostgreSQL refuses do not affect the other events
            return _store(conn, client_id, event, fields)
    except (ValueError, LookupError, AssertionError, psycopg.DataError) as fault:
        return _keep_unread(conn, client_id, event, body, fault)


def _keep_unread(
    conn: Conn, client_id: str, event: GatewayEvent, body: bytes, fault: Exception
) -> EventOutcome:
    """Acknowledge an event that cannot be read, as a repeat would not make it readable; a person looks at it."""
    reason = str(fault) if isinstance(fault, EventNotUnderstood) else type(fault).__name__
    log.error("event_not_understood", kind=event, fault=reason)
    return keep_unread(conn, client_id, event, body, fault=reason)


def _store(conn: Conn, client_id: str, event: GatewayEvent, fields: Fields) -> EventOutcome:
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
            when = _when(reply.at, fields)
            return receive_reply(
                conn,
                ReceivedReply(client_id, reply.gateway_id, reply.number, reply.text, when, payload=fields),
            )
        case GatewayEvent.CLICKER:
            click = read_click(fields)
            if click.gateway_id is None:
                return EventOutcome.NOT_OURS
            when = _when(click.at, fields)
            return receive_click(
                conn,
                ReceivedClick(
                    client_id, click.gateway_id, click.long_url, click.clicks_on_link, when, payload=fields
                ),
            )
        case GatewayEvent.STOP:
            stop = read_inbound(fields)
            now, when = datetime.now(UTC), _when(stop.at, fields)
            at = min(stop.at or now, now)
            return receive_stop(
                conn, ReceivedStop(client_id, stop.number, stop.text, at, when, payload=fields)
            )
        case GatewayEvent.BALANCE_ALERT:
            raise LookupError(event)
        case _:
            assert_never(event)


def _when(at: datetime | None, fields: Fields) -> str:
    """The event's time, else its date as written, else the day of its arrival, to distinguish two equal events."""
    if at is not None:
        return at.isoformat()
    return str(fields.get("date") or "") or datetime.now(UTC).date().isoformat()
