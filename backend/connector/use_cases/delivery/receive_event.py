"""Store an event of the gateway before it is answered; a STOP is obeyed in the same transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.domain.consent import blocked_push_types
from connector.domain.vocabulary import (
    AlertRule,
    Cause,
    ConsentSource,
    EventOutcome,
    GatewayEvent,
    LaneKind,
    MessageState,
    ProblemCode,
    PushType,
    Reason,
)
from connector.store import inbox, lanes, unread_events
from connector.store.consent import opt_outs
from connector.store.database import Conn
from connector.store.idempotency import request_hash
from connector.store.lanes import Entered
from connector.store.messages import messages, queue
from connector.store.portals import accounts, portals, problems
from connector.store.unread_events import UnreadBody
from connector.use_cases.delivery.hold_rows import hold_messages
from connector.use_cases.delivery.plan_writes import numbers_of, plan_marks
from connector.use_cases.messages.move_messages import move_messages

# An event that could not be read is shown this long.
SHOWN_DAYS = 7


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
    when: str  # identifies the event beside its other fields: its time as the gateway gave it
    payload: dict[str, Any]


def receive_receipt(conn: Conn, event: ReceivedReceipt) -> EventOutcome:
    """Returns stored | repeated | not_ours.

    A receipt belongs to the portal that owns its id; other senders may share the account (protocol P13).
    """
    portal_id = _owner(conn, event.client_id, event.gateway_id)
    if portal_id is None:
        return EventOutcome.NOT_OURS
    # Receipts dedupe on (our id, status): the same status may be reported with another date (protocol P24).
    event_key = f"{GatewayEvent.DLR}:{event.gateway_id}:{event.code}"
    return _store(conn, portal_id, event_key, event.client_id, GatewayEvent.DLR, event.payload)


def receive_stop(conn: Conn, event: ReceivedStop) -> EventOutcome:
    """Returns stored | repeated | not_ours.

    A STOP counts for every portal of the account, and for messages already queued (protocol P11, P13). It does not
    wait behind a queue of receipts.
    """
    event_key = _key(GatewayEvent.STOP, event.number, event.text, event.when)
    outcome = EventOutcome.NOT_OURS
    for portal_id in accounts.linked_portals(conn, event.client_id):
        entered = lanes.enter(conn, portal_id, LaneKind.SYNC_CRM)
        added = inbox.add(
            entered,
            event_key=event_key,
            former_key=_former_key(GatewayEvent.STOP, event.payload),
            client_id=event.client_id,
            type_=GatewayEvent.STOP,
            payload=event.payload,
            is_applied=True,
        )
        if added:
            _obey_stop(entered, event)
            outcome = EventOutcome.STORED
        elif outcome == EventOutcome.NOT_OURS:
            outcome = EventOutcome.REPEATED  # obeyed before; the person may have consented again since
    return outcome


def _obey_stop(entered: Entered, event: ReceivedStop) -> None:
    conn, portal_id = entered.conn, entered.portal_id
    waiting = queue.to_numbers(conn, portal_id, [event.number], push_types=list(PushType))
    hold_messages(conn, portal_id, waiting)  # before the ledger (protocol P26)
    opt_outs.add(conn, portal_id, event.number, source=ConsentSource.STOP, text=event.text, at=event.at)
    portal = portals.find(conn, portal_id)
    # Messages that the portal permits to opted-out numbers are not stopped.
    push_types = blocked_push_types(portal.alert_rule if portal else AlertRule.BLOCK)
    waits = queue.to_numbers(conn, portal_id, [event.number], push_types=push_types)
    blocked = move_messages(
        conn, portal_id, waits, MessageState.BLOCKED, cause=Cause.STOP, reason=Reason.OPTED_OUT
    )
    plan_marks(entered, [event.number], met=numbers_of([m.message for m in blocked]))


@dataclass(frozen=True, slots=True)
class ReceivedReply:
    client_id: str
    gateway_id: str | None  # of the answered message
    number: str  # of the writer, E.164
    text: str
    when: str  # as in ReceivedStop
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReceivedClick:
    client_id: str
    gateway_id: str
    url: str
    clicks: int | None  # on this link so far
    when: str  # as in ReceivedStop
    payload: dict[str, Any]


def receive_reply(conn: Conn, event: ReceivedReply) -> EventOutcome:
    """Returns stored | repeated | unassigned.

    A reply belongs to the portal whose message it answers. Without that id, it belongs to the only linked portal that
    ever texted the number. Otherwise it is stored but not shown, because the portal would be a guess (protocol P13).
    """
    event_key = _key(GatewayEvent.MO, event.number, event.text, event.when)
    portal_id = _owner(conn, event.client_id, event.gateway_id) if event.gateway_id else None
    if portal_id is None and not event.gateway_id:
        texted = [
            candidate
            for candidate in accounts.linked_portals(conn, event.client_id)
            if messages.latest_to(conn, candidate, event.number)
        ]
        portal_id = texted[0] if len(texted) == 1 else None
    if portal_id is None:
        kept = inbox.keep_unassigned(
            conn,
            event.client_id,
            event_key=event_key,
            former_key=_former_key(GatewayEvent.MO, event.payload),
            type_=GatewayEvent.MO,
            payload=event.payload,
        )
        return EventOutcome.UNASSIGNED if kept else EventOutcome.REPEATED
    former_key = _former_key(GatewayEvent.MO, event.payload)
    return _store(
        conn, portal_id, event_key, event.client_id, GatewayEvent.MO, event.payload, former_key=former_key
    )


def receive_click(conn: Conn, event: ReceivedClick) -> EventOutcome:
    portal_id = _owner(conn, event.client_id, event.gateway_id)
    if portal_id is None:
        return EventOutcome.NOT_OURS
    event_key = _key(GatewayEvent.CLICKER, event.gateway_id, event.url, str(event.clicks), event.when)
    former_key = _former_key(GatewayEvent.CLICKER, event.payload)
    return _store(
        conn,
        portal_id,
        event_key,
        event.client_id,
        GatewayEvent.CLICKER,
        event.payload,
        former_key=former_key,
    )


def keep_unread(conn: Conn, body: UnreadBody) -> EventOutcome:
    """Store the bytes of an event that cannot be read, and show it: nobody repeats it (protocol P24)."""
    if not unread_events.keep(conn, body):
        return EventOutcome.REPEATED
    report_unread(conn, body.client_id)
    return EventOutcome.NOT_UNDERSTOOD


def report_unread(conn: Conn, client_id: str) -> None:
    """Show the number of unread events of the last days to the account's portals, or close the problem."""
    code, count = ProblemCode.GATEWAY_EVENTS_UNREAD, unread_events.count(conn, client_id, days=SHOWN_DAYS)
    for portal_id in accounts.linked_portals(conn, client_id):
        if count:
            problems.open_problem(conn, portal_id, code, {"count": count})
        else:
            problems.close_problem(conn, portal_id, code)


def _key(type_: GatewayEvent, *parts: str) -> str:
    """The key of an event, from its parsed fields: the same event may be written in several ways."""
    return f"{type_}:{request_hash({'parts': parts}).hex()}"


def _former_key(type_: GatewayEvent, payload: dict[str, Any]) -> str:
    """The key that the version before gave the same body: an event that it stored may be repeated after a release."""
    return f"{type_}:{request_hash(payload).hex()}"


def _owner(conn: Conn, client_id: str, gateway_id: str) -> int | None:
    """The portal that owns the id, if it sends or ever sent with this account."""
    portal_id = messages.portal_of_gateway_id(conn, gateway_id)
    return portal_id if portal_id and accounts.was_linked(conn, portal_id, client_id) else None


def _store(
    conn: Conn,
    portal_id: int,
    event_key: str,
    client_id: str,
    type_: GatewayEvent,
    payload: dict[str, Any],
    *,
    former_key: str = "",
) -> EventOutcome:
    entered = lanes.enter(conn, portal_id, LaneKind.EVENTS)
    added = inbox.add(
        entered,
        event_key=event_key,
        former_key=former_key,
        client_id=client_id,
        type_=type_,
        payload=payload,
    )
    if not added:
        return EventOutcome.REPEATED
    lanes.wake(entered, LaneKind.EVENTS)
    return EventOutcome.STORED
