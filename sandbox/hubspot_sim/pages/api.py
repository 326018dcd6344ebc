"""The data behind the simulator's own pages: /sandbox-api/*. The pages store nothing themselves.

Errors are HubSpot's JSON errors. There is no sign-in: every caller on loopback acts as the session's user.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.hubspot_sim.accounts import ACCOUNTS
from sandbox.hubspot_sim.bodies import json_object, query_values, text_list, whole_number
from sandbox.hubspot_sim.crm.definitions import LANGUAGES
from sandbox.hubspot_sim.crm.object_types import ObjectType, find_type
from sandbox.hubspot_sim.crm.objects import refuse_taken
from sandbox.hubspot_sim.crm.records import Record
from sandbox.hubspot_sim.crm.search import matches_query
from sandbox.hubspot_sim.crm.values import checked_properties
from sandbox.hubspot_sim.errors import InvalidInput, NotFound
from sandbox.hubspot_sim.pages.fetch import Broker
from sandbox.hubspot_sim.pages.record import record_page, render_definitions, render_row
from sandbox.hubspot_sim.portals import session_user
from sandbox.hubspot_sim.world import Sim

LONGEST_LIST = 500


def page_api_routes(sim: Sim) -> Blueprint:
    """All routes under /sandbox-api."""
    routes = Blueprint("page_api", __name__, url_prefix="/sandbox-api")
    _add_session_routes(routes, sim)
    _add_record_routes(routes, sim)
    _add_extension_routes(routes, sim)

    _add_call_routes(routes, sim)
    return routes


def _add_call_routes(routes: Blueprint, sim: Sim) -> None:
    @routes.get("/api-calls")
    def api_calls() -> ResponseReturnValue:
        """The app's calls of HubSpot's APIs, by family, and of SMSFactor, by endpoint."""
        return jsonify(**sim.api_calls.as_json(), gateway=sim.gateway_calls.as_json())

    @routes.post("/api-calls/reset")
    def reset_api_calls() -> ResponseReturnValue:
        sim.api_calls.reset()
        sim.gateway_calls.reset()
        return api_calls()


def _add_session_routes(routes: Blueprint, sim: Sim) -> None:
    @routes.get("/session")
    def read_session() -> ResponseReturnValue:
        return jsonify(_session(sim))

    @routes.post("/session")
    def change_session() -> ResponseReturnValue:
        language = json_object(required=["language"])["language"]
        if language not in LANGUAGES:
            raise InvalidInput(f"language must be one of {', '.join(LANGUAGES)}")
        with sim.world.lock:
            sim.world.language = language
        return jsonify(_session(sim))


def _session(sim: Sim) -> dict[str, Any]:
    options, project = sim.options, sim.project
    origins = {_origin(url) for url in (*project.redirect_urls, *project.fetch_urls)}
    local = {origin: options.origins.local_url(origin) for origin in sorted(origins)}
    backend = local[_origin(project.redirect_urls[0])] or _origin(project.redirect_urls[0])
    account = sim.world.account
    with sim.world.lock:
        return {
            "portal": {
                "id": account.id,
                "name": account.name,
                "timezone": account.time_zone,
                "language": account.language,
            },
            "user": sim.world.user(session_user(), _permissions(sim)),
            "portals": [{"id": each.id, "name": each.name} for each in ACCOUNTS],
            "users": [{"id": row[1], "name": f"{row[2]} {row[3]}"} for row in account.crm.owners],
            "app": {
                "id": options.app_id,
                "name": project.app_name,
                "installed": sim.world.grants.installed,
                "install_url": f"{backend}/oauth/hubspot/install",
                "settings_path": f"/connected-apps/{account.id}/installed/{options.app_id}",
            },
            "gateway": {
                "url": options.gateway_url,
                "token": options.gateway_token,
                "handsets_url": f"{options.gateway_url}/handsets",
            },
            "origins": {origin: url for origin, url in local.items() if url is not None},
        }


def _permissions(sim: Sim) -> list[str]:
    """The administrator's permissions are a setting; the other users have those of another setting, none by default."""
    account = sim.world.account
    is_first = account.user(session_user()) == account.crm.owners[0]
    return list(sim.settings["user_permissions" if is_first else "other_user_permissions"])


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _kind(type_id: str) -> ObjectType:
    kind = find_type(type_id)
    if kind is None or kind.id != type_id or kind.schema_scopes is None:
        raise NotFound(f"there are no pages for the object type {type_id}")
    return kind


def _record(sim: Sim, kind: ObjectType, record_id: str) -> Record:
    record = sim.world.records.find(kind, record_id)
    if record is None:
        raise NotFound(f"there is no {kind.singular} {record_id}")
    return record


def _add_record_routes(routes: Blueprint, sim: Sim) -> None:
    world = sim.world

    @routes.get("/records/<type_id>")
    def list_records(type_id: str) -> ResponseReturnValue:
        kind = _kind(type_id)
        values = query_values("q", "limit")
        limit = whole_number(values, "limit", 100, LONGEST_LIST)
        query = values.get("q", "").strip()
        with world.lock:
            found = [
                record for record in world.records.living(kind) if not query or matches_query(record, query)
            ]
            return jsonify(
                results=[render_row(record) for record in found[:limit]],
                total=len(found),
                definitions=render_definitions(world.catalogue.all(kind), world.language),
            )

    @routes.get("/records/<type_id>/<record_id>")
    def read_record(type_id: str, record_id: str) -> ResponseReturnValue:
        kind = _kind(type_id)
        with world.lock:
            return jsonify(record_page(sim, _record(sim, kind, record_id)))

    @routes.patch("/records/<type_id>/<record_id>")
    def change_record(type_id: str, record_id: str) -> ResponseReturnValue:
        """Apply the user's edit of properties; answer with the whole record."""
        kind = _kind(type_id)
        body = json_object(required=["properties"])
        with world.lock:
            record = _record(sim, kind, record_id)
            properties = checked_properties(world.catalogue, kind, body["properties"])
            refuse_taken(world, kind, properties, record.id)
            world.records.update(record, properties)
            return jsonify(record_page(sim, record))


def _add_extension_routes(routes: Blueprint, sim: Sim) -> None:
    broker = Broker(sim)

    @routes.get("/extensions")
    def list_extensions() -> ResponseReturnValue:
        with sim.world.lock:
            installed = sim.world.grants.installed
        found = sim.project.extensions if installed else ()
        return jsonify(
            extensions=[
                {
                    "uid": extension.uid,
                    "type": extension.type,
                    "name": extension.name,
                    "location": extension.location,
                    "object_types": list(extension.object_types),
                    "bundle_url": extension.bundle_url,
                    "variables": sim.project.variables,
                }
                for extension in found
            ]
        )

    @routes.post("/hubspot-fetch")
    def hubspot_fetch() -> ResponseReturnValue:
        try:
            order = json.loads(request.get_data())
        except ValueError:
            order = None
        return jsonify(broker.fetch(order))

    @routes.post("/crm-properties")
    def crm_properties() -> ResponseReturnValue:
        """The values for useCrmProperties and fetchCrmObjectProperties: texts, null without a value."""
        body = json_object(required=["object_type_id", "object_id", "names"])
        kind = _kind(str(body["object_type_id"]))
        names = text_list(body["names"], "names")
        with sim.world.lock:
            record = _record(sim, kind, str(body["object_id"]))
            return jsonify(data={name: record.properties.get(name) for name in names})
