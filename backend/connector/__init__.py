"""SMSFactor for HubSpot: the backend. docs/flow.md lists the folders in the order of a message's path."""

import structlog
from flask import Flask, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException

from connector import log
from connector.settings import Settings
from connector.wiring import Wiring, wire


def create_app(settings: Settings | None = None, wiring: Wiring | None = None) -> Flask:
    """The web application; without arguments it is configured by the environment (see .env.example)."""
    from connector.crm.record_cache import RecordCache
    from connector.inbound import routes
    from connector.inbound.card.composer import open_queueing
    from connector.inbound.http.callers import MAX_BODY_BYTES
    from connector.inbound.http.url_segments import UrlSegments
    from connector.inbound.workflows.executions import Executions

    settings = settings or Settings.from_environment()
    log.configure(settings.log_level)
    app = Flask(__name__, template_folder="pages", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    # As UTF-8: an escaped accented letter is three times as long, and HubSpot limits an answer's size.
    assert isinstance(app.json, DefaultJSONProvider)
    app.json.ensure_ascii = False
    if wiring is None:
        wiring = wire(settings)
        wiring.readiness.ask()  # names what is wrong in the log, at start
    app.extensions["wiring"] = wiring
    app.extensions["record_cache"] = RecordCache()
    segments = app.extensions["url_segments"] = UrlSegments(settings.url_segments, wiring.pool)
    app.extensions["queueing"] = open_queueing(wiring)
    routes.register(app, routes.ROUTES)
    app.register_error_handler(Exception, _failed)
    in_front = app.extensions["executions"] = Executions(
        wiring, segments, routes.actions(routes.ROUTES), app.wsgi_app
    )
    app.wsgi_app = in_front  # type: ignore[method-assign]
    return app


def _failed(defect: Exception) -> tuple[dict[str, object], int] | HTTPException:
    """A defect: reported as `internal`, logged without the path, which for a webhook is a secret."""
    if isinstance(defect, HTTPException):
        return defect
    structlog.get_logger().error("request_failed", endpoint=request.endpoint, exc_info=defect)
    return {"error": {"code": "internal", "params": {}}}, 500
