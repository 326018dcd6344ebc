"""Answers to views: `{"ok": true, "data"}` or `{"ok": false, "error": {"code", "params"}}`, always with status 200.

HubSpot's proxy hides other statuses from the view, so only other callers get them.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar

import structlog
from flask import Response, jsonify, request
from marshmallow import Schema, ValidationError

from connector.crm.access import NotConnected
from connector.domain.refusals import Code, Refusal
from connector.domain.text.json_reader import JsonInvalid, read_object
from connector.domain.vocabulary import CallerCode
from connector.hubspot.errors import HubSpotError, MissingScopes, NotFound, Rejected
from connector.store.faults import repeated

log = structlog.get_logger()
Handler = TypeVar("Handler", bound=Callable[..., Response])

# A view's call that has waited this long for HubSpot does not ask again: HubSpot ends the call after 15 s.
REPEAT_WITHIN_S: Final = 3.0


def answer(data: dict[str, Any]) -> Response:
    return jsonify(ok=True, data=data)


def refuse(refusal: Refusal) -> Response:
    log.info("request_refused", path=request.path, code=refusal.code.value)
    return jsonify(ok=False, error=refusal.as_json())


def refuse_caller(status: int, code: CallerCode | Code) -> Response:
    """The answer to a caller that is not proved to be HubSpot, SMSFactor or an installed portal."""
    # Without Flask's own encoder: executions are answered in front of Flask.
    body = json.dumps({"error": {"code": code, "params": {}}})
    return Response(body, status, content_type="application/json")


def read_body(schema: Schema) -> dict[str, Any]:
    """The request's JSON object, checked. Raises Refusal bad_request with the first wrong field."""
    try:
        body = read_object(request.get_data(cache=True))
    except JsonInvalid as fault:
        raise Refusal(Code.BAD_REQUEST, field=fault.member or "body") from fault
    try:
        loaded: dict[str, Any] = schema.load(body)
    except ValidationError as fault:
        raise Refusal(Code.BAD_REQUEST, field=sorted(map(str, fault.messages_dict))[0]) from fault
    return loaded


def _code_of(fault: HubSpotError) -> Code:
    """The code shows whether a retry helps, and who can help otherwise."""
    if isinstance(fault, NotFound):
        return Code.RECORD_NOT_FOUND
    if isinstance(fault, MissingScopes):
        return Code.HUBSPOT_SCOPE_MISSING
    return Code.HUBSPOT_REFUSED if isinstance(fault, Rejected) else Code.HUBSPOT_UNAVAILABLE


def refusals_answered(handler: Handler) -> Handler:
    """Turn expected failures of a view's call into its answer. A defect is logged and reported as `internal`.

    A call whose transaction PostgreSQL undid for another one's sake runs again (protocol P26): it changed nothing.
    `internal` is a 200 as well: HubSpot repeats calls answered with 5xx, and would not show the answer.
    """

    @wraps(handler)
    def answered(*args: Any, **kwargs: Any) -> Response:
        try:
            return repeated(lambda: handler(*args, **kwargs), within_s=REPEAT_WITHIN_S)
        except Refusal as refusal:
            return refuse(refusal)
        except NotConnected:
            return refuse(Refusal(Code.HUBSPOT_UNAUTHORISED))
        except HubSpotError as fault:
            log.warning("hubspot_failed", error=type(fault).__name__, status=fault.status)
            return refuse(Refusal(_code_of(fault)))
        except Exception:
            log.exception("request_failed", path=request.path)
            return refuse(Refusal(Code.INTERNAL))

    return answered  # type: ignore[return-value]
