"""The send endpoints: check, filter, price, then store a campaign or only simulate it."""

import itertools

from sandbox.control import note_call
from sandbox.smsfactor_sim.account.credits import balance_after, charge, check_funds, refund
from sandbox.smsfactor_sim.api import Api, Call, Payload
from sandbox.smsfactor_sim.fields import wrong
from sandbox.smsfactor_sim.handsets.carrier import Carrier
from sandbox.smsfactor_sim.numbers import Mobile
from sandbox.smsfactor_sim.sending.encoding import Encoded
from sandbox.smsfactor_sim.sending.orders import (
    Recipient,
    SendOrder,
    departure,
    read_lists_order,
    read_numbers_order,
    read_query_order,
)
from sandbox.smsfactor_sim.sending.recipients import Filtered, filter_recipients
from sandbox.smsfactor_sim.sending.text import SAMPLE_CODE, compose
from sandbox.smsfactor_sim.things import Account, Campaign, Contact, Message, ShortLink
from sandbox.smsfactor_sim.wire import MODERATED, NO_CREDITS, NOT_FOUND, GatewayError, labels
from sandbox.smsfactor_sim.world import World

_QUERY = ("text", "to", "token", "pushtype", "delay", "sender", "gsmsmsid")
MODERATION_TRIGGER, NO_CREDIT_TRIGGER = "[[moderation]]", "[[nocredit]]"


def add_send_routes(api: Api, carrier: Carrier) -> None:
    """/send, /send/simulate, /send/lists, /send/lists/simulate, and the cancellation."""
    desk = _Desk(api.world, carrier)

    @api.route("GET POST", "/send", query_token=True)
    def send(call: Call) -> Payload:
        return desk.send(call.account, _read_order(api.world, call))

    @api.route("GET POST", "/send/simulate", query_token=True)
    def simulate(call: Call) -> Payload:
        return desk.simulate(call.account, _read_order(api.world, call))

    @api.route("POST", "/send/lists")
    def send_to_lists(call: Call) -> Payload:
        return desk.send(call.account, _read_lists(api.world, call))

    @api.route("POST", "/send/lists/simulate")
    def simulate_to_lists(call: Call) -> Payload:
        return desk.simulate(call.account, _read_lists(api.world, call))

    @api.route("DELETE", "/send/<ticket>")
    def cancel(call: Call, ticket: str) -> Payload:
        return desk.cancel(call.account, ticket)


def _read_order(world: World, call: Call) -> SendOrder:
    if call.request.method == "GET":
        return read_query_order(call.query(_QUERY), world.settings)
    return read_numbers_order(call.body, world.settings)


def _read_lists(world: World, call: Call) -> SendOrder:
    order, ids = read_lists_order(call.body, world.settings)
    recipients: list[Recipient] = []
    for list_id in ids:
        stored = world.lists.get(list_id)
        if stored is None or stored.account_id != call.account.client_id:
            raise GatewayError(NOT_FOUND, f"There is no list {list_id}")
        recipients += [Recipient(contact.number, None, _infos(contact)) for contact in stored.contacts]
    return SendOrder(**{**vars(order), "recipients": tuple(recipients)})


def _infos(contact: Contact) -> dict[str, str]:
    return {name: contact.infos.get(name, "") for name in ("info1", "info2", "info3", "info4")}


# Counters that answers recorded in 2023 lack.
_NEW_COUNTERS = frozenset({"not_allowed", "flood", "country_limit"})


class _Desk:
    """Takes orders. Every order is checked to the end before anything is stored or charged."""

    def __init__(self, world: World, carrier: Carrier) -> None:
        self._world = world
        self._carrier = carrier

    def simulate(self, account: Account, order: SendOrder) -> Payload:
        """The counters of a simulated send. `credits` is the balance it would leave (unconfirmed)."""
        departure(order, self._world.now(), self._world.settings)
        filtered = filter_recipients(self._world, account, order)
        cost = sum(self._cost(text, mobile) for _, mobile, text in self._priced(order, filtered))
        payer = self._world.payer(account)
        self._check_funds(order, payer, cost)
        ticket = (
            {"ticket": self._world.next_ticket()} if self._world.settings["simulate_returns_ticket"] else {}
        )
        return {**ticket, **self._counters(order, filtered, cost, balance_after(payer, cost))}

    def send(self, account: Account, order: SendOrder) -> Payload:
        """Accept an order: charge it, store its campaign, hand it to the carrier or to moderation."""
        world = self._world
        due_at = departure(order, world.now(), world.settings)
        filtered = filter_recipients(world, account, order)
        priced = self._priced(order, filtered)
        cost = sum(self._cost(text, mobile) for _, mobile, text in priced)
        payer = world.payer(account)
        self._check_funds(order, payer, cost)
        held = self._is_held(account, order)
        now = world.now()
        status = "Moderation" if held else "Waiting" if due_at > now else "Sending"
        campaign = Campaign(
            world.next_ticket(),
            account.client_id,
            order.text,
            order.sender,
            order.push_type,
            now,
            due_at,
            cost,
            status,
        )
        campaign.list_ids = list(order.list_ids)
        for position, (recipient, mobile, text) in enumerate(priced):
            self._store(campaign, order, position, recipient, mobile, text)
        world.campaigns[campaign.id] = campaign
        charge(world, self._carrier.deliveries, payer, cost)
        self._carrier.take(campaign, held=held)
        note_call(campaign_id=campaign.id)
        answer = {"ticket": campaign.id, **self._counters(order, filtered, cost, payer.balance)}
        label = labels(world.settings["language"])[MODERATED]
        return {"status": MODERATED, "message": label, **answer} if held else answer

    def cancel(self, account: Account, ticket: str) -> Payload:
        """Cancel a campaign that has not left and give its credits back; -5 for any other (unconfirmed).

        Just after an immediate send the answer is positive too (official Java suite); whether it recalls anything is
        unconfirmed, so it does not.
        """
        campaign = self._world.campaigns.get(ticket)
        if campaign is None or campaign.account_id != account.client_id:
            raise GatewayError(NOT_FOUND, f"There is no campaign {ticket}")
        payer = self._world.payer(account)
        if campaign.status not in ("Waiting", "Moderation"):
            age_s = (self._world.now() - campaign.created_at).total_seconds()
            if campaign.status == "Canceled" or age_s >= float(self._world.settings["cancel_sent_s"]):
                raise GatewayError(NOT_FOUND, f"The campaign {ticket} can no longer be cancelled")
            return {"credits": payer.balance}
        self._carrier.withdraw(campaign, "Canceled", "not_sent", "CANCELED")
        refund(payer, campaign.cost)
        return {"credits": payer.balance}

    def _counters(self, order: SendOrder, filtered: Filtered, cost: int, balance: int) -> Payload:
        """The figures of every send answer: all JSON numbers, `credits` too (elsewhere it is a string)."""
        is_old = self._world.settings["send_counters"] == "2023"
        counts = {
            name: count for name, count in filtered.counts.items() if not (is_old and name in _NEW_COUNTERS)
        }
        figures = {"total": len(order.recipients), "sent": len(filtered.kept)}
        return {"cost": cost, "credits": balance, **figures, **counts}

    def _check_funds(self, order: SendOrder, payer: Account, cost: int) -> None:
        if NO_CREDIT_TRIGGER in order.text:
            raise GatewayError(NO_CREDITS, "The text asked for this refusal")
        check_funds(payer, cost)

    def _is_held(self, account: Account, order: SendOrder) -> bool:
        if MODERATION_TRIGGER in order.text:
            return True
        first = int(self._world.settings["moderate_first"])
        mine = (one for one in self._world.campaigns.values() if one.account_id == account.client_id)
        return sum(1 for _ in itertools.islice(mine, first)) < first

    def _priced(self, order: SendOrder, filtered: Filtered) -> list[tuple[Recipient, Mobile, Encoded]]:
        """Each remaining recipient with its counted text. Texts without merge fields are counted once for all."""
        sample = [SAMPLE_CODE] * len(order.links)
        settings = self._world.settings
        common = compose(order, {}, sample, settings)
        if common.text == "":
            raise wrong("The text is empty")
        return [
            (one, mobile, compose(order, one.infos, sample, settings) if one.infos else common)
            for one, mobile in filtered.kept
        ]

    def _cost(self, text: Encoded, mobile: Mobile) -> int:
        weight: int = self._world.settings["country_costs"].get(mobile.country, 1)
        return text.parts * weight

    def _store(
        self,
        campaign: Campaign,
        order: SendOrder,
        position: int,
        recipient: Recipient,
        mobile: Mobile,
        text: Encoded,
    ) -> None:
        world = self._world
        codes = [world.new_code() for _ in order.links]
        if codes:
            text = compose(order, recipient.infos, codes, world.settings)
        message = Message(
            id=world.next_id(),
            account_id=campaign.account_id,
            campaign_id=campaign.id,
            gsmsmsid=recipient.gsmsmsid,
            number=mobile.number,
            country=mobile.country,
            text=text.text,
            encoding=text.encoding,
            parts=text.parts,
            cost=self._cost(text, mobile),
            sender=campaign.sender,
            position=position,
            accepted_at=campaign.created_at,
            due_at=campaign.due_at,
            codes=codes,
        )
        for code, long_url in zip(codes, order.links, strict=True):
            world.short_links[code] = ShortLink(code, long_url, message)
        campaign.messages.append(message)
        world.add_message(message)
        world.recent[(campaign.account_id, mobile.number, order.text)].append(campaign.created_at)
        world.note_accepted(
            {
                "gsmsmsid": recipient.gsmsmsid,
                "number": mobile.number,
                "campaign_id": campaign.id,
                "account_id": campaign.account_id,
                "at": campaign.created_at.isoformat(),
            }
        )
