"""HubSpot's JSON errors: any code below a route raises one exception, and one handler renders it."""

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException


class HubSpotError(Exception):
    """A refusal by one of HubSpot's APIs.

    status: HTTP status. category: HubSpot's upper-case word (None where its documented body has none).
    errors: details, each {"message", "code"?, "context"?: {name: [text]}}. fields: further top-level members.
    """

    def __init__(
        self,
        status: int,
        category: str | None,
        message: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        **fields: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.category = category
        self.message = message
        self.errors = [dict(error) for error in errors]
        self.fields = fields

    def body(self) -> dict[str, Any]:
        """The whole JSON body; correlationId is new each time, as HubSpot's is."""
        body: dict[str, Any] = {
            "status": "error",
            "message": self.message,
            "correlationId": str(uuid.uuid4()),
        }
        if self.errors:
            body["errors"] = self.errors
        body.update(self.fields)
        if self.category is not None:
            body["category"] = self.category
        return body


class InvalidInput(HubSpotError):
    """400 VALIDATION_ERROR: the request itself is wrong. The message names the field."""

    def __init__(self, message: str, *, errors: Sequence[Mapping[str, Any]] = (), **fields: Any) -> None:
        super().__init__(400, "VALIDATION_ERROR", message, errors=errors, **fields)


class NotFound(HubSpotError):
    """404 OBJECT_NOT_FOUND: the record, property, owner ... does not exist in this portal."""

    def __init__(self, message: str = "resource not found", **fields: Any) -> None:
        super().__init__(404, "OBJECT_NOT_FOUND", message, **fields)


class Conflict(HubSpotError):
    """409: it is already there. The category differs by API."""

    def __init__(self, message: str, category: str = "CONFLICT", **fields: Any) -> None:
        super().__init__(409, category, message, **fields)


def batch_error(category: str, message: str, context: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """One entry of a batch answer's `errors` (HubSpot's StandardError, from its OpenAPI files)."""
    return {
        "status": "error",
        "category": category,
        "message": message,
        "context": {name: list(values) for name, values in context.items()},
    }


def invalid_properties(problems: Sequence[tuple[str, str, str]]) -> InvalidInput:
    """400 for property values; problems: (property name, code, message).

    HubSpot repeats the list as JSON text inside the message, where older clients read it. The structured `errors` came
    later. The answer has both.
    """
    listed = [
        {
            "isValid": False,
            "message": message,
            "error": code,
            "name": name,
            "localizedErrorMessage": message,
        }
        for name, code, message in problems
    ]
    details = [
        {"message": message, "code": code, "context": {"propertyName": [name]}}
        for name, code, message in problems
    ]
    return InvalidInput(
        "Property values were not valid: " + json.dumps(listed, ensure_ascii=False, separators=(",", ":")),
        errors=details,
    )


def register_error_handlers(app: Flask) -> None:
    """Render HubSpotError and Flask's own refusals (unknown path, wrong method) as HubSpot's JSON."""

    def render(error: HubSpotError) -> ResponseReturnValue:
        return jsonify(error.body()), error.status

    def render_http(error: HTTPException) -> ResponseReturnValue:
        status = error.code or 500
        category = {404: "OBJECT_NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}.get(status, "VALIDATION_ERROR")
        refusal = HubSpotError(status, category, error.description or error.name)
        headers = {"Allow": ", ".join(sorted(getattr(error, "valid_methods", None) or []))}
        return jsonify(refusal.body()), status, headers if status == 405 else {}

    app.register_error_handler(HubSpotError, render)
    app.register_error_handler(HTTPException, render_http)
