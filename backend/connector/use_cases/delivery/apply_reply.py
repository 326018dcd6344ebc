"""Apply one reply: store it as unread beside the message it answers, and settle the workflows that wait for it."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from connector.domain.text.segments import count
from connector.domain.vocabulary import (
    Cause,
    Direction,
    Encoding,
    ExecutionStatus,
    LaneKind,
    MessageState,
    Source,
    WaitFor,
)
from connector.domain.workflows.waits import Outcome
from connector.store import lanes
from connector.store.database import Conn
from connector.store.messages import messages
from connector.store.messages.messages import Message
from connector.store.workflows import waits
from connector.use_cases.workflows.settle_waits import changes_of


@dataclass(frozen=True, slots=True)
class ApplyReply:
    portal_id: int
    event_key: str  # the same event gives the same message
    gateway_id: str | None  # of the answered message, if the gateway knows it
    number: str  # of the writer, E.164
    text: str
    at: datetime


def answered_message(conn: Conn, portal_id: int, gateway_id: str | None, number: str) -> Message | None:
    """The message that a reply from `number` answers; None: the portal never texted it."""
    named = messages.find_by_gateway_id(conn, portal_id, gateway_id) if gateway_id else None
    return named or messages.latest_to(conn, portal_id, number)


def apply_reply(conn: Conn, command: ApplyReply) -> bool:
    """Store the reply on the record that was last texted at this number. False: the portal never texted it."""
    answered = answered_message(conn, command.portal_id, command.gateway_id, command.number)
    if answered is None:
        return False
    message_id = uuid.uuid5(uuid.NAMESPACE_OID, f"{command.portal_id}:{command.event_key}")
    segments = count(command.text)
    reply = replace(
        answered,
        message_id=message_id,
        direction=Direction.INBOUND,
        state=MessageState.DELIVERED,
        reason=None,
        recipient=command.number,
        recipient_raw=command.number,
        recipient_property="",
        source=Source.REPLY,
        priority=0,
        user_id=None,
        sender=None,
        text=command.text,
        links=[],
        template_id=None,
        unicode=segments.encoding == Encoding.UCS2,
        encoding=segments.encoding,
        parts=max(segments.parts, 1),
        gateway_id=f"in-{message_id.hex}",
        attempt_id=None,
        ticket=None,
        cost_credits=None,
        created_at=command.at,
        asked_at=None,
        due_at=command.at,
        slot_ends_at=None,
        expires_at=command.at,
        accepted_at=None,
        read_at=None,
    )
    no_lane = lanes.enter(conn, command.portal_id)  # a stored reply is no lane's work
    messages.insert(no_lane, reply, cause=Cause.REPLY)
    _end_waits(conn, command.portal_id, answered.message_id, command.text)
    return True


def _end_waits(conn: Conn, portal_id: int, message_id: uuid.UUID, text: str) -> None:
    """End the waits for a reply to this message, in the caller's transaction. Ended waits are unchanged."""
    waits.hold_message(conn, portal_id, message_id)
    callback_ids = waits.of_message(conn, portal_id, message_id, WaitFor.REPLIED)
    if not callback_ids:
        return
    cost_credits = messages.get(conn, portal_id, message_id).cost_credits
    changes = changes_of(Outcome(ExecutionStatus.REPLIED, reply=text), cost_credits)
    entered = lanes.enter(conn, portal_id, LaneKind.CALLBACKS)
    due_at = waits.conclude(entered, [(callback_id, changes) for callback_id in callback_ids])
    if due_at:
        lanes.wake(entered, LaneKind.CALLBACKS, due_at)
