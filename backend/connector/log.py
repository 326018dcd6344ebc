"""Logs: one JSON line per event, with a constant event name and fields.

Callers never pass texts, full numbers or tokens; the redaction here is the second net.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_NEVER = frozenset(
    {"text", "token", "api_token", "access_token", "refresh_token", "password", "secret", "authorization"}
)
_NUMBER = re.compile(r"\+?\d{9,15}")
# Ids are numbers too: fields with these names are not shortened.
_IDS = (
    "portal_id",
    "message_id",
    "attempt_id",
    "object_id",
    "app_id",
    "user_id",
    "ticket",
    "client_id",
    "timestamp",
)


def configure(level: str) -> None:
    """Send structlog's events to standard error as JSON lines."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping().get(level.upper(), 20)
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop forbidden fields and shorten anything that looks like a telephone number to its last two digits."""
    for name, value in list(event.items()):
        if name in _NEVER:
            event[name] = "[redacted]"
        elif isinstance(value, str) and name not in _IDS:
            event[name] = _NUMBER.sub(lambda match: "…" + match.group()[-2:], value)
    return event
