"""Apply the inbox's events, oldest first: receipts, replies, clicks. Others are set aside with a reason."""

import uuid
from datetime import UTC, datetime

import psycopg
import structlog

from connector.domain.vocabulary import GatewayEvent, LaneKind, Reason
from connector.smsfactor.events import read_click, read_inbound, read_receipt
from connector.store import inbox, lanes
from connector.store.database import Conn
from connector.store.inbox import ReceivedEvent
from connector.store.lanes import Entered, Turn
from connector.store.messages import link_clicks, messages
from connector.use_cases.delivery.apply_receipt import ApplyReceipt, apply_receipt, apply_receipts
from connector.use_cases.delivery.apply_reply import ApplyReply, answered_message, apply_reply
from connector.use_cases.delivery.hold_rows import hold_messages
from connector.use_cases.messages.move_messages import note_news
from connector.wiring import Wiring

log = structlog.get_logger()

BATCH = 500


def apply_events(wiring: Wiring, turn: Turn) -> bool:
    """Apply one batch; True when there may be more.

    Receipts arrive by the hundreds and are applied together, replies and clicks one by one. The order between these
    kinds does not matter. Each kind is a transaction of its own: all of them lock messages first (protocol P26).
    """
    with wiring.pool.connection() as conn:
        entered = lanes.enter(conn, turn.portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM)
        events = inbox.to_apply(conn, turn.portal_id, BATCH)
        receipts = [event for event in events if event.type == GatewayEvent.DLR]
        is_done = not receipts or _apply_receipts(entered, receipts)
    others = [event for event in events if event.type not in (GatewayEvent.DLR, GatewayEvent.MO)]
    replies = [event for event in events if event.type == GatewayEvent.MO]
    for together in (*([] if is_done else [[receipt] for receipt in receipts]), replies, others):
        if together:
            with wiring.pool.connection() as conn:
                _apply_each(conn, turn.portal_id, together)
    return len(events) == BATCH


def _apply_receipts(entered: Entered, events: list[ReceivedEvent]) -> bool:
    """Apply all receipts together. False: one of them is faulty, and nothing was done."""
    conn = entered.conn
    try:
        with conn.savepoint():
            unknown = apply_receipts(entered, [_receipt(event) for event in events])
    except (ValueError, LookupError, AssertionError, psycopg.DataError):
        log.exception("receipts_failed")
        return False
    set_aside = [event for event in events if (read_receipt(event.payload).gateway_id or "") in unknown]
    if set_aside:
        log.warning("events_set_aside", count=len(set_aside), reason="message unknown")
        inbox.mark_applied(conn, set_aside, set_aside_reason="message unknown")
    aside = {event.event_key for event in set_aside}
    inbox.mark_applied(conn, [event for event in events if event.event_key not in aside])
    return True


def _apply_each(conn: Conn, portal_id: int, events: list[ReceivedEvent]) -> None:
    """Apply events one by one, without those that another worker has applied meanwhile."""
    entered = lanes.enter(conn, portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM)
    waiting = inbox.hold(conn, portal_id, [event.event_key for event in events])
    found = [event for event in events if event.event_key in waiting]
    if len(found) > 1:
        concerned = [_concerns(conn, event) for event in found]
        hold_messages(conn, portal_id, [message_id for message_id in concerned if message_id])
    for event in found:
        _apply_one(entered, event)


def _concerns(conn: Conn, event: ReceivedEvent) -> uuid.UUID | None:
    """The message that a reply or click is about, if the event can be read."""
    try:
        with conn.savepoint():
            if event.type == GatewayEvent.MO:
                reply = read_inbound(event.payload)
                message = answered_message(conn, event.portal_id, reply.gateway_id, reply.number)
            else:
                click = read_click(event.payload)
                message = messages.find_by_gateway_id(conn, event.portal_id, click.gateway_id or "")
    except (ValueError, LookupError, AssertionError, psycopg.DataError):
        return None
    return message.message_id if message else None


def _apply_one(entered: Entered, event: ReceivedEvent) -> None:
    conn = entered.conn
    try:
        with conn.savepoint():  # a bad row does not affect others
            reason = _apply(entered, event)
    except (ValueError, LookupError, AssertionError, psycopg.DataError) as defect:
        log.exception("event_failed", event_key=event.event_key)
        reason = f"failed: {type(defect).__name__}"
    if reason:
        log.warning("event_set_aside", event_key=event.event_key, reason=reason)
    inbox.mark_applied(conn, [event], set_aside_reason=reason)


def _apply(entered: Entered, event: ReceivedEvent) -> str | None:
    """Apply one event; returns the reason to set it aside, or None."""
    apply = {
        GatewayEvent.DLR: _apply_receipt,
        GatewayEvent.MO: _apply_reply,
        GatewayEvent.CLICKER: _apply_click,
    }.get(event.type)
    return apply(entered, event) if apply else f"no use for {event.type}"


def _happened_at(reported_at: datetime | None, event: ReceivedEvent) -> datetime:
    """The event's time, at most its arrival: the gateway's clock may be ahead of ours."""
    return min(reported_at or event.received_at, datetime.now(UTC))


def _receipt(event: ReceivedEvent) -> ApplyReceipt:
    receipt = read_receipt(event.payload)
    if receipt.reason == Reason.UNKNOWN_CODE:
        log.error("receipt_code_unknown", code=receipt.code)
    return ApplyReceipt(
        portal_id=event.portal_id,
        gateway_id=receipt.gateway_id or "",
        state=receipt.state,
        reason=receipt.reason,
        ticket=receipt.ticket,
        occurred_at=_happened_at(receipt.at, event),
    )


def _apply_receipt(entered: Entered, event: ReceivedEvent) -> str | None:
    return None if apply_receipt(entered, _receipt(event)) else "message unknown"


def _apply_reply(entered: Entered, event: ReceivedEvent) -> str | None:
    reply = read_inbound(event.payload)
    command = ApplyReply(
        portal_id=event.portal_id,
        event_key=event.event_key,
        gateway_id=reply.gateway_id,
        number=reply.number,
        text=reply.text,
        at=_happened_at(reply.at, event),
    )
    return None if apply_reply(entered.conn, command) else "number never texted"


def _apply_click(entered: Entered, event: ReceivedEvent) -> str | None:
    conn = entered.conn
    click = read_click(event.payload)
    message = messages.find_by_gateway_id(conn, event.portal_id, click.gateway_id or "")
    if message is None:
        return "message unknown"
    link_clicks.note(
        conn,
        event.portal_id,
        message.message_id,
        click.long_url,
        clicks=click.clicks_on_link,
        is_robot=click.is_robot,
        at=_happened_at(click.at, event),
    )
    if not click.is_robot:
        note_news(conn, event.portal_id, [message.message_id])
    return None
