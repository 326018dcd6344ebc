"""Queue one SMS for delivery: the only way by which a message comes into being."""

import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from connector.domain.phone_numbers import PhoneNumber
from connector.domain.refusals import Code, Refusal
from connector.domain.segments import MAX_PARTS, count, counted_text, is_gsm7, not_gsm7
from connector.domain.senders import check_sender
from connector.store import accounts, idempotency, lanes, messages, opt_outs
from connector.store.database import Conn
from connector.store.messages import Message
from connector.store.portals import Portal
from connector.store.vault import Vault

# How long a message may wait (gateway away, no credits) before it no longer makes sense to send it.
MAX_AGE: Final = {"card": timedelta(hours=24)}


@dataclass(frozen=True, slots=True)
class QueueMessage:
    """One SMS as asked for. `recipient` was read from the record, not believed from a browser."""

    source: str
    idempotency_key: str
    user_id: int | None
    object_type_id: str
    object_id: str
    recipient: PhoneNumber
    recipient_raw: str
    recipient_property: str
    push_type: str
    sender: str | None
    unicode: bool
    text: str


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
        Refusal: account_not_linked, sender_invalid, text_empty, text_too_long, text_not_gsm7, opted_out, key_reused.
            Nothing was stored, sent or charged.
    """
    content_hash = idempotency.request_hash({"portal_id": portal.portal_id, **asdict(command)})
    repeated = _find_equal(conn, portal, command, content_hash)
    if repeated:
        return repeated
    message = _check(conn, vault, portal, command, deployment_prefix)
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


def _find_equal(conn: Conn, portal: Portal, command: QueueMessage, content_hash: bytes) -> Queued | None:
    bound = idempotency.find(conn, portal.portal_id, command.source, command.idempotency_key)
    if bound is None:
        return None
    if bound.request_hash != content_hash:
        raise Refusal(Code.KEY_REUSED)
    return Queued(messages.get(conn, portal.portal_id, bound.message_id), repeated=True)


def _check(
    conn: Conn, vault: Vault, portal: Portal, command: QueueMessage, deployment_prefix: str
) -> Message:
    """The message to store, or a Refusal."""
    if accounts.current_link(conn, vault, portal.portal_id) is None:
        raise Refusal(Code.ACCOUNT_NOT_LINKED)
    sender = check_sender(command.sender)
    if not command.text.strip():
        raise Refusal(Code.TEXT_EMPTY)
    if not command.unicode and not is_gsm7(command.text):
        raise Refusal(Code.TEXT_NOT_GSM7, characters=not_gsm7(command.text)[:20])
    segments = count(counted_text(command.text, command.push_type, sender))
    if segments.parts > MAX_PARTS:
        raise Refusal(Code.TEXT_TOO_LONG, parts=segments.parts, max=MAX_PARTS)
    if opt_outs.is_opted_out(conn, portal.portal_id, command.recipient.e164):
        raise Refusal(Code.OPTED_OUT, number=command.recipient.e164)
    now = datetime.now(UTC)
    message_id = uuid.uuid4()
    return Message(
        portal_id=portal.portal_id,
        message_id=message_id,
        direction="outbound",
        state="queued",
        reason=None,
        object_type_id=command.object_type_id,
        object_id=command.object_id,
        recipient=command.recipient.e164,
        recipient_raw=command.recipient_raw,
        recipient_property=command.recipient_property,
        source=command.source,
        priority=_priority(command),
        user_id=command.user_id,
        push_type=command.push_type,
        sender=sender,
        text=command.text,
        # Unicode is permitted by the user but asked of the gateway only when a character needs it: it costs more.
        unicode=segments.encoding == "ucs2",
        encoding=segments.encoding,
        parts=segments.parts,
        gateway_id=f"{deployment_prefix}-{message_id.hex}",
        attempt_id=None,
        ticket=None,
        cost_credits=None,
        created_at=now,
        due_at=now,
        expires_at=now + MAX_AGE[command.source],
        accepted_at=None,
    )


def _priority(command: QueueMessage) -> int:
    """Claim class (protocol P4): a person is waiting, then alerts, then marketing."""
    if command.source in ("card", "reply"):
        return 0
    return 1 if command.push_type == "alert" else 2
