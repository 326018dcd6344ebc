"""Build the row of one SMS that may be sent, in the same way for every path that creates messages."""

import random
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.domain.consent import blocks
from connector.domain.refusals import Code, Refusal
from connector.domain.vocabulary import Direction, Encoding, MessageState, PushType, Reason, Source
from connector.store.messages.messages import Message
from connector.store.portals.portals import Portal
from connector.use_cases.messages.compose_message import Composed, MessageRequest


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a message."""

    source: Source
    user_id: int | None  # None: not sent by a user
    deployment_prefix: str


def refuse_without_consent(
    portal: Portal, request: MessageRequest, *, is_linked: bool, opted_out: Collection[str]
) -> None:
    """Raises Refusal account_not_linked or opted_out; `opted_out` covers at least the recipients."""
    if not is_linked:
        raise Refusal(Code.ACCOUNT_NOT_LINKED)
    is_opted_out = request.recipient.e164 in opted_out
    if blocks(request.push_type, is_opted_out, portal.alert_rule):
        raise Refusal(Code.OPTED_OUT, number=request.recipient.e164)


def build_message(
    portal: Portal, origin: Origin, request: MessageRequest, composed: Composed, now: datetime
) -> Message:
    """The message, `queued` or `scheduled`; nothing is stored."""
    # Not uuid4(): its system call lets another thread run, so each row of a batch would wait for the thread's next
    # turn. An id is not a secret; `random` is seeded by the system in every process, even after a fork.
    message_id = uuid.UUID(int=random.getrandbits(128), version=4)
    is_later = composed.slot.at > now
    person_type, person_id = request.person or (None, None)
    return Message(
        portal_id=portal.portal_id,
        message_id=message_id,
        direction=Direction.OUTBOUND,
        state=MessageState.SCHEDULED if is_later else MessageState.QUEUED,
        reason=Reason.LEGAL_HOURS if composed.is_delayed else None,
        object_type_id=request.object_type_id,
        object_id=request.object_id,
        person_object_type_id=person_type,
        person_object_id=person_id,
        recipient=request.recipient.e164,
        recipient_raw=request.recipient_raw,
        recipient_property=request.recipient_property,
        recipient_country=request.recipient.country,
        source=origin.source,
        priority=_priority(origin.source, request.push_type),
        user_id=origin.user_id,
        push_type=request.push_type,
        sender=composed.sender,
        text=composed.text,
        links=composed.links,
        template_id=uuid.UUID(request.template_id) if request.template_id else None,
        # The user permits Unicode, but it is requested only when a character needs it: it costs more.
        unicode=composed.segments.encoding == Encoding.UCS2,
        encoding=composed.segments.encoding,
        parts=composed.segments.parts,
        gateway_id=f"{origin.deployment_prefix}-{message_id.hex}",
        attempt_id=None,
        ticket=None,
        cost_credits=None,
        created_at=now,
        asked_at=composed.asked_at if request.send_at else None,
        due_at=composed.slot.at,
        slot_ends_at=composed.slot.ends_at,
        expires_at=composed.slot.at + max_age(portal, origin.source),
        accepted_at=None,
        read_at=None,
        stop_empty_at=now if request.is_stop_empty else None,
    )


def max_age(portal: Portal, source: Source) -> timedelta:
    """How long after its time a message is still worth sending (gateway unavailable, no credits, paused)."""
    return timedelta(hours=portal.max_ages_h[source])


def _priority(source: Source, push_type: PushType) -> int:
    """Claim class (protocol P4): messages of users first, then alerts, then marketing."""
    if source in (Source.CARD, Source.REPLY):
        return 0
    return 1 if push_type == PushType.ALERT else 2
