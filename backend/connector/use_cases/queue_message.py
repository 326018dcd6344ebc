"""Queue one SMS for delivery, now or later: the only way by which a message comes into being."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from connector.domain.consent import blocks
from connector.domain.refusals import Code, Refusal
from connector.store import accounts, idempotency, lanes, messages, opt_outs
from connector.store.database import Conn
from connector.store.messages import Message
from connector.store.portals import Portal
from connector.store.vault import Vault
from connector.use_cases.compose_message import Composed, MessageRequest, compose_message

# How long a message may wait past its time (gateway away, no credits) before it no longer makes sense to send it.
MAX_AGE: Final = {"card": timedelta(hours=24)}


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


def queue_message(
    conn: Conn, vault: Vault, portal: Portal, command: QueueMessage, *, deployment_prefix: str
) -> Queued:
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
    check_consent(conn, vault, portal, command.request)
    now = datetime.now(UTC)
    message = _message(portal, command, compose_message(portal, command.request, now), deployment_prefix, now)
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
    lanes.wake(conn, portal.portal_id, "deliver", message.due_at)
    return Queued(message, repeated=False)


def check_consent(conn: Conn, vault: Vault, portal: Portal, request: MessageRequest) -> None:
    """Raises Refusal account_not_linked or opted_out."""
    if accounts.current_link(conn, vault, portal.portal_id) is None:
        raise Refusal(Code.ACCOUNT_NOT_LINKED)
    is_opted_out = opt_outs.is_opted_out(conn, portal.portal_id, request.recipient.e164)
    if blocks(request.push_type, is_opted_out, "allow" if portal.alert_rule == "allow" else "block"):
        raise Refusal(Code.OPTED_OUT, number=request.recipient.e164)


def _find_equal(conn: Conn, portal: Portal, command: QueueMessage, content_hash: bytes) -> Queued | None:
    bound = idempotency.find(conn, portal.portal_id, command.source, command.idempotency_key)
    if bound is None:
        return None
    if bound.request_hash != content_hash:
        raise Refusal(Code.KEY_REUSED)
    return Queued(messages.get(conn, portal.portal_id, bound.message_id), repeated=True)


def _message(
    portal: Portal, command: QueueMessage, composed: Composed, deployment_prefix: str, now: datetime
) -> Message:
    request = command.request
    message_id = uuid.uuid4()
    is_later = composed.slot.at > now
    person_type, person_id = request.person or (None, None)
    return Message(
        portal_id=portal.portal_id,
        message_id=message_id,
        direction="outbound",
        state="scheduled" if is_later else "queued",
        reason="legal_hours" if composed.is_delayed else None,
        object_type_id=request.object_type_id,
        object_id=request.object_id,
        person_object_type_id=person_type,
        person_object_id=person_id,
        recipient=request.recipient.e164,
        recipient_raw=request.recipient_raw,
        recipient_property=request.recipient_property,
        recipient_country=request.recipient.country,
        source=command.source,
        priority=_priority(command),
        user_id=command.user_id,
        push_type=request.push_type,
        sender=composed.sender,
        text=composed.text,
        links=composed.links,
        template_id=uuid.UUID(request.template_id) if request.template_id else None,
        # Unicode is permitted by the user but asked of the gateway only when a character needs it: it costs more.
        unicode=composed.segments.encoding == "ucs2",
        encoding=composed.segments.encoding,
        parts=composed.segments.parts,
        gateway_id=f"{deployment_prefix}-{message_id.hex}",
        attempt_id=None,
        ticket=None,
        cost_credits=None,
        created_at=now,
        asked_at=composed.asked_at if request.send_at else None,
        due_at=composed.slot.at,
        slot_ends_at=composed.slot.ends_at,
        expires_at=composed.slot.at + MAX_AGE[command.source],
        accepted_at=None,
        read_at=None,
    )


def _priority(command: QueueMessage) -> int:
    """Claim class (protocol P4): a person is waiting, then alerts, then marketing."""
    if command.source in ("card", "reply"):
        return 0
    return 1 if command.request.push_type == "alert" else 2
