"""A HubSpot to run against: OAuth, CRM and event APIs, the pages' data and the hubspot.fetch broker.

Plays api.hubapi.com and app.hubspot.com on one port of loopback. It refuses what HubSpot refuses, and many mistakes
that HubSpot overlooks. State is in memory and lost at the end. One noun per file; the order of a call through them:
retired -> bearer -> bodies -> (objects, batches, events, ...) -> world.
"""

from dataclasses import replace
from typing import cast

from flask import Flask
from werkzeug.local import LocalProxy

from sandbox.control import Settings, install_control
from sandbox.hubspot_sim.accounts import FIRST
from sandbox.hubspot_sim.bearer import register_rate_headers
from sandbox.hubspot_sim.control_routes import HELP, SETTINGS, control_routes
from sandbox.hubspot_sim.crm.associations import association_routes
from sandbox.hubspot_sim.crm.batches import batch_routes
from sandbox.hubspot_sim.crm.objects import object_routes
from sandbox.hubspot_sim.crm.owners import owner_routes
from sandbox.hubspot_sim.crm.properties import property_routes
from sandbox.hubspot_sim.crm.search import search_routes
from sandbox.hubspot_sim.errors import register_error_handlers
from sandbox.hubspot_sim.events.events import event_routes
from sandbox.hubspot_sim.limits.gateway_calls import GatewayCalls
from sandbox.hubspot_sim.oauth.account import account_routes
from sandbox.hubspot_sim.oauth.consent import consent_routes
from sandbox.hubspot_sim.oauth.tokens import token_routes
from sandbox.hubspot_sim.pages.api import page_api_routes
from sandbox.hubspot_sim.pages.files import page_routes
from sandbox.hubspot_sim.portals import Portals
from sandbox.hubspot_sim.project import Project
from sandbox.hubspot_sim.retired import register_retired_paths
from sandbox.hubspot_sim.webhooks.control import webhook_control_routes
from sandbox.hubspot_sim.webhooks.sender import WebhookSender
from sandbox.hubspot_sim.workflows.callbacks import callback_routes
from sandbox.hubspot_sim.workflows.control import workflow_control_routes
from sandbox.hubspot_sim.workflows.engine import Engine
from sandbox.hubspot_sim.workflows.routes import workflow_routes
from sandbox.hubspot_sim.world import Options, Sim
from sandbox.serving import CLOSE

# Pages and their polling; hubspot-fetch is not among them, so that faults can disturb it.
_UNLOGGED = (
    "/host/", "/bundles/", "/sandbox-api/session", "/sandbox-api/records",
    "/sandbox-api/extensions", "/sandbox-api/crm-properties", "/sandbox-api/workflow",
    "/sandbox-api/api-calls",
)  # fmt: skip


def create_app(options: Options, project: Project) -> Flask:
    """The simulator with `project` ready to be installed, as a Flask application."""
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    settings = Settings(SETTINGS)
    control = install_control(app, name="hubspot_sim", settings=settings, help_text=HELP, unlogged=_UNLOGGED)
    portals = Portals(control.clock)
    portals.register(app)
    control.on_reset(portals.reset)
    sim = Sim(options, project, portals.proxy(), settings, GatewayCalls(options.gateway_url))
    for routes in (
        token_routes, consent_routes, account_routes, owner_routes, object_routes, batch_routes, search_routes,
        association_routes, property_routes, event_routes, page_api_routes, page_routes, control_routes,
    ):  # fmt: skip
        app.register_blueprint(routes(sim))
    engines = {portal_id: Engine(replace(sim, world=world)) for portal_id, world in portals.worlds.items()}
    engine = cast("Engine", LocalProxy(lambda: engines[portals.current().account.id]))
    for each in engines.values():
        control.on_reset(each.reset)
    control.on_reset(sim.api_calls.reset)
    control.on_call(sim.api_calls.note)
    sender = WebhookSender(replace(sim, world=portals.worlds[FIRST.id]))
    for world in portals.worlds.values():
        sender.listen(world)
    control.on_reset(sender.reset)
    app.register_blueprint(webhook_control_routes(sim, sender))
    app.extensions[CLOSE] = [sender.stop, *(each.stop for each in engines.values())]
    for more_routes in (workflow_routes, callback_routes, workflow_control_routes):
        app.register_blueprint(more_routes(sim, engine))
    register_retired_paths(app)
    register_rate_headers(app)
    register_error_handlers(app)
    return app
