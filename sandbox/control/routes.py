"""The HTTP side of the control API."""

import ipaddress
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.control.faults import KINDS, FaultError
from sandbox.control.handle import Control
from sandbox.control.settings import SettingError

_HELP = Path(__file__).with_name("help.txt").read_text(encoding="utf-8")


def control_blueprint(control: Control) -> Blueprint:
    """All routes under /_control/ that simulators share."""
    routes = Blueprint("control", __name__, url_prefix="/_control")
    routes.before_request(_only_loopback)
    _add_fault_routes(routes, control)
    _add_state_routes(routes, control)
    return routes


def _only_loopback() -> ResponseReturnValue | None:
    address = request.remote_addr
    if address is None or not ipaddress.ip_address(address).is_loopback:
        return _refused("the control API answers on loopback only", 403)
    return None


def _refused(reason: str, status: int = 400) -> ResponseReturnValue:
    return jsonify(error=reason), status


def _body() -> Any:
    return request.get_json(force=True, silent=True)


def _add_fault_routes(routes: Blueprint, control: Control) -> None:
    @routes.post("/faults")
    def order_fault() -> ResponseReturnValue:
        try:
            fault = control.faults.order(_body())
        except FaultError as error:
            return _refused(str(error))
        return jsonify(id=fault.id), 201

    @routes.get("/faults")
    def list_faults() -> ResponseReturnValue:
        return jsonify(faults=[fault.as_json() for fault in control.faults.all()])

    @routes.get("/faults/<fault_id>")
    def look_at_fault(fault_id: str) -> ResponseReturnValue:
        hits = request.args.get("wait_hits", 0, type=int)
        waiting = request.args.get("wait_waiting", 0, type=int)
        timeout_s = request.args.get("timeout_s", 10.0 if hits or waiting else 0.0, type=float)
        fault = control.faults.look(fault_id, hits=hits, waiting=waiting, timeout_s=timeout_s)
        return jsonify(fault.as_json()) if fault else _refused("no such fault", 404)

    @routes.post("/faults/<fault_id>/release")
    def release_fault(fault_id: str) -> ResponseReturnValue:
        fault = control.faults.release(fault_id)
        return jsonify(fault.as_json()) if fault else _refused("no such fault", 404)

    @routes.delete("/faults")
    def clear_faults() -> ResponseReturnValue:
        control.faults.clear()
        return jsonify(faults=[])


def _add_state_routes(routes: Blueprint, control: Control) -> None:
    _add_settings_routes(routes, control)

    @routes.get("/calls")
    def list_calls() -> ResponseReturnValue:
        chosen = control.calls.select(
            method=request.args.get("method"),
            path=request.args.get("path"),
            since=request.args.get("since", 0, type=int),
        )
        return jsonify(calls=[call.as_json() for call in chosen], counts=control.calls.counts())

    @routes.get("/clock")
    def read_clock() -> ResponseReturnValue:
        return jsonify(now=control.clock.now().isoformat())

    @routes.post("/clock")
    def move_clock() -> ResponseReturnValue:
        return _move_clock(control, _body())

    @routes.post("/reset")
    def reset() -> ResponseReturnValue:
        control.reset()
        return jsonify(reset=True)

    @routes.get("/ready")
    def ready() -> ResponseReturnValue:
        if not control.is_ready():
            return _refused("not ready", 503)
        return jsonify(ready=True, name=control.name)

    @routes.get("/help")
    def help_page() -> Response:
        text = _HELP.format(
            name=control.name,
            kinds=", ".join(KINDS),
            settings=control.settings.help(),
            more=control.help_text,
        )
        return Response(text, mimetype="text/plain")


def _add_settings_routes(routes: Blueprint, control: Control) -> None:
    @routes.get("/settings")
    def read_settings() -> ResponseReturnValue:
        return jsonify(settings=control.settings.values())

    @routes.post("/settings")
    def change_settings() -> ResponseReturnValue:
        changes = _body()
        if not isinstance(changes, dict):
            return _refused("the body must be a JSON object of settings")
        try:
            control.settings.update(changes)
        except SettingError as error:
            return _refused(str(error))
        return jsonify(settings=control.settings.values())


def _move_clock(control: Control, move: Any) -> ResponseReturnValue:
    """POST /_control/clock: forward by seconds, or to an instant with its offset."""
    if not isinstance(move, dict) or len(move) != 1:
        return _refused('the body must be {"advance_s": seconds} or {"at": instant}')
    try:
        if "advance_s" in move:
            now = control.clock.advance(float(move["advance_s"]))
        else:
            instant = datetime.fromisoformat(str(move["at"]))
            if instant.tzinfo is None:
                return _refused("at needs an offset or Z")
            now = control.clock.set(instant)
    except (KeyError, TypeError, ValueError) as error:
        return _refused(f"the clock cannot be moved so: {error}")
    return jsonify(now=now.isoformat())
