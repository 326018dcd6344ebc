"""Queue one SMS for delivery, now or later: the only way by which a message comes into being."""

from dataclasses import dataclass
from datetime import UTC, datetime

from connector.domain.refusals import Code, Refusal
from connector.store import accounts, idempotency, lanes, messages, opt_outs
from connector.store.database import Conn
from connector.store.messages import Message
from connector.store.portals import Portal
from connector.use_cases.build_message import Origin, build_message, refuse_without_consent
from connector.use_cases.compose_message import MessageRequest, compose_message


@dataclass(frozen=True, slots=True)
class QueueMessage:
    source: str
    idempotency_key: str
    user_id: int | None
    request: MessageRequest


@dataclass(frozen=True, slots=True)
class Queued:
    message: Message
    repeated: bool  # an earlier, equal request stored it


def queue_message(conn: Conn, portal: Portal, command: QueueMessage, *, deployment_prefix: str) -> Queued:
    """Store one outbound message and open its lane, in the caller's transaction.

    Same key, portal and content: the first message again, nothing is stored. A key is bound only by an accepted
    command, so what was refused may be repeated with the same key (protocol P16).

    Raises:
        Refusal: account_not_linked, opted_out, key_reused, or one of `compose_message`'s. Nothing was stored, sent
            or charged.
    """
    asked = {"portal_id": portal.portal_id, "user_id": command.user_id, **command.request.asked()}
    content_hash = idempotency.request_hash(asked)
    repeated = _find_equal(conn, portal, command, content_hash)
    if repeated:
        return repeated
    check_consent(conn, portal, command.request)
    now = datetime.now(UTC)
    origin = Origin(command.source, command.user_id, deployment_prefix)
    message = build_message(
        portal, origin, command.request, compose_message(portal, command.request, now), now
    )
    lanes.enter(conn, portal.portal_id, "deliver")
    if not idempotency.bind(
        conn,
        portal.portal_id,
        command.source,
        command.idempotency_key,
        content_hash=content_hash,
        message_id=message.message_id,
    ):
        # An equal request was faster; its row is visible to a new statement only.
        repeated = _find_equal(conn, portal, command, content_hash)
        assert repeated is not None, "a key that is taken can be read"
        return repeated
    messages.insert(conn, message, cause=command.source)
    lanes.wake(conn, portal.portal_id, "deliver", message.due_at, urgent=message.priority == 0)
    return Queued(message, repeated=False)


def check_consent(conn: Conn, portal: Portal, request: MessageRequest) -> None:
    """Raises Refusal account_not_linked or opted_out."""
    refuse_without_consent(
        portal,
        request,
        is_linked=accounts.is_linked(conn, portal.portal_id),
        opted_out=opt_outs.of(conn, portal.portal_id, [request.recipient.e164]),
    )


def _find_equal(conn: Conn, portal: Portal, command: QueueMessage, content_hash: bytes) -> Queued | None:
    bound = idempotency.find(conn, portal.portal_id, command.source, command.idempotency_key)
    if bound is None:
        return None
    if bound.request_hash != content_hash:
        raise Refusal(Code.KEY_REUSED)
    return Queued(messages.get(conn, portal.portal_id, bound.message_id), repeated=True)
