"""Queue SMS for delivery, now or later; only this and the executions of workflows create messages."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Cursor
from psycopg.rows import DictRow

from connector.domain.refusals import Code, Refusal
from connector.domain.vocabulary import LaneKind, Source
from connector.store import idempotency, lanes
from connector.store.consent import opt_outs
from connector.store.database import Conn
from connector.store.idempotency import BoundKey, Key
from connector.store.messages import keyed_messages, messages, recent_texts, templates
from connector.store.messages.keyed_messages import KeyedMessage
from connector.store.messages.messages import Message
from connector.store.portals import accounts
from connector.store.portals.portals import Portal
from connector.use_cases.messages.build_message import Origin, build_message, refuse_without_consent
from connector.use_cases.messages.compose_message import MessageRequest, compose_message

# The same text to the same number within this time is more often a mistake than meant.
RECENT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SendRequest:
    """A command as the caller gave it. Two commands are compared without values read from a record."""

    source: Source
    idempotency_key: str
    user_id: int | None
    content: Mapping[str, Any]  # every input but the key

    def hashed(self, portal_id: int) -> bytes:
        return idempotency.request_hash({"portal_id": portal_id, "user_id": self.user_id, **self.content})

    def key(self, portal_id: int) -> Key:
        return Key(portal_id, self.source, idempotency.key_hash(self.idempotency_key))


@dataclass(frozen=True, slots=True)
class QueueMessage:
    """`request.template_id` is stored only if the portal has such a template."""

    send_request: SendRequest
    request: MessageRequest
    may_repeat: bool = True  # False: refused where the same text went to the same number a moment ago


@dataclass(frozen=True, slots=True)
class Queued:
    message: Message
    repeated: bool  # an earlier, equal request stored it


#: A command with its portal, as read for this call.
Addressed = tuple[Portal, QueueMessage]


def queue_message(
    conn: Conn, portal: Portal, command: QueueMessage, *, deployment_prefix: str, call_s: float = 0.0
) -> Queued:
    """`queue_messages` with one command. Raises its refusal."""
    [queued] = queue_messages(conn, [(portal, command)], deployment_prefix=deployment_prefix, call_s=call_s)
    if isinstance(queued, Exception):
        raise queued
    return queued


def queue_messages(
    conn: Conn, commands: Sequence[Addressed], *, deployment_prefix: str, call_s: float = 0.0
) -> list[Queued | Exception]:
    """Store outbound messages of any portals and open their lanes, in the caller's transaction.

    `call_s`: as `compose_message`. Same key, portal and content: the first message is returned, nothing is stored. A
    key is bound only by an accepted command, so a refused command may be repeated with the same key (protocol P16).

    In place of a result: Refusal account_not_linked, opted_out, key_reused, sent_recently, or a refusal of
    `compose_message`, or a defect. Nothing was stored, sent or charged for that command.
    """
    facts = _read_facts(conn, commands)
    now = datetime.now(UTC)
    results: list[Queued | Exception | None] = []
    new: dict[int, KeyedMessage] = {}
    for place, (portal, command) in enumerate(commands):
        try:
            bound = facts.bound.get(command.send_request.key(portal.portal_id))
            if bound:
                results.append(_repeated(conn, portal.portal_id, command.send_request, bound))
                continue
            new[place] = _built(facts, portal, command, deployment_prefix, call_s, now)
            results.append(None)
        except Exception as fault:
            results.append(fault)
    won = _store(conn, list(new.values()))
    for place, keyed in new.items():
        portal, command = commands[place]
        if keyed.message.message_id in won:
            results[place] = Queued(keyed.message, repeated=False)
        else:
            # An equal request was faster; only a new statement sees its row.
            results[place] = _faster(conn, portal.portal_id, command.send_request)
    return [result for result in results if result is not None]


@dataclass(frozen=True, slots=True)
class _Facts:
    """The data that decides about some commands."""

    linked: set[int]
    opted_out: set[tuple[int, str]]
    templates: set[tuple[int, uuid.UUID]]
    recent: Mapping[tuple[int, str, str], datetime]  # portal, number, text of what went a moment ago
    bound: Mapping[Key, BoundKey]


def _read_facts(conn: Conn, commands: Sequence[Addressed]) -> _Facts:
    """One round-trip for all of them."""
    named = [
        (portal.portal_id, uuid.UUID(command.request.template_id))
        for portal, command in commands
        if command.request.template_id
    ]
    asking = [
        (portal.portal_id, command.request.recipient.e164)
        for portal, command in commands
        if not command.may_repeat
    ]
    with conn.pipeline():
        linked = accounts.select_linked(conn, [portal.portal_id for portal, _ in commands])
        opted_out = opt_outs.select_pairs(
            conn, [(portal.portal_id, command.request.recipient.e164) for portal, command in commands]
        )
        bound = idempotency.select_bound(
            conn, [command.send_request.key(portal.portal_id) for portal, command in commands]
        )
        known = templates.select_known(conn, named) if named else None
        recent = recent_texts.select(conn, asking, datetime.now(UTC) - RECENT) if asking else None
    return _Facts(
        {row["portal_id"] for row in linked},
        {(row["portal_id"], row["recipient"]) for row in opted_out},
        {(row["portal_id"], row["template_id"]) for row in known or ()},
        {(row["portal_id"], row["recipient"], row["text"]): row["created_at"] for row in recent or ()},
        idempotency.read_bound(bound),
    )


def _built(
    facts: _Facts,
    portal: Portal,
    command: QueueMessage,
    deployment_prefix: str,
    call_s: float,
    now: datetime,
) -> KeyedMessage:
    """The message with its key. Raises Refusal."""
    send_request, request, portal_id = command.send_request, command.request, portal.portal_id
    number = request.recipient.e164
    refuse_without_consent(
        portal,
        request,
        is_linked=portal_id in facts.linked,
        opted_out={number} if (portal_id, number) in facts.opted_out else (),
    )
    if request.template_id and (portal_id, uuid.UUID(request.template_id)) not in facts.templates:
        request = replace(request, template_id=None)  # deleted meanwhile, or another portal's
    composed = compose_message(portal, request, now, call_s=call_s)
    earlier = facts.recent.get((portal_id, number, composed.text))
    if earlier and not command.may_repeat:
        raise Refusal(Code.SENT_RECENTLY, at=earlier.isoformat(timespec="seconds"))
    origin = Origin(send_request.source, send_request.user_id, deployment_prefix)
    message = build_message(portal, origin, request, composed, now)
    return KeyedMessage(send_request.key(portal_id), send_request.hashed(portal_id), message)


def _store(conn: Conn, new: Sequence[KeyedMessage]) -> set[uuid.UUID]:
    """Store the messages whose key is free, and return their ids. One round-trip."""
    if not new:
        return set()
    due: dict[int, dict[LaneKind, datetime]] = {}
    for keyed in new:
        its_lanes = due.setdefault(keyed.message.portal_id, {})
        for kind, due_at in messages.due_lanes(keyed.message):
            its_lanes[kind] = min(its_lanes.get(kind, due_at), due_at)
    with conn.pipeline():
        entered = lanes.enter_all(conn, due)
        stored = keyed_messages.insert_keyed(entered, new)
    lanes.wake_all(
        [
            (entered[portal_id], kind, due_at)
            for portal_id, kinds in due.items()
            for kind, due_at in kinds.items()
        ],
        urgent=any(LaneKind.DELIVER_PERSONAL in kinds for kinds in due.values()),
    )
    return {row["message_id"] for row in stored}


def _faster(conn: Conn, portal_id: int, send_request: SendRequest) -> Queued | Exception:
    """The message of an equal request that was stored a moment ago, or the refusal of an unequal one."""
    try:
        repeated = find_queued(conn, portal_id, send_request)
    except Refusal as refusal:
        return refusal
    assert repeated is not None, "a key that is taken can be read"
    return repeated


def check_consent(conn: Conn, portal: Portal, request: MessageRequest) -> None:
    """Raises Refusal account_not_linked or opted_out."""
    refuse_without_consent(
        portal,
        request,
        is_linked=accounts.is_linked(conn, portal.portal_id),
        opted_out=opt_outs.opted_out(conn, portal.portal_id, [request.recipient.e164]),
    )


def find_queued(conn: Conn, portal_id: int, send_request: SendRequest) -> Queued | None:
    """The message of an earlier, equal command; None: there is none. Raises Refusal key_reused.

    Callers use this before they read the record: a repeated command gets its message even if the record has changed
    since, or cannot be read. A refusal would wrongly claim that nothing was sent.
    """
    return read_queued(conn, portal_id, send_request, select_queued(conn, portal_id, send_request))


def select_queued(conn: Conn, portal_id: int, send_request: SendRequest) -> Cursor[DictRow]:
    """The row for `read_queued`; read after the caller's pipeline ends."""
    return idempotency.select_one(conn, send_request.key(portal_id))


def read_queued(
    conn: Conn, portal_id: int, send_request: SendRequest, found: Cursor[DictRow]
) -> Queued | None:
    """As `find_queued`, from its row."""
    bound = idempotency.read_bound(found).get(send_request.key(portal_id))
    return _repeated(conn, portal_id, send_request, bound) if bound else None


def _repeated(conn: Conn, portal_id: int, send_request: SendRequest, bound: BoundKey) -> Queued:
    if bound.request_hash != send_request.hashed(portal_id):
        raise Refusal(Code.KEY_REUSED)
    return Queued(messages.get(conn, portal_id, bound.message_id), repeated=True)
