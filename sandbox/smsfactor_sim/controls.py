"""The simulator's own part of the control API: its log, handsets, deliveries, and events made by hand."""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.smsfactor_sim.account.accounts import account_row, open_account
from sandbox.smsfactor_sim.account.tokens import issue_token
from sandbox.smsfactor_sim.handsets.carrier import RECEIPT_NAMES, Carrier
from sandbox.smsfactor_sim.handsets.screens import handsets
from sandbox.smsfactor_sim.numbers import read_mobile
from sandbox.smsfactor_sim.scheduler import Scheduler
from sandbox.smsfactor_sim.world import World


class _Refused(Exception):
    """An invalid control request; the text says why."""


def gateway_controls(world: World, carrier: Carrier, scheduler: Scheduler) -> Blueprint:
    """Routes under /_control/ that only this simulator has."""
    routes = Blueprint("gateway_controls", __name__, url_prefix="/_control")
    routes.register_error_handler(_Refused, lambda error: (jsonify(error=str(error)), 400))
    _add_reading(routes, world, carrier, scheduler)
    _add_events(routes, world, carrier)
    _add_accounts(routes, world)
    return routes


def _add_reading(routes: Blueprint, world: World, carrier: Carrier, scheduler: Scheduler) -> None:
    @routes.get("/handsets")
    def read_handsets() -> ResponseReturnValue:
        with world.lock:
            return jsonify(handsets=handsets(world))

    @routes.get("/accepted")
    def read_accepted() -> ResponseReturnValue:
        """The log after entry `after`, optionally for one gsmsmsid or number."""
        after, limit = request.args.get("after", 0, type=int), request.args.get("limit", 10**9, type=int)
        wanted = {name: request.args[name] for name in ("gsmsmsid", "number") if name in request.args}
        with world.lock:
            entries = world.accepted[after : after + limit]
        chosen = [one for one in entries if all(one[name] == value for name, value in wanted.items())]
        return jsonify(accepted=chosen, after=after + len(entries))

    @routes.get("/accepted/summary")
    def summarise_accepted() -> ResponseReturnValue:
        """The counts of accepted SMS and of their ids, and the ids accepted more than once."""
        with world.lock:
            repeated = {
                own_id: times
                for own_id, times in world.accepted_of.items()
                if own_id is not None and times > 1
            }
            return jsonify(accepted=len(world.accepted), ids=len(world.accepted_of), repeated=repeated)

    @routes.get("/webhooks")
    def read_deliveries() -> ResponseReturnValue:
        with world.lock:
            return jsonify(deliveries=[delivery.as_json() for delivery in carrier.deliveries.log])

    @routes.get("/idle")
    def wait_idle() -> ResponseReturnValue:
        idle = scheduler.wait_idle(min(request.args.get("timeout_s", 10.0, type=float), 120.0))
        return jsonify(idle=idle)


def _body(*names: str) -> dict[str, Any]:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict) or not set(body) <= set(names):
        raise _Refused(f"the body must be a JSON object with {', '.join(names)}")
    return body


def _add_events(routes: Blueprint, world: World, carrier: Carrier) -> None:
    @routes.post("/mo")
    def answer() -> ResponseReturnValue:
        body = _body("number", "text")
        mobile = read_mobile(str(body.get("number", "")), national=True)
        if mobile is None or not isinstance(body.get("text"), str):
            raise _Refused("number must be a mobile number, text a string")
        with world.lock:
            reply = carrier.answer(mobile.number, body["text"])
        return jsonify(id=reply.id, stop=reply.is_stop), 201

    @routes.post("/click")
    def click() -> ResponseReturnValue:
        body = _body("code", "brand", "model", "os")
        with world.lock:
            link = world.short_links.get(str(body.get("code")))
            if link is None:
                raise _Refused("there is no such short link")
            device = (body.get("brand"), body.get("model"), body.get("os")) if len(body) > 1 else None
            carrier.click(link, device)
            return jsonify(clicks=link.clicks), 201

    @routes.post("/dlr")
    def receipt() -> ResponseReturnValue:
        body = _body("gsmsmsid", "status")
        status = body.get("status")
        if isinstance(status, bool) or not isinstance(status, int):
            raise _Refused(f"status must be a number: {RECEIPT_NAMES}, or one that is not documented")
        with world.lock:
            found = world.messages_of.get(str(body.get("gsmsmsid")))
            if found is None:
                raise _Refused("there is no message with this gsmsmsid")
            carrier.receipt(found, status)
        return jsonify(sent=True), 201


def _add_accounts(routes: Blueprint, world: World) -> None:
    @routes.get("/accounts")
    def read_accounts() -> ResponseReturnValue:
        with world.lock:
            return jsonify(accounts=[account_row(world, account) for account in world.accounts.values()])

    @routes.post("/accounts")
    def create_account() -> ResponseReturnValue:
        body = _body("email", "password", "credits", "token")
        with world.lock:
            email, password = str(body.get("email", "b@example.org")), str(body.get("password", "password"))
            account = open_account(world, email, password, int(body.get("credits", 100)))
            token = issue_token(world, account, "Platform", body.get("token"))
        return jsonify(client_id=account.client_id, token=token.value, token_id=token.id), 201

    @routes.post("/accounts/<client_id>")
    def change_account(client_id: str) -> ResponseReturnValue:
        kinds = {"credits": int, "postpaid": bool, "unlimited": bool, "active": bool, "alert_trigger": int}
        body = _body(*kinds)
        with world.lock:
            account = world.accounts.get(client_id)
            if account is None:
                raise _Refused("there is no such account")
            for name, value in body.items():
                if type(value) is not kinds[name]:
                    raise _Refused(f"{name} must be of the kind {kinds[name].__name__}")
                setattr(account, "balance" if name == "credits" else name, value)
            return jsonify(account=account_row(world, account))

    @routes.delete("/tokens/<int:token_id>")
    def revoke(token_id: int) -> ResponseReturnValue:
        with world.lock:
            if world.tokens.pop(token_id, None) is None:
                raise _Refused("there is no such token")
        return jsonify(revoked=token_id)
