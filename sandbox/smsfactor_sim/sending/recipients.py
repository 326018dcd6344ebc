"""Filters the recipients of a call and counts the reasons.

The reasons and their counters: SMSFactor docs. The order of the filters and that the first of two equal
numbers stays are unconfirmed. total = sent + all counters always holds.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.smsfactor_sim.numbers import Mobile
from sandbox.smsfactor_sim.sending.orders import Recipient, SendOrder
from sandbox.smsfactor_sim.things import Account
from sandbox.smsfactor_sim.wire import PARIS
from sandbox.smsfactor_sim.world import World

REASONS = ("blacklisted", "duplicated", "npai", "invalid", "not_allowed", "flood", "country_limit")


@dataclass(frozen=True)
class Filtered:
    """The remaining recipients with their numbers, and a count for each reason."""

    kept: list[tuple[Recipient, Mobile]]
    counts: dict[str, int]


def filter_recipients(world: World, account: Account, order: SendOrder) -> Filtered:
    """Filter an order's recipients; nothing is stored."""
    gate = _Gate(world, account, order)
    counts: Counter[str] = Counter()
    kept = []
    for recipient in order.recipients:
        mobile = world.mobile(recipient.value)
        reason = "invalid" if mobile is None else gate.refusal(mobile)
        if reason is not None:
            counts[reason] += 1
        elif mobile is not None:
            kept.append((recipient, mobile))
    return Filtered(kept, {name: counts[name] for name in REASONS})


class _Gate:
    """The filters, with their state from one recipient of the call to the next."""

    def __init__(self, world: World, account: Account, order: SendOrder) -> None:
        self._world = world
        self._account_id = account.client_id
        self._order = order
        self._seen: set[str] = set()
        self._by_country = self._sent_this_month()

    def refusal(self, mobile: Mobile) -> str | None:
        """The counter for this number, or None when it may be texted."""
        settings = self._world.settings
        if mobile.number in self._seen:
            return "duplicated"
        self._seen.add(mobile.number)
        key = f"{self._account_id}/{mobile.number}"
        if key in self._world.stops and self._stops_apply():
            return "blacklisted"
        if key in self._world.npais:
            return "npai"
        if mobile.country in settings["not_allowed_countries"]:
            return "not_allowed"
        limit = settings["country_limits"].get(mobile.country)
        if limit is not None and self._by_country[mobile.country] >= limit:
            return "country_limit"
        if self._is_flood(mobile.number, self._world.now()):
            return "flood"
        self._by_country[mobile.country] += 1
        return None

    def _stops_apply(self) -> bool:
        return self._order.push_type == "marketing" or bool(
            self._world.settings["blacklist_applies_to_alert"]
        )

    def _is_flood(self, number: str, now: datetime) -> bool:
        limit = int(self._world.settings["flood_limit"])
        if limit == 0:
            return False
        earlier = self._world.recent[(self._account_id, number, self._order.text)]
        return sum(1 for instant in earlier if instant > now - timedelta(hours=24)) >= limit

    def _sent_this_month(self) -> Counter[str]:
        if not self._world.settings["country_limits"]:
            return Counter()
        month = self._world.now().astimezone(PARIS).strftime("%Y-%m")
        return Counter(
            message.country
            for message in self._world.messages
            if message.account_id == self._account_id
            and message.accepted_at.astimezone(PARIS).strftime("%Y-%m") == month
        )
