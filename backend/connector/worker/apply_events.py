"""Apply the events of the inbox: delivery receipts, oldest first. One that cannot be used is set aside, with why."""

from datetime import UTC, datetime

import structlog

from connector.smsfactor.events import read_receipt
from connector.store import inbox, lanes
from connector.store.database import Conn
from connector.store.inbox import ReceivedEvent
from connector.store.lanes import Turn
from connector.use_cases.apply_receipt import ApplyReceipt, apply_receipt
from connector.wiring import Wiring

log = structlog.get_logger()

BATCH = 100


def apply_events(wiring: Wiring, turn: Turn) -> bool:
    """One batch in one transaction; True when there may be more."""
    with wiring.pool.connection() as conn:
        lanes.enter(conn, turn.portal_id, "reconcile", "sync_crm")
        events = inbox.to_apply(conn, turn.portal_id, BATCH)
        for event in events:
            _apply_one(conn, event)
    return len(events) == BATCH


def _apply_one(conn: Conn, event: ReceivedEvent) -> None:
    try:
        with conn.transaction():  # a savepoint: one bad row takes no other with it
            reason = _apply(conn, event)
    except (ValueError, LookupError, AssertionError) as defect:
        log.exception("event_failed", event_key=event.event_key)
        reason = f"failed: {type(defect).__name__}"
    if reason:
        log.warning("event_set_aside", event_key=event.event_key, reason=reason)
    inbox.mark_applied(conn, event, set_aside_reason=reason)


def _apply(conn: Conn, event: ReceivedEvent) -> str | None:
    """Returns why the event is of no use, or None."""
    if event.type != "DLR":
        return f"no use for {event.type}"
    receipt = read_receipt(event.payload)
    if receipt.reason == "unknown_code":
        log.error("receipt_code_unknown", code=receipt.code)
    command = ApplyReceipt(
        portal_id=event.portal_id,
        gateway_id=receipt.gateway_id or "",
        state=receipt.state,
        reason=receipt.reason,
        ticket=receipt.ticket,
        # The gateway's clock may be ahead of ours; nothing happens later than we hear of it.
        occurred_at=min(receipt.at or event.received_at, datetime.now(UTC)),
    )
    return None if apply_receipt(conn, command) else "message unknown"
