"""The STOP list (GET/POST /blacklist) and the NPAI list (GET/POST /npai), both per account."""

from typing import Any

from sandbox.smsfactor_sim.api import Api, Call, Payload
from sandbox.smsfactor_sim.fields import INFOS, anything, filled_list, maybe_text, read_object, text
from sandbox.smsfactor_sim.things import ListedNumber
from sandbox.smsfactor_sim.wire import NOT_FOUND, GatewayError, paris_text
from sandbox.smsfactor_sim.world import World

_PAGING = ("start", "length", "sort")


def add_blacklist_routes(api: Api) -> None:
    """Both lists, and removal from the STOP list. No documented call removes a number from the NPAI list."""
    world = api.world
    _add_list(api, "blacklist", lambda: world.stops)
    _add_list(api, "npai", lambda: world.npais)

    @api.route("DELETE", "/blacklist/contact/<entry_id>")
    def remove(call: Call, entry_id: str) -> Payload:
        for key, entry in world.stops.items():
            if entry.id == entry_id and entry.account_id == call.account.client_id:
                del world.stops[key]
                return {}
        raise GatewayError(NOT_FOUND, f"There is no contact {entry_id} in the blacklist")


def _add_list(api: Api, name: str, entries: Any) -> None:
    world = api.world

    @api.route("GET", f"/{name}")
    def read(call: Call) -> Payload:
        query = call.query(_PAGING)
        rows = [_row(entry) for entry in world.listed(entries(), call.account.client_id)]
        page, totals = call.page(rows, query, len(rows))
        return {"list": page, **totals}

    @api.route("POST", f"/{name}")
    def add(call: Call) -> Payload:
        contacts = read_contacts(world, call.body, name)
        for number, infos in contacts:
            world.add_to_list(entries(), call.account.client_id, number, infos=infos)
        # A number already in the list counts too: the official test suite adds the same two every time and
        # expects 2.
        return {"added_contacts": len(contacts)}


def read_contacts(world: World, body: dict[str, Any], name: str) -> list[tuple[str, dict[str, str]]]:
    """The mobile numbers of {NAME: {"contacts": {"gsm": [{"value", "info1"?...}]}}}, each with its merge fields.

    Entries that are not mobiles are left out.
    """
    inner = read_object(body, "body", {name: anything})[name]
    contacts = read_object(inner, name, {"contacts": anything})["contacts"]
    entries = read_object(contacts, "contacts", {"gsm": filled_list})["gsm"]
    read = [read_object(entry, "gsm", {"value": text}, dict.fromkeys(INFOS, maybe_text)) for entry in entries]
    found = [(world.mobile(fields.pop("value")), fields) for fields in read]
    return [(mobile.number, fields) for mobile, fields in found if mobile is not None]


def _row(entry: ListedNumber) -> dict[str, Any]:
    return {
        "id": entry.id,
        "destination": entry.number,
        "date": paris_text(entry.at),
        **{name: entry.infos.get(name) for name in INFOS},
        "user_information": [],
        "campaign_id": None if entry.campaign_id is None else int(entry.campaign_id),
        "batch_id": None,
    }
