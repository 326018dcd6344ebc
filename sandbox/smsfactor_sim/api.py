"""The frame of the API's endpoints: each is a function from a call to the payload of a successful answer.

`Api.route` does the common part: identifies the caller, reads and writes JSON or XML, puts `status` and `message`
around the payload, answers business errors with HTTP 200, and holds the world's lock.
"""

import ipaddress
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from flask import Flask, Request, Response, request

from sandbox.control import note_call, proxy_page
from sandbox.smsfactor_sim.fields import whole, wrong
from sandbox.smsfactor_sim.things import Account, Token
from sandbox.smsfactor_sim.wire import (
    AUTH,
    LABELS,
    OK,
    WRONG_PASSWORD,
    Forbidden,
    GatewayError,
    read_body,
    render,
)
from sandbox.smsfactor_sim.world import World

Payload = dict[str, Any]
Row = TypeVar("Row")
# The largest page (documented for GET /campaigns, assumed for all lists).
LONGEST_PAGE = 1000


@dataclass
class Call:
    """One authenticated call."""

    request: Request
    account: Account

    @cached_property
    def body(self) -> dict[str, Any]:
        """The body as an object; see wire.read_body for what it raises."""
        return read_body(self.request)

    def query(self, allowed: Collection[str]) -> dict[str, str]:
        """The query parameters. Raises -7 for a parameter that is not in `allowed` or is given twice."""
        for name, values in self.request.args.lists():
            if name not in allowed:
                raise wrong(f"The parameter '{name}' is not known")
            if len(values) > 1:
                raise wrong(f"The parameter '{name}' is given twice")
        return self.request.args.to_dict()

    def page(self, rows: list[Row], query: dict[str, str], total: int) -> tuple[list[Row], Payload]:
        """The rows that `start` and `length` (default 100) ask for, and the two totals of every list
        answer."""
        start = whole("start", query.get("start"), 0, 10**9)
        length = whole("length", query.get("length"), 100, LONGEST_PAGE)
        return rows[start : start + length], {"totalRecords": total, "totalDisplayRecords": len(rows)}


Handler = Callable[..., Payload]


class Api:
    """Registers the gateway's endpoints on a Flask application."""

    def __init__(self, app: Flask, world: World) -> None:
        self._app = app
        self.world = world
        app.register_error_handler(404, lambda error: self._unknown(404, "Not Found"))
        app.register_error_handler(405, lambda error: self._unknown(405, "Method Not Allowed"))

    def _unknown(self, http_status: int, reason: str) -> Response:
        # The official SDKs expect this answer without `status` (SMSFactor's PHP and Java clients).
        return render({"error": reason}, request, http_status)

    def route(self, methods: str, path: str, *, query_token: bool = False) -> Callable[[Handler], Handler]:
        """Serve `path` for the methods named (space between). query_token: `?token=` may replace the
        header."""

        def register(handler: Handler) -> Handler:
            def view(**parts: str) -> Response:
                return self._serve(handler, parts, query_token)

            self._app.add_url_rule(path, f"{methods} {path}", view, methods=methods.split())
            return handler

        return register

    def _serve(self, handler: Handler, parts: dict[str, str], query_token: bool) -> Response:
        with self.world.lock:
            try:
                account = identify(self.world, request, query_token)
                note_call(account_id=account.client_id)
                payload = handler(Call(request, account), **parts)
                payload = {"status": OK, "message": LABELS[OK], **payload}
            except GatewayError as error:
                payload = error.payload(self.world.settings["language"])
            except Forbidden:
                page = proxy_page(403)
                return Response(page.body, 403, page.headers)
        note_call(answer_status=payload["status"])
        return render(payload, request)


def identify(world: World, request: Request, query_token: bool = False) -> Account:
    """The account that calls: bearer token, else (where allowed) `?token=`, else the legacy headers. Raises
    -1."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if not value and query_token:
        scheme, value = "Bearer", request.args.get("token", "")
    if value:
        token = _valid_token(world, request, value) if scheme.lower() == "bearer" else None
        account = world.accounts.get(token.account_id) if token else None
    else:
        account = _by_password(world, request)
    if account is None or not account.active:
        by_password = not value and "sfusername" in request.headers
        raise GatewayError(AUTH, WRONG_PASSWORD if by_password else "Authentication failed")
    return account


def _valid_token(world: World, request: Request, value: str) -> Token | None:
    for token in world.tokens.values():
        if token.value == value:
            expired = token.expires_at is not None and token.expires_at <= world.now()
            return None if expired or not _address_allowed(token, request.remote_addr) else token
    return None


def _address_allowed(token: Token, address: str | None) -> bool:
    if token.allowed_ips is None or address is None:
        return True
    caller = ipaddress.ip_address(address)
    return any(caller in ipaddress.ip_network(allowed, strict=False) for allowed in token.allowed_ips)


def _by_password(world: World, request: Request) -> Account | None:
    email, password = request.headers.get("sfusername"), request.headers.get("sfpassword")
    if not world.settings["legacy_login"] or email is None:
        return None
    for account in world.accounts.values():
        if account.email == email and account.password == password:
            return account
    return None
