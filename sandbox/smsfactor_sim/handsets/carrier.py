"""The mobile networks: deliver messages at their time, produce receipts, replies, STOPs and clicks.

The last two digits of its number decide what happens to a message (own convention; see /_control/help). Receipt codes
and payloads: SMSFactor docs.
"""

import re
from datetime import datetime
from typing import Any

from sandbox.smsfactor_sim.account.credits import refund
from sandbox.smsfactor_sim.scheduler import Action, Scheduler
from sandbox.smsfactor_sim.things import Campaign, Message, Reply, ShortLink
from sandbox.smsfactor_sim.webhooks.deliveries import Deliveries
from sandbox.smsfactor_sim.wire import paris_iso, paris_text
from sandbox.smsfactor_sim.world import World

SENT, NOT_DELIVERED, DELIVERED, INVALID_DESTINATION, REJECTED, EXPIRED = 1, 2, 3, 5, 9, 12
RECEIPT_NAMES = {
    0: "NOT_SENT",
    1: "SENT",
    2: "NOT_DELIVERED",
    3: "DELIVERED",
    4: "NOT_ALLOWED",
    5: "INVALID_DESTINATION",
    6: "INVALID_SENDER",
    7: "ROUTE_NOT_AVAILABLE",
    9: "REJECTED",
    11: "NETWORK_ERROR",
    12: "EXPIRED",
}
_FAILURES = {90: NOT_DELIVERED, 91: INVALID_DESTINATION, 92: EXPIRED, 93: REJECTED}
_REPLIES, _STOPS, _CLICKS, _RECEIPT_TWICE, _LATE_SENT, _SILENT = 94, 95, 96, 97, 98, 99


def ending(number: str) -> int:
    """The last two digits, which decide what happens to a message."""
    return int(number[-2:])


def reaches_handset(message: Message) -> bool:
    """True when the phone shows the message: it has left, and its number does not end in a failure."""
    return message.sent_at is not None and ending(message.number) not in _FAILURES


class Carrier:
    """Moves campaigns and messages through time. Hold the world's lock when calling it."""

    def __init__(self, world: World, scheduler: Scheduler, deliveries: Deliveries) -> None:
        self._world = world
        self._scheduler = scheduler
        self.deliveries = deliveries

    def take(self, campaign: Campaign, *, held: bool) -> None:
        """Accept a stored campaign: deliver it at its time, after moderation if needed."""
        if not held:
            self._scheduler.at(campaign.due_at, lambda: self._hand_over(campaign))
            return
        for message in campaign.messages:
            message.status, message.status_details = "moderation", "MODERATION"
        settings = self._world.settings
        decide = {"accept": self._approve, "refuse": self._refuse}.get(settings["moderation_outcome"])
        if decide is not None:
            self._scheduler.after(float(settings["moderation_s"]), lambda: decide(campaign))

    def withdraw(self, campaign: Campaign, state: str, status: str, details: str) -> None:
        """Cancel the schedule of a campaign that has not left."""
        campaign.status = state
        for message in campaign.messages:
            message.status, message.status_details = status, details

    def _approve(self, campaign: Campaign) -> None:
        if campaign.status != "Moderation":
            return
        campaign.status = "Waiting"
        for message in campaign.messages:
            message.status, message.status_details = "waiting", "WAITING"
        self._scheduler.at(campaign.due_at, lambda: self._hand_over(campaign))

    def _refuse(self, campaign: Campaign) -> None:
        """A refused campaign gives its credits back (SMSFactor docs); no receipt is sent (unconfirmed)."""
        if campaign.status == "Moderation":
            self.withdraw(campaign, "Canceled", "denied", "DENIED")
            refund(self._world.payer(self._world.accounts[campaign.account_id]), campaign.cost)

    def _hand_over(self, campaign: Campaign) -> None:
        if campaign.status == "Canceled":
            return
        now = self._world.now()
        campaign.status = "Sent"
        for message in campaign.messages:
            message.sent_at = now
            message.status, message.status_details = "sent", "SENT"
            self._world.last_message_to[message.number] = message
            if self._world.settings["dlr_intermediate"]:
                self.push_receipt(message, SENT, now)
        self._scheduler.after(
            float(self._world.settings["dlr_delay_s"]), lambda: self._conclude(campaign.messages)
        )

    def _conclude(self, messages: list[Message]) -> None:
        for message in messages:
            fate = ending(message.number)
            if fate == _SILENT:
                continue
            self.receipt(message, _FAILURES.get(fate, DELIVERED))
            if fate == _RECEIPT_TWICE:
                self.push_receipt(message, DELIVERED, self._world.now())
            elif fate == _LATE_SENT and message.sent_at is not None:
                # The later receipt overtakes the earlier one.
                self.push_receipt(message, SENT, message.sent_at)
            follow_up = self._follow_up(message, fate)
            if follow_up is not None:
                self._scheduler.after(float(self._world.settings["reply_delay_s"]), follow_up)

    def _follow_up(self, message: Message, fate: int) -> Action | None:
        # An alphabetic sender cannot receive replies. A STOP still works: it goes to the short code in the mention.
        if fate == _REPLIES and message.sender is None:
            return lambda: self.answer(message.number, "Oui")
        if fate == _STOPS:
            return lambda: self.answer(message.number, "STOP")
        if fate == _CLICKS and message.codes:
            return lambda: self._click_all(message)
        return None

    def _click_all(self, message: Message) -> None:
        for code in message.codes:
            self.click(self._world.short_links[code])

    def receipt(self, message: Message, code: int) -> None:
        """Settle a message with a receipt code and push the receipt."""
        now = self._world.now()
        message.receipt_at = now
        message.status = "delivered" if code == DELIVERED else "sent" if code == SENT else "undelivered"
        message.status_details = RECEIPT_NAMES.get(code, "UNKNOWN")
        if code == INVALID_DESTINATION:
            self._world.add_to_list(
                self._world.npais, message.account_id, message.number, message.campaign_id
            )
        self.push_receipt(message, code, now)

    def push_receipt(self, message: Message, code: int, at: datetime) -> None:
        """Send a DLR event, whatever the message's state."""
        payload = {
            "date": self._date(at),
            "status": code,
            "destination": message.number,
            "message_id": message.gsmsmsid,
            "campaign_id": message.campaign_id,
            "country_code": message.country,
        }
        self.deliveries.emit(message.account_id, "DLR", payload, about=message.id)

    def answer(self, number: str, text: str) -> Reply:
        """An SMS from a handset. A text that begins with a word of the setting `stop_words` is an opt-out."""
        world = self._world
        last = world.last_message_to.get(number)
        account_id = last.account_id if last else next(iter(world.accounts))
        reply = Reply(
            id=world.next_id(),
            account_id=account_id,
            number=number,
            text=text,
            at=world.now(),
            is_stop=self._is_stop(text),
            gsmsmsid=last.gsmsmsid if last else None,
            campaign_id=last.campaign_id if last else None,
        )
        world.replies.append(reply)
        if reply.is_stop:
            world.add_to_list(world.stops, account_id, number, reply.campaign_id)
        self._push_reply(reply, last)
        return reply

    def _is_stop(self, text: str) -> bool:
        words = "|".join(re.escape(word) for word in self._world.settings["stop_words"])
        return bool(words) and re.match(rf"\s*(?:{words})\b", text, re.IGNORECASE) is not None

    def _push_reply(self, reply: Reply, last: Message | None) -> None:
        payload: dict[str, Any] = {
            "date": self._date(reply.at),
            "message": reply.text,
            "from": reply.number,
            "account_id": reply.account_id,
            "last_message_id": reply.gsmsmsid,
        }
        kinds = ["STOP"] if reply.is_stop else ["MO"]
        if reply.is_stop and self._world.settings["stop_also_emits_mo"]:
            kinds.append("MO")
        for kind in kinds:
            self.deliveries.emit(reply.account_id, kind, payload, about=last.id if last else None)

    def click(self, link: ShortLink, device: tuple[str | None, str | None, str | None] | None = None) -> None:
        """Record a click on a short link. device: brand, model, operating system; an iPhone by default."""
        link.clicks += 1
        brand, model, system = device or ("Apple", "iPhone", "iOS")
        payload = {
            "campaign_id": link.message.campaign_id,
            "gsmsid": link.message.gsmsmsid,
            "date": paris_text(self._world.now()),
            "long_url": link.long_url,
            "short_url": link.code,
            "brand": brand,
            "model": model,
            "os": system,
            **dict.fromkeys(("info1", "info2", "info3", "info4")),
            "clicks_on_link": str(link.clicks),
        }
        self.deliveries.emit(link.message.account_id, "CLICKER", payload, about=link.message.id)

    def _date(self, at: datetime) -> str | None:
        bare = self._world.settings["webhook_date_style"] == "bare"
        return paris_text(at) if bare else paris_iso(at)


def scheduled_for(message: Message) -> datetime:
    """The `date` of a message in look-ups: the time it left or will leave."""
    return message.sent_at or message.due_at
