"""Chooses the portal and the user of each request. Everything after that knows one portal only.

API calls: by their bearer token; the token endpoint: by the code or token in the form. Pages: by the account id in
HubSpot's addresses; their data: by the header X-Sandbox-Portal. The control API: by the parameter `portal`. Else by the
cookie of the last page, else the first portal. The user: header X-Sandbox-User, else a cookie, else the administrator.
"""

from typing import cast

from flask import Flask, g, has_request_context, request
from werkzeug.local import LocalProxy

from sandbox.control import Clock
from sandbox.hubspot_sim.accounts import ACCOUNTS, FIRST
from sandbox.hubspot_sim.world import World

PORTAL, USER = "sandbox_portal", "sandbox_user"
_TOKEN_FIELDS = ("code", "refresh_token", "token")


class Portals:
    """All portals by id."""

    def __init__(self, clock: Clock) -> None:
        self.worlds = {account.id: World(clock, account) for account in ACCOUNTS}

    def current(self) -> World:
        """The portal of the request that is being answered; the first one outside of requests."""
        return self.worlds[g.get("portal_id", FIRST.id)] if has_request_context() else self.worlds[FIRST.id]

    def proxy(self) -> World:
        """Stands for the current portal wherever a route was given one world at the start."""
        return cast("World", LocalProxy(self.current))

    def reset(self) -> None:
        """Restore the initial state of every portal."""
        for world in self.worlds.values():
            world.reset()

    def register(self, app: Flask) -> None:
        """Choose portal and user before each request, and remember those of a page for the next one."""

        @app.before_request
        def choose() -> None:
            g.portal_id = self._chosen()
            g.user_id = _number(request.headers.get("X-Sandbox-User") or request.cookies.get(USER))

    def _chosen(self) -> int:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme:
            return self._owner_of(token)
        if request.path.startswith("/oauth/2026-09/"):
            given = [request.form[name] for name in _TOKEN_FIELDS if name in request.form]
            return self._owner_of(given[0]) if given else FIRST.id
        named = (request.view_args or {}).get("portal_id")
        named = named or _number(request.headers.get("X-Sandbox-Portal"))
        if request.path.startswith("/_control/"):
            named = _number(request.args.get("portal"))
        elif named is None:
            named = _number(request.cookies.get(PORTAL))
        return named if named in self.worlds else FIRST.id

    def _owner_of(self, secret: str) -> int:
        """The portal that gave out a code or token; the first one for an unknown one, which it refuses."""
        for portal_id, world in self.worlds.items():
            with world.lock:
                if world.grants.knows(secret):
                    return portal_id
        return FIRST.id


def session_user() -> int | None:
    """The id of the user at the screen, None for the administrator."""
    return g.get("user_id") if has_request_context() else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None
