"""Queue one SMS for delivery, now or later; only this creates messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connector.domain.message import lane_of
from connector.domain.refusals import Code, Refusal
from connector.domain.vocabulary import Cause, LaneKind, Source
from connector.store import idempotency, lanes
from connector.store.consent import opt_outs
from connector.store.database import Conn
from connector.store.messages import messages
from connector.store.messages.messages import Message
from connector.store.portals import accounts
from connector.store.portals.portals import Portal
from connector.use_cases.messages.build_message import Origin, build_message, refuse_without_consent
from connector.use_cases.messages.compose_message import MessageRequest, compose_message


@dataclass(frozen=True, slots=True)
class SendRequest:
    """A command as the caller gave it. Two commands are compared without values read from a record."""

    source: Source
    idempotency_key: str
    user_id: int | None
    content: Mapping[str, Any]  # every input but the key

    def hashed(self, portal_id: int) -> bytes:
        return idempotency.request_hash({"portal_id": portal_id, "user_id": self.user_id, **self.content})


@dataclass(frozen=True, slots=True)
class QueueMessage:
    send_request: SendRequest
    request: MessageRequest


@dataclass(frozen=True, slots=True)
class Queued:
    message: Message
    repeated: bool  # an earlier, equal request stored it


def queue_message(
    conn: Conn, portal: Portal, command: QueueMessage, *, deployment_prefix: str, call_s: float = 0.0
) -> Queued:
    """Store one outbound message and open its lane, in the caller's transaction. `call_s`: as `compose_message`.

    Same key, portal and content: the first message is returned, nothing is stored. A key is bound only by an accepted
    command, so a refused command may be repeated with the same key (protocol P16).

    Raises:
        Refusal: account_not_linked, opted_out, key_reused, or a refusal of `compose_message`. Nothing was stored, sent
            or charged.
    """
    send_request = command.send_request
    repeated = find_queued(conn, portal.portal_id, send_request)
    if repeated:
        return repeated
    check_consent(conn, portal, command.request)
    now = datetime.now(UTC)
    origin = Origin(send_request.source, send_request.user_id, deployment_prefix)
    composed = compose_message(portal, command.request, now, call_s=call_s)
    message = build_message(portal, origin, command.request, composed, now)
    kind = lane_of(message.priority)
    entered = lanes.enter(conn, portal.portal_id, kind)
    if not idempotency.bind(
        conn,
        portal.portal_id,
        send_request.source,
        send_request.idempotency_key,
        content_hash=send_request.hashed(portal.portal_id),
        message_id=message.message_id,
    ):
        # An equal request was faster; only a new statement sees its row.
        repeated = find_queued(conn, portal.portal_id, send_request)
        assert repeated is not None, "a key that is taken can be read"
        return repeated
    messages.insert(entered, message, cause=Cause(send_request.source))
    lanes.wake(entered, kind, message.due_at, urgent=kind == LaneKind.DELIVER_PERSONAL)
    return Queued(message, repeated=False)


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
    bound = idempotency.find(conn, portal_id, send_request.source, send_request.idempotency_key)
    if bound is None:
        return None
    if bound.request_hash != send_request.hashed(portal_id):
        raise Refusal(Code.KEY_REUSED)
    return Queued(messages.get(conn, portal_id, bound.message_id), repeated=True)
