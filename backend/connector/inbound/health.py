"""Health: whether this process is alive and can serve. The answers contain nothing about portals."""

import psycopg
import structlog
from flask import Response, jsonify
from psycopg_pool import PoolTimeout

from connector.inbound.http.callers import current_wiring
from connector.store.database import check_ready

log = structlog.get_logger()


def live() -> Response:
    return jsonify(status="ok")


def ready() -> Response:
    """Answer 200 if the database answers, else 503."""
    try:
        with current_wiring().pool.connection(timeout=2.0) as conn:
            check_ready(conn)
    except (psycopg.Error, PoolTimeout) as fault:
        log.warning("not_ready", error=type(fault).__name__)
        response = jsonify(status="database_unavailable")
        response.status_code = 503
        return response
    return jsonify(status="ok")
