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
    from connector.inbound import health, oauth, webhooks
    from connector.inbound.card import card, composer, consents, templates
    from connector.inbound.http import callers
    from connector.inbound.settings import account, limits, preferences
    from connector.inbound.workflows import executions, options

    settings = settings or Settings.from_environment()
    log.configure(settings.log_level)
    app = Flask(__name__, template_folder="pages")
    app.config["MAX_CONTENT_LENGTH"] = callers.MAX_BODY_BYTES
    # As UTF-8: an escaped accented letter is three times as long, and HubSpot limits an answer's size.
    assert isinstance(app.json, DefaultJSONProvider)
    app.json.ensure_ascii = False
    wiring = app.extensions["wiring"] = wiring or wire(settings)
    app.extensions["record_cache"] = RecordCache()
    views = (card, composer, consents, templates, account, preferences, limits)
    for module in (*views, options, webhooks, oauth, health):
        app.register_blueprint(module.blueprint)
    app.register_error_handler(Exception, _failed)
    in_front = app.extensions["executions"] = executions.Executions(wiring, app.wsgi_app)
    app.wsgi_app = in_front  # type: ignore[method-assign]
    return app


def _failed(defect: Exception) -> tuple[dict[str, object], int] | HTTPException:
    """A defect: reported as `internal`, logged without the path, which for a webhook is a secret."""
    if isinstance(defect, HTTPException):
        return defect
    structlog.get_logger().error("request_failed", endpoint=request.endpoint, exc_info=defect)
    return {"error": {"code": "internal", "params": {}}}, 500
