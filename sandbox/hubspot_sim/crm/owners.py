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
        if values.get("archived", "false") != "false":
            return jsonify(results=[])
        found = [
            owner
            for owner in sim.world.account.crm.owners
            if values.get("email", owner[4]).lower() == owner[4]
        ]
        start = cursor(values)
        page = found[start : start + limit]
        answer: dict[str, Any] = {"results": [_owner(owner) for owner in page]}
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
        for row in sim.world.account.crm.owners:
            if str(row[place]) == owner_id:
                return jsonify(_owner(row))
        raise NotFound()

    return routes


def _owner(row: tuple[str, int, str, str, str]) -> dict[str, Any]:
    owner_id, user_id, first, last, email = row
    return {
        "id": owner_id,
        "email": email,
        "type": "PERSON",
        "firstName": first,
        "lastName": last,
        "userId": user_id,
        "userIdIncludingInactive": user_id,
        "createdAt": iso(FIRST_DAY),
        "updatedAt": iso(FIRST_DAY),
        "archived": False,
        "teams": [],
    }
