"""Store an event the gateway calls us with, before it is answered; a STOP is obeyed in the same transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.domain.consent import blocks
from connector.store import accounts, inbox, lanes, messages, opt_outs, portals, waiting
from connector.store.database import Conn
from connector.store.idempotency import request_hash


@dataclass(frozen=True, slots=True)
class ReceivedReceipt:
    client_id: str  # the account, proved by the webhook's path and secret
    gateway_id: str
    code: int | None  # the gateway's status code
    payload: dict[str, Any]  # as it came


@dataclass(frozen=True, slots=True)
class ReceivedStop:
    client_id: str
    number: str  # E.164
    text: str
    at: datetime
    payload: dict[str, Any]


def receive_receipt(conn: Conn, event: ReceivedReceipt) -> str:
    """Returns stored | repeated | not_ours.

    A receipt belongs to the portal that owns its id; other senders may share the account (protocol P13).
    """
    portal_id = messages.portal_of_gateway_id(conn, event.gateway_id)
    if portal_id is None or not accounts.was_linked(conn, portal_id, event.client_id):
        return "not_ours"
    lanes.enter(conn, portal_id, "events")
    added = inbox.add(
        conn,
        portal_id,
        # Receipts dedupe on (our id, status): the same news may be told with another date (protocol P24).
        event_key=f"DLR:{event.gateway_id}:{event.code}",
        client_id=event.client_id,
        type_="DLR",
        payload=event.payload,
    )
    if not added:
        return "repeated"
    lanes.wake(conn, portal_id, "events")
    return "stored"


def receive_stop(conn: Conn, event: ReceivedStop) -> str:
    """Returns stored | repeated | not_ours.

    A STOP counts for every portal of the account, and for what is queued already (protocol P11, P13): it does not
    wait behind a queue of receipts.
    """
    outcome = "not_ours"
    for portal_id in accounts.linked_portals(conn, event.client_id):
        opt_outs.add(conn, portal_id, event.number, source="stop", text=event.text, at=event.at)
        portal = portals.find(conn, portal_id)
        # What the portal lets through to opted-out numbers is not stopped either.
        blocked = [
            push_type
            for push_type in ("alert", "marketing")
            if blocks(push_type, True, "allow" if portal and portal.alert_rule == "allow" else "block")
        ]
        queued = waiting.to_number(conn, portal_id, event.number, push_types=blocked)
        messages.move(conn, portal_id, queued, "blocked", cause="stop", reason="opted_out")
        added = inbox.add(
            conn,
            portal_id,
            event_key=f"STOP:{request_hash(event.payload).hex()}",
            client_id=event.client_id,
            type_="STOP",
            payload=event.payload,
            is_applied=True,
        )
        if added:
            outcome = "stored"
        elif outcome == "not_ours":
            outcome = "repeated"
    return outcome
