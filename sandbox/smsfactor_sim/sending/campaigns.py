"""Campaigns as the API shows them: figures as strings, one campaign as an array of one (SMSFactor docs)."""

from typing import Any

from sandbox.smsfactor_sim.api import Api, Call, Payload
from sandbox.smsfactor_sim.fields import wrong
from sandbox.smsfactor_sim.sending.messages import in_span, read_span
from sandbox.smsfactor_sim.things import Campaign, ListedNumber, Reply
from sandbox.smsfactor_sim.wire import NOT_FOUND, GatewayError, paris_text
from sandbox.smsfactor_sim.world import World

_SORTS = {"id": "id", "date": "date", "text": "text", "cost": "cost", "status": "status"}
_FILTERS = ("start", "length", "date_start", "date_end", "sms_min", "sms_max", "destination", "text", "sort")


def add_campaign_routes(api: Api) -> None:
    """GET /campaigns, /campaign/{id} and the replies and receipts of one campaign."""
    world = api.world

    @api.route("GET", "/campaigns")
    def list_campaigns(call: Call) -> Payload:
        query = call.query(_FILTERS)
        mine = campaigns_of(world, call.account.client_id)
        rows = [campaign_row(world, one) for one in mine if _passes(one, query)]
        page, totals = call.page(_sorted(rows, query.get("sort", "-date")), query, len(mine))
        return {"campaigns": page, **totals}

    @api.route("GET", "/campaign/<campaign_id>")
    def read_campaign(call: Call, campaign_id: str) -> Payload:
        return {"campaign": [campaign_row(world, _mine(world, call, campaign_id))]}

    @api.route("GET", "/campaign/<campaign_id>/mo")
    def list_campaign_replies(call: Call, campaign_id: str) -> Payload:
        _mine(world, call, campaign_id)
        return {"replies": [_reply(one) for one in world.replies if one.campaign_id == campaign_id]}

    @api.route("GET", "/campaign/<campaign_id>/blacklist")
    def list_campaign_stops(call: Call, campaign_id: str) -> Payload:
        _mine(world, call, campaign_id)
        return {"stops": [_listed(one) for one in world.stops.values() if one.campaign_id == campaign_id]}

    @api.route("GET PUT", "/campaign/<campaign_id>/npai")
    def campaign_npai(call: Call, campaign_id: str) -> Payload:
        _mine(world, call, campaign_id)
        found = [one for one in world.npais.values() if one.campaign_id == campaign_id]
        if call.request.method == "GET":
            return {"npais": [_listed(one) for one in found]}
        for one in found:
            world.add_to_list(world.stops, one.account_id, one.number, campaign_id)
        return {"NPAI": len(found)}


def campaigns_of(world: World, account_id: str) -> list[Campaign]:
    """An account's campaigns, oldest first."""
    return [one for one in world.campaigns.values() if one.account_id == account_id]


def _mine(world: World, call: Call, campaign_id: str) -> Campaign:
    campaign = world.campaigns.get(campaign_id)
    if campaign is None or campaign.account_id != call.account.client_id:
        raise GatewayError(NOT_FOUND, f"There is no campaign {campaign_id}")
    return campaign


def campaign_row(world: World, campaign: Campaign) -> dict[str, Any]:
    """One campaign in the API's form."""
    messages = campaign.messages
    details = [message.status_details for message in messages]
    delivered = details.count("DELIVERED")
    rate = round(100 * delivered / len(messages)) if messages else 0
    npai = sum(1 for one in world.npais.values() if one.campaign_id == campaign.id)
    stop = sum(1 for one in world.stops.values() if one.campaign_id == campaign.id)
    return {
        "id": campaign.id,
        "sender": campaign.sender or "",
        "text": campaign.text,
        "creation_date": paris_text(campaign.created_at),
        "date": paris_text(campaign.due_at),
        "cost": str(campaign.cost),
        "lists": [{"id": list_id} for list_id in campaign.list_ids],
        "status": campaign.status,
        "delivery_rate": str(rate),
        "delivered": str(delivered),
        "error": str(
            sum(details.count(name) for name in ("NOT_DELIVERED", "INVALID_DESTINATION", "REJECTED"))
        ),
        "expired": str(details.count("EXPIRED")),
        "network_error": str(details.count("NETWORK_ERROR")),
        "stop": str(stop),
        "npai": str(npai),
        "total": str(len(messages)),
    }


def _passes(campaign: Campaign, query: dict[str, str]) -> bool:
    if "date_start" in query or "date_end" in query:
        both = {"date_start": "1970-01-01", "date_end": "9999-01-01", **query}
        if not in_span(campaign.due_at, read_span(both)):
            return False
    size = len(campaign.messages)
    least, most = query.get("sms_min", "0"), query.get("sms_max", str(size))
    if not (least.isdigit() and most.isdigit()):
        raise wrong("The parameters 'sms_min' and 'sms_max' must be numbers")
    destination = query.get("destination")
    return (
        int(least) <= size <= int(most)
        and query.get("text", "").lower() in campaign.text.lower()
        and (destination is None or any(message.number == destination for message in campaign.messages))
    )


def _sorted(rows: list[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    name = sort.removeprefix("-")
    if name not in _SORTS:
        raise wrong(f"The parameter 'sort' must be one of {', '.join(_SORTS)}")

    def key(row: dict[str, Any]) -> tuple[Any, int]:
        return (int(row[name]) if name in ("id", "cost") else row[name], int(row["id"]))

    return sorted(rows, key=key, reverse=sort.startswith("-"))


def _reply(reply: Reply) -> dict[str, Any]:
    # The number is a JSON number here and only here, and the text is not given (SMSUp docs).
    return {
        "destination": int(reply.number),
        "info1": None,
        "info2": None,
        "date": paris_text(reply.at),
    }


def _listed(entry: ListedNumber) -> dict[str, Any]:
    infos = dict.fromkeys(("info1", "info2", "info3", "info4"))
    return {"destination": entry.number, **infos, "date": paris_text(entry.at)}
