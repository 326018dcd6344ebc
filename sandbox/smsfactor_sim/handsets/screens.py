"""The screens of the simulated handsets, for the control API and the page."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.smsfactor_sim.handsets.carrier import reaches_handset
from sandbox.smsfactor_sim.things import Message, Reply
from sandbox.smsfactor_sim.world import World


def handsets(world: World, most: int | None = None) -> list[dict[str, Any]]:
    """Up to `most` numbers with sent or received messages, the number with the newest message first.

    Each: number, not_delivered (messages that left and never reached it) and messages, oldest first, with
    direction `received` (an SMS to the phone) or `sent` (a reply). Hold the world's lock.
    """
    phones: dict[str, _Phone] = {}
    for message in world.messages:
        if message.sent_at is None:
            continue
        phone = phones.setdefault(message.number, _Phone(message.number))
        if reaches_handset(message):
            phone.shown.append((message.sent_at, message))
        else:
            phone.not_delivered += 1
    for reply in world.replies:
        phones.setdefault(reply.number, _Phone(reply.number)).shown.append((reply.at, reply))
    newest = sorted(phones.values(), key=_newest, reverse=True)[:most]
    return [phone.as_json(world) for phone in newest]


@dataclass
class _Phone:
    number: str
    not_delivered: int = 0
    shown: list[tuple[datetime, Message | Reply]] = field(default_factory=list)

    def as_json(self, world: World) -> dict[str, Any]:
        """Number, count of undelivered messages, and messages by time."""
        by_time = sorted(self.shown, key=lambda pair: pair[0])
        messages = [_received(world, one) if isinstance(one, Message) else _sent(one) for _, one in by_time]
        return {"number": self.number, "not_delivered": self.not_delivered, "messages": messages}


def _newest(phone: _Phone) -> datetime:
    return max((at for at, _ in phone.shown), default=datetime.min.replace(tzinfo=UTC))


def _received(world: World, message: Message) -> dict[str, Any]:
    assert message.sent_at is not None, "only messages that have left reach a handset"
    links = [world.short_links[code] for code in message.codes]
    return {
        "direction": "received",
        "text": message.text,
        "sender": message.sender,
        "at": message.sent_at.isoformat(),
        "gsmsmsid": message.gsmsmsid,
        "campaign_id": message.campaign_id,
        "parts": message.parts,
        "encoding": message.encoding,
        "status": message.status,
        "links": [{"code": link.code, "path": f"/s/{link.code}", "clicks": link.clicks} for link in links],
    }


def _sent(reply: Reply) -> dict[str, Any]:
    return {
        "direction": "sent",
        "text": reply.text,
        "sender": None,
        "at": reply.at.isoformat(),
        "gsmsmsid": reply.gsmsmsid,
        "campaign_id": reply.campaign_id,
        "parts": 1,
        "encoding": None,
        "status": "stop" if reply.is_stop else "sent",
        "links": [],
    }
