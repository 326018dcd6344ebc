"""SMSFactor's webhooks: store the event, answer 200. The worker interprets it."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
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
from connector.store.unread_events import UnreadBody
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
    outcome = _receive(wiring, call, event)
    log.info("event_received", kind=kind, outcome=outcome)
    return jsonify(status=outcome)


def _receive(wiring: Wiring, call: GatewayCall, event: GatewayEvent) -> EventOutcome:
    """Store the events of a proved body; a body with an event that cannot be read is stored as bytes too.

    A body that is too large is read like broken JSON, as far as it is there, and its beginning is stored.

    Each is a transaction of its own, as each locks rows of all kinds (protocol P26). If one fails, SMSFactor repeats
    the body, whose stored events change nothing then.
    """

    def keep(fault: Exception) -> EventOutcome:
        return _keep_unread(wiring, call, event, fault)

    try:
        read = read_body(call.body)
    except EventNotUnderstood as fault:
        return keep(fault)
    outcomes = set()
    for fields in read.events:
        try:
            store = partial(_store, client_id=call.client_id, event=event, fields=fields)
            outcomes.add(_in_transaction(wiring, store))
        except (ValueError, LookupError, AssertionError, psycopg.DataError) as fault:
            outcomes.add(keep(fault))
    if not call.is_whole:
        return keep(EventNotUnderstood("too large"))
    if read.is_broken and any(_NEEDED.get(event, set()) - fields.keys() for fields in read.events):
        return keep(EventNotUnderstood("broken"))
    return outcomes.pop() if len(outcomes) == 1 else EventOutcome.STORED


def _in_transaction(wiring: Wiring, step: Callable[[Conn], EventOutcome]) -> EventOutcome:
    def transaction() -> EventOutcome:
        with wiring.pool.connection() as conn:
            return step(conn)

    return repeated(transaction)


def _keep_unread(wiring: Wiring, call: GatewayCall, event: GatewayEvent, fault: Exception) -> EventOutcome:
    """Acknowledge an event that cannot be read, as a repeat would not make it readable; a person looks at it."""
    reason = str(fault) if isinstance(fault, EventNotUnderstood) else type(fault).__name__
    log.error("event_not_understood", kind=event, fault=reason)
    body = UnreadBody(call.client_id, event, call.body, call.digest, reason)
    return _in_transaction(wiring, lambda conn: keep_unread(conn, body))


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
