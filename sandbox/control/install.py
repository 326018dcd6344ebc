"""Puts the control API in front of a Flask application.

It is WSGI middleware instead of Flask hooks: a fault may have to lose a finished answer or cut the connection. Neither
is possible from inside Flask.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from flask import Flask, request
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.test import run_wsgi_app
from werkzeug.wsgi import get_input_stream

from sandbox.control.calls import Call
from sandbox.control.connection import Connection
from sandbox.control.faults import BEFORE_KINDS, LONGEST_HOLD_S, Fault
from sandbox.control.handle import Control
from sandbox.control.routes import control_blueprint
from sandbox.control.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_NOTES = "sandbox.notes"


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer, held in memory until it may leave."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def code(self) -> int:
        """The HTTP status as a number."""
        return int(self.status.split()[0])


def install_control(
    app: Flask,
    *,
    name: str,
    settings: Settings | None = None,
    on_reset: Sequence[Callable[[], None]] = (),
    help_text: str = "",
    unlogged: Sequence[str] = (),
) -> Control:
    """Register /_control/* on `app` and pass every other call through faults and call log.

    name: shown by ready and help. settings: served at /_control/settings. on_reset: called by a reset, in order.
    help_text: added to /_control/help (own routes, number endings, ...). unlogged: path prefixes, for pages and their
    polling, that are neither logged nor affected by faults.
    """
    control = Control(name, settings or Settings({}), on_reset, help_text)
    app.register_blueprint(control_blueprint(control))
    gate = _Gate(app.wsgi_app, control, ("/_control/", *unlogged))
    app.wsgi_app = gate  # type: ignore[method-assign]
    return control


def note_call(**notes: Any) -> None:
    """Add facts to the current call's entry in the call log (for example portal_id). Call it inside a
    request."""
    request.environ.setdefault(_NOTES, {}).update(notes)


class _Gate:
    """The middleware. For each call: log it, apply its fault if there is one, process it, send or drop the answer."""

    def __init__(self, app: "WSGIApplication", control: Control, passed: tuple[str, ...]) -> None:
        self._app = app
        self._control = control
        self._passed = passed

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "/")
        if path.startswith(self._passed):
            return self._app(environ, start_response)
        # Read first, so that a later look at the socket sees only whether the client is there.
        body = get_input_stream(environ).read()
        answer = self._serve(environ, path, body)
        start_response(answer.status, answer.headers)
        return [answer.body]

    def _serve(self, environ: "WSGIEnvironment", path: str, body: bytes) -> Answer:
        method, query = environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
        control = self._control
        environ[_NOTES] = {}
        call = control.calls.open(control.clock.now(), method, path, query, body)
        # Same object, so that the application's notes show in the log.
        call.notes = environ[_NOTES]
        try:
            answer = self._answered(call, environ, query, body)
            call.status = answer.code
            return answer
        finally:
            for listener in control.call_listeners:
                listener(call)

    def _answered(self, call: Call, environ: "WSGIEnvironment", query: str, body: bytes) -> Answer:
        faults = self._control.faults
        if faults.is_quiet:
            return self._through_network(environ, body)
        fault = faults.take(call.method, call.path, query + body.decode("utf-8", "replace"))
        if fault is None:
            return self._through_network(environ, body)
        call.notes["fault"] = fault.kind
        return self._with_fault(fault, environ, body)

    def _through_network(self, environ: "WSGIEnvironment", body: bytes) -> Answer:
        """Process the call as the settings of the network have it: late, or behind a proxy that answers itself."""
        settings = self._control.settings.values()
        status, slow_s = int(str(settings.get("proxy_page", 0))), float(str(settings.get("slow_s", 0)))
        answer = proxy_page(status) if status else None
        if answer is None or settings.get("proxy_page_after"):
            processed = self._process(environ, body)
            answer = answer or processed
        if slow_s:
            connection = Connection(environ)
            connection.wait_until_gone(min(slow_s, LONGEST_HOLD_S))
        return answer

    def _process(self, environ: "WSGIEnvironment", body: bytes) -> Answer:
        inner = {**environ, "wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        inner.pop("wsgi.input_terminated", None)
        inner.pop("HTTP_TRANSFER_ENCODING", None)
        chunks, status, headers = run_wsgi_app(self._app, inner, buffered=True)
        return Answer(status, list(headers), b"".join(chunks))

    def _with_fault(self, fault: Fault, environ: "WSGIEnvironment", body: bytes) -> Answer:
        connection = Connection(environ)
        board = self._control.faults
        if fault.kind in BEFORE_KINDS:
            if fault.kind in ("hold_before", "slow"):
                if board.hold(fault, connection) != "released":
                    raise connection.close()
                return self._processed(fault, environ, body)
            board.hit(fault)
            return _instead(fault, connection)
        answer = self._processed(fault, environ, body)
        if fault.kind == "hold_after":
            if board.hold(fault, connection) != "released":
                raise connection.close()
            return answer
        board.hit(fault)
        return answer if fault.kind not in _AFTER else _instead(fault, connection)

    def _processed(self, fault: Fault, environ: "WSGIEnvironment", body: bytes) -> Answer:
        """Process the call, twice when the fault has the network repeat it. The first answer counts."""
        answer = self._process(environ, body)
        if fault.duplicate:
            self._process(environ, body)
        return answer


_AFTER = ("status_after", "timeout_after", "reset_after", "malformed")


def _instead(fault: Fault, connection: Connection) -> Answer:
    """The client's answer in place of the true one. Raises ConnectionCut when the client gets none."""
    if fault.kind.startswith("reset"):
        raise connection.reset()
    if fault.kind.startswith("timeout"):
        connection.wait_until_gone(LONGEST_HOLD_S)
        raise connection.close()
    if fault.kind == "malformed":
        text = fault.body if isinstance(fault.body, str) else "<html><body><h1>It works, nearly</h1></body>"
        return _answer(200, text, {"Content-Type": "text/html; charset=utf-8", **fault.headers})
    return _answer(fault.status, fault.body, fault.headers)


def proxy_page(status: int) -> Answer:
    """The page that a proxy between the app and the service answers with: HTML, whatever the client asked for."""
    reason = HTTP_STATUS_CODES.get(status, "Unknown")
    title = f"{status} {reason}"
    page = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
    return _answer(status, page, {"Content-Type": "text/html"})


def _answer(status: int, body: Any, headers: dict[str, str]) -> Answer:
    """An HTTP answer from a fault's order: JSON for an object or a list, else text. Its own headers win."""
    reason = HTTP_STATUS_CODES.get(status, "Unknown")
    is_text = body is None or isinstance(body, str)
    content = (body or reason if is_text else json.dumps(body)).encode()
    kind = "text/plain; charset=utf-8" if is_text else "application/json"
    own = {name.lower() for name in headers}
    fixed = [("Content-Type", kind)] if "content-type" not in own else []
    length = [("Content-Length", str(len(content)))]
    return Answer(f"{status} {reason}", [*fixed, *headers.items(), *length], content)
