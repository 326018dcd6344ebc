"""Serves the pages' files: one HTML page for all addresses, the host's scripts, the extensions' bundles."""

from pathlib import Path

from flask import Blueprint, Response, send_from_directory
from flask.typing import ResponseReturnValue

from sandbox.hubspot_sim.crm.object_types import find_type
from sandbox.hubspot_sim.errors import HubSpotError, NotFound
from sandbox.hubspot_sim.world import Sim

# A worker obeys the policy of its own script. This policy lets it load the extension's bundle and nothing else: every
# request of an extension must go through hubspot.fetch.
_WORKER_POLICY = "default-src 'none'; script-src 'self'"
_PAGE_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https: http://127.0.0.1:*; "
    "font-src 'self' data:; frame-src https: http://127.0.0.1:*; object-src 'none'; base-uri 'none'"
)


def page_routes(sim: Sim) -> Blueprint:
    """Pages at HubSpot's own addresses, /host/* and /bundles/*."""
    routes = Blueprint("pages", __name__)
    assets = sim.options.assets.resolve()

    @routes.get("/")
    def start_page() -> ResponseReturnValue:
        return _page(assets)

    @routes.get("/contacts/<int:portal_id>/objects/<type_id>/views/all/list")
    def list_page(portal_id: int, type_id: str) -> ResponseReturnValue:
        _require_known(sim, portal_id, type_id)
        return _page(assets)

    @routes.get("/contacts/<int:portal_id>/record/<type_id>/<record_id>")
    def record_page(portal_id: int, type_id: str, record_id: str) -> ResponseReturnValue:
        _require_known(sim, portal_id, type_id)
        return _page(assets)

    _add_workflow_pages(routes, sim, assets)

    @routes.get("/connected-apps/<int:portal_id>/installed/<int:app_id>")
    def app_page(portal_id: int, app_id: int) -> ResponseReturnValue:
        if portal_id != sim.world.account.id or app_id != sim.options.app_id:
            raise NotFound("there is no such app in this account")
        return _page(assets)

    @routes.get("/app/<int:portal_id>/<int:app_id>")
    @routes.get("/app/<int:portal_id>/<int:app_id>/<path:page_path>")
    def extension_page(portal_id: int, app_id: int, page_path: str = "") -> ResponseReturnValue:
        """The app's own page; its router reads the rest of the path (HubSpot docs, app pages)."""
        return app_page(portal_id, app_id)

    @routes.get("/host/<path:name>")
    def host_file(name: str) -> ResponseReturnValue:
        response = send_from_directory(assets / "host", name, max_age=0)
        if name == "worker-runtime.js":
            response.headers["Content-Security-Policy"] = _WORKER_POLICY
        return _uncached(response)

    @routes.get("/bundles/<path:name>")
    def bundle(name: str) -> ResponseReturnValue:
        return _uncached(send_from_directory(assets / "bundles", name, max_age=0))

    return routes


def _add_workflow_pages(routes: Blueprint, sim: Sim, assets: Path) -> None:
    @routes.get("/contacts/<int:portal_id>/workflows")
    @routes.get("/contacts/<int:portal_id>/workflows/<workflow_id>")
    def workflow_page(portal_id: int, workflow_id: str = "") -> ResponseReturnValue:
        """The list, the editor of a new workflow ("new"), or one workflow. The page checks whether that exists."""
        if portal_id != sim.world.account.id:
            raise NotFound("there is no such account")
        return _page(assets)


def _require_known(sim: Sim, portal_id: int, type_id: str) -> None:
    kind = find_type(type_id)
    if portal_id != sim.world.account.id or kind is None or kind.id != type_id or kind.schema_scopes is None:
        raise NotFound("there is no such page in this account")


def _page(assets: Path) -> Response:
    if not (assets / "host" / "index.html").is_file():
        raise HubSpotError(503, "NOT_BUILT", f"the pages are not built: {assets / 'host'} has no index.html")
    response = send_from_directory(assets / "host", "index.html", max_age=0)
    response.headers["Content-Security-Policy"] = _PAGE_POLICY
    return _uncached(response)


def _uncached(response: Response) -> Response:
    """A rebuilt file must be seen at the next load."""
    response.headers["Cache-Control"] = "no-store"
    return response
