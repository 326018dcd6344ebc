"""Send a held message to the number that its record has now; the user decides (protocol P11)."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from connector.domain.consent import blocks
from connector.domain.message import DELIVERY_LANES, lane_of
from connector.domain.phone_numbers import PhoneNumber
from connector.domain.refusals import Code, Refusal
from connector.domain.vocabulary import MessageState, Reason, by_user
from connector.store import lanes
from connector.store.consent import opt_outs
from connector.store.database import Conn
from connector.store.messages import checks, messages
from connector.store.messages.checks import Redirection
from connector.store.messages.messages import Message
from connector.store.portals.portals import Portal
from connector.use_cases.messages.build_message import max_age
from connector.use_cases.messages.compose_message import slot_of
from connector.use_cases.messages.move_messages import move_messages


@dataclass(frozen=True, slots=True)
class SendHeld:
    """The number was read from the record just now."""

    message_id: uuid.UUID
    object_type_id: str  # the record whose card the user sees
    object_id: str
    recipient: PhoneNumber
    recipient_raw: str
    recipient_property: str
    user_id: int | None


def send_held(conn: Conn, portal: Portal, command: SendHeld, now: datetime, *, call_s: float) -> Message:
    """Queue the message for its new number; marketing waits for the legal hours there. Repeating it is not an error.

    Raises Refusal message_not_held (it is not this record's, or another user has decided), opted_out or
    country_not_allowed. Nothing was sent then.
    """
    entered = lanes.enter(conn, portal.portal_id, *DELIVERY_LANES)
    message = _of_record(conn, portal.portal_id, command)
    if message.state != MessageState.HELD:
        if message.state != MessageState.CANCELLED and message.recipient == command.recipient.e164:
            return message
        raise Refusal(Code.MESSAGE_NOT_HELD)
    _refuse_recipient(conn, portal, message, command.recipient)
    slot = slot_of(portal, message.push_type, command.recipient.country, now, call_s=call_s)
    redirection = Redirection(
        recipient=command.recipient,
        recipient_raw=command.recipient_raw,
        recipient_property=command.recipient_property,
        due_at=slot.at,
        slot_ends_at=slot.ends_at,
        expires_at=slot.at + max_age(portal, message.source),
    )
    if not checks.redirect(conn, portal.portal_id, message.message_id, redirection):
        raise Refusal(Code.MESSAGE_NOT_HELD)
    [moved] = move_messages(
        conn,
        portal.portal_id,
        [message.message_id],
        MessageState.QUEUED,
        cause=by_user(command.user_id),
        reason=Reason.LEGAL_HOURS if slot.at > now else None,
    )
    lanes.wake(entered, lane_of(message.priority), slot.at, urgent=message.priority == 0)
    return moved.message


def _of_record(conn: Conn, portal_id: int, command: SendHeld) -> Message:
    found = messages.find(conn, portal_id, [command.message_id])
    record = (command.object_type_id, command.object_id)
    if not found or (found[0].object_type_id, found[0].object_id) != record:
        raise Refusal(Code.MESSAGE_NOT_HELD)
    return found[0]


def _refuse_recipient(conn: Conn, portal: Portal, message: Message, recipient: PhoneNumber) -> None:
    is_opted_out = recipient.e164 in opt_outs.opted_out(conn, portal.portal_id, [recipient.e164])
    if blocks(message.push_type, is_opted_out, portal.alert_rule):
        raise Refusal(Code.OPTED_OUT, number=recipient.e164)
    if portal.allowed_countries is not None and recipient.country not in portal.allowed_countries:
        raise Refusal(Code.COUNTRY_NOT_ALLOWED, country=recipient.country)
