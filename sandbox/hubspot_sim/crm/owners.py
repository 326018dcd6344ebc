"""The account's owners: the users that records are assigned to (OpenAPI file owners 2026-09)."""

from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from sandbox.hubspot_sim.bearer import admit
from sandbox.hubspot_sim.bodies import cursor, query_values, whole_number
from sandbox.hubspot_sim.crm.definitions import iso
from sandbox.hubspot_sim.errors import InvalidInput, NotFound
from sandbox.hubspot_sim.seed.people import FIRST_DAY
from sandbox.hubspot_sim.world import Sim

_SCOPE = "crm.objects.owners.read"


def owner_routes(sim: Sim) -> Blueprint:
    """Routes under /crm/owners/2026-09."""
    routes = Blueprint("owners", __name__)

    @routes.get("/crm/owners/2026-09")
    def owners() -> ResponseReturnValue:
        admit(sim, _SCOPE)
        values = query_values("limit", "after", "email", "archived")
        limit = whole_number(values, "limit", 100, 500)
        crm = sim.world.account.crm
        if values.get("archived", "false") != "false":
            rows = [_owner(row, archived=True) for row in crm.former_owners]
        else:
            rows = [_owner(row) for row in crm.owners] + [_queue(*row) for row in crm.queues]
        email = values.get("email", "").lower()
        found = [row for row in rows if not email or row["email"] == email]
        start = cursor(values)
        page = found[start : start + limit]
        answer: dict[str, Any] = {"results": page}
        if start + limit < len(found):
            answer["paging"] = {"next": {"after": str(start + limit)}}
        return jsonify(answer)

    @routes.get("/crm/owners/2026-09/<owner_id>")
    def owner(owner_id: str) -> ResponseReturnValue:
        admit(sim, _SCOPE)
        values = query_values("idProperty", "archived")
        place = {"id": 0, "userId": 1}.get(values.get("idProperty", "id"))
        if place is None:
            raise InvalidInput("idProperty must be id or userId")
        archived = values.get("archived", "false") != "false"
        crm = sim.world.account.crm
        for row in crm.former_owners if archived else crm.owners:
            if str(row[place]) == owner_id:
                return jsonify(_owner(row, archived=archived))
        raise NotFound()

    return routes


def _queue(owner_id: str, name: str) -> dict[str, Any]:
    """An owner that is no person (OpenAPI file, enum `type`). Only the required fields are certain."""
    stamp = iso(FIRST_DAY)
    fields = {"id": owner_id, "email": "", "type": "QUEUE", "firstName": name, "lastName": "", "teams": []}
    return {**fields, "createdAt": stamp, "updatedAt": stamp, "archived": False}


def _owner(row: tuple[str, int, str, str, str], *, archived: bool = False) -> dict[str, Any]:
    """An archived owner has no userId; the number is in userIdIncludingInactive (HubSpot docs, owners guide)."""
    owner_id, user_id, first, last, email = row
    return {
        "id": owner_id,
        "email": email,
        "type": "PERSON",
        "firstName": first,
        "lastName": last,
        "userId": None if archived else user_id,
        "userIdIncludingInactive": user_id,
        "createdAt": iso(FIRST_DAY),
        "updatedAt": iso(FIRST_DAY),
        "archived": archived,
        "teams": [],
    }
