"""Stored contact lists. The HubSpot app does not use them; published clients and the official test suite
do."""

import secrets
from typing import Any

from sandbox.smsfactor_sim.api import Api, Call, Payload
from sandbox.smsfactor_sim.fields import INFOS, anything, filled_list, maybe_text, read_object, text, wrong
from sandbox.smsfactor_sim.things import Contact, ContactList
from sandbox.smsfactor_sim.wire import NOT_FOUND, GatewayError, paris_text
from sandbox.smsfactor_sim.world import World


def add_list_routes(api: Api) -> None:
    """/list*, /lists."""
    world = api.world

    @api.route("POST", "/list")
    def create_or_extend(call: Call) -> Payload:
        return _create_or_extend(world, call)

    @api.route("GET", "/lists")
    def read_all(call: Call) -> Payload:
        mine = [one for one in world.lists.values() if one.account_id == call.account.client_id]
        return {"lists": [_list_row(one) for one in mine]}

    @api.route("GET", "/list/<list_id>")
    def read(call: Call, list_id: str) -> Payload:
        stored = _mine(world, call, list_id)
        rows = [_contact_row(contact) for contact in stored.contacts]
        page, totals = call.page(rows, call.query(("start", "length", "sort")), len(rows))
        return {"list": page, "name": stored.name, "contacts": str(len(rows)), **totals}

    @api.route("DELETE", "/list/<list_id>")
    def delete(call: Call, list_id: str) -> Payload:
        del world.lists[_mine(world, call, list_id).id]
        return {}

    @api.route("PUT", "/list/deduplicate/<list_id>")
    def deduplicate(call: Call, list_id: str) -> Payload:
        stored = _mine(world, call, list_id)
        before = len(stored.contacts)
        first = {contact.number: contact for contact in reversed(stored.contacts)}
        stored.contacts = [contact for contact in stored.contacts if first[contact.number] is contact]
        return {"removed": before - len(stored.contacts)}

    @api.route("PUT", "/list/<list_id>/npai/clear")
    def clear_npai(call: Call, list_id: str) -> Payload:
        stored = _mine(world, call, list_id)
        before = len(stored.contacts)
        known = {entry.number for entry in world.listed(world.npais, call.account.client_id)}
        stored.contacts = [contact for contact in stored.contacts if contact.number not in known]
        return {"removed": before - len(stored.contacts)}

    @api.route("PUT DELETE", "/list/contact/<contact_id>")
    def change_or_delete_contact(call: Call, contact_id: str) -> Payload:
        stored, contact = _contact(world, call, contact_id)
        if call.request.method == "DELETE":
            stored.contacts.remove(contact)
            return {}
        fields = read_object(call.body, "body", {"destination": text}, dict.fromkeys(INFOS, maybe_text))
        mobile = world.mobile(fields.pop("destination"))
        if mobile is None:
            raise wrong("The field 'destination' must be a mobile number")
        contact.number, contact.infos = mobile.number, fields
        return {}


def _create_or_extend(world: World, call: Call) -> Payload:
    inner = read_object(call.body, "body", {"list": anything})["list"]
    fields = read_object(inner, "list", {"contacts": anything}, {"name": text, "listId": anything})
    entries = read_object(fields["contacts"], "contacts", {"gsm": filled_list})["gsm"]
    if "listId" in fields:
        stored = _mine(world, call, str(fields["listId"]))
    elif "name" in fields:
        list_id = secrets.token_hex(12)
        stored = ContactList(list_id, call.account.client_id, fields["name"], world.now())
    else:
        raise wrong("The field 'name' or 'listId' is required in 'list'")
    added = [_read_contact(world, entry) for entry in entries]
    good = [contact for contact in added if contact is not None]
    stored.contacts += good
    world.lists[stored.id] = stored
    # The same number twice stays twice until `deduplicate` (official test suite), so duplicates are never
    # counted here.
    return {"contacts": len(good), "invalid": len(added) - len(good), "duplicates": 0, "id": stored.id}


def _read_contact(world: World, entry: Any) -> Contact | None:
    fields = read_object(entry, "gsm", {"value": text}, dict.fromkeys(INFOS, maybe_text))
    mobile = world.mobile(fields.pop("value"))
    return Contact(world.next_id(), mobile.number, fields) if mobile else None


def _mine(world: World, call: Call, list_id: str) -> ContactList:
    stored = world.lists.get(list_id)
    if stored is None or stored.account_id != call.account.client_id:
        raise GatewayError(NOT_FOUND, f"There is no list {list_id}")
    return stored


def _contact(world: World, call: Call, contact_id: str) -> tuple[ContactList, Contact]:
    for stored in world.lists.values():
        if stored.account_id == call.account.client_id:
            for contact in stored.contacts:
                if contact.id == contact_id:
                    return stored, contact
    raise GatewayError(NOT_FOUND, f"There is no contact {contact_id}")


def _list_row(stored: ContactList) -> dict[str, Any]:
    return {
        "id": stored.id,
        "name": stored.name,
        "date": paris_text(stored.created_at),
        "count": str(len(stored.contacts)),
    }


def _contact_row(contact: Contact) -> dict[str, Any]:
    infos = {name: contact.infos.get(name) for name in INFOS}
    return {"id": contact.id, "destination": contact.number, **infos}
