"""Health: whether this process is alive and can serve. The answers contain nothing about portals."""

from flask import Response, jsonify

from connector.domain.vocabulary import Readiness
from connector.inbound.http.callers import current_wiring


def live() -> Response:
    return jsonify(status=Readiness.OK)


def ready() -> Response:
    """Answer 200 if this process can serve, else 503 with the reason."""
    status = current_wiring().readiness.ask()
    response = jsonify(status=status)
    response.status_code = 200 if status == Readiness.OK else 503
    return response
