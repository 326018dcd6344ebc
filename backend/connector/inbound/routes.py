"""All routes of the backend: path, caller, handler. A route that is not in this table cannot be served."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from flask import Flask, abort, request

from connector.domain.vocabulary import Action
from connector.inbound import health, oauth, webhooks
from connector.inbound.card import card, composer, consents, drafts, held, templates
from connector.inbound.http.callers import GUARDS, CallerKind
from connector.inbound.settings import account, limits, preferences
from connector.inbound.workflows import options
from connector.inbound.workflows.executions import WORKFLOW_PREFIX

#: In front of every route of the views: app-hsmeta.json permits `hubspot.fetch` only below it.
VIEW_PREFIX: Final = "/view"


@dataclass(frozen=True, slots=True)
class Route:
    """A route: its handler gets what the guard of `caller` has proved."""

    caller: CallerKind
    path: str
    handler: Callable[..., Any] | Action  # an Action is answered in front of Flask, with the same proof
    method: Literal["GET", "POST"] = "POST"


def _view(path: str, handler: Callable[..., Any]) -> Route:
    return Route(CallerKind.VIEW, VIEW_PREFIX + path, handler)


def _workflow(path: str, handler: Callable[..., Any] | Action) -> Route:
    return Route(CallerKind.WORKFLOW, f"{WORKFLOW_PREFIX}<segment>/{path}", handler)


ROUTES: Final = (
    _view("/card/open", card.open_),
    _view("/card/messages", card.messages_),
    _view("/card/mark-read", card.mark_read),
    _view("/card/properties", card.properties),
    _view("/card/preview", composer.preview),
    _view("/card/send", composer.send),
    _view("/card/cancel", composer.cancel),
    _view("/card/send-held", held.send),
    _view("/card/draft", drafts.read),
    _view("/card/save-draft", drafts.save),
    _view("/card/record-consent", consents.record),
    _view("/card/record-opt-out", consents.record_stop),
    _view("/templates/list", templates.list_),
    _view("/templates/save", templates.save),
    _view("/templates/update", templates.update),
    _view("/templates/rename", templates.rename),
    _view("/templates/delete", templates.delete),
    _view("/settings/open", account.open_),
    _view("/settings/link-account", account.link),
    _view("/settings/preferences", preferences.preferences),
    _view("/settings/save-preferences", preferences.save_preferences),
    _view("/settings/rights", preferences.rights),
    _view("/settings/save-rights", preferences.save_rights),
    _view("/settings/outgoing", limits.show),
    _view("/settings/limit-outgoing", limits.limit),
    _view("/settings/pause-outgoing", limits.pause),
    _view("/settings/resume-outgoing", limits.resume),
    _workflow("send-sms", Action.SEND_SMS),
    _workflow("send-sms-deal", Action.SEND_SMS_DEAL),
    _workflow("options/senders", options.senders),
    _workflow("options/templates", options.templates_),
    Route(CallerKind.GATEWAY, "/smsfactor/events/<path_secret>/<kind>", webhooks.receive),
    Route(CallerKind.BROWSER, "/oauth/hubspot/install", oauth.install, "GET"),
    Route(CallerKind.BROWSER, "/oauth/hubspot/callback", oauth.callback, "GET"),
    Route(CallerKind.OPERATOR, "/health/live", health.live, "GET"),
    Route(CallerKind.OPERATOR, "/health/ready", health.ready, "GET"),
)


def register(app: Flask, routes: Iterable[Route]) -> None:
    """Serve the routes, each behind its caller's guard, and no other route. Endpoints are the paths' patterns."""
    app.url_map.merge_slashes = False  # HubSpot follows no redirect, and signs the path as it stands
    declared = set()
    for route in routes:
        if isinstance(route.handler, Action):
            continue
        guarded = GUARDS[route.caller](route.handler)
        # Without Flask's own answer to OPTIONS, which has no guard.
        app.add_url_rule(
            route.path, route.path, guarded, methods=[route.method], provide_automatic_options=False
        )
        declared.add(route.path)

    @app.before_request
    def only_declared() -> None:
        if request.endpoint is not None and request.endpoint not in declared:
            abort(404)


def actions(routes: Iterable[Route]) -> Mapping[str, Action]:
    """The actions that are answered in front of Flask, by the last part of their paths."""
    return {
        route.path.rpartition("/")[2]: route.handler for route in routes if isinstance(route.handler, Action)
    }
