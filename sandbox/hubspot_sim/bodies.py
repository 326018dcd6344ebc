"""Reads requests strictly: it refuses misspelt fields and parameters, which HubSpot overlooks. A client's typing error
then shows in a test and not in a customer's portal.
"""

import json
from collections.abc import Collection
from typing import Any

from flask import request

from sandbox.hubspot_sim.errors import HubSpotError, InvalidInput


def json_object(*, required: Collection[str] = (), optional: Collection[str] = ()) -> dict[str, Any]:
    """The request's body: a JSON object with all `required` members, and no others than those and the `optional` ones.

    Raises HubSpotError 415 (not sent as application/json) or InvalidInput.
    """
    if request.mimetype != "application/json":
        raise HubSpotError(415, "VALIDATION_ERROR", f"Unsupported Media Type: {request.mimetype or 'none'}")
    try:
        body = json.loads(request.get_data())
    except ValueError as error:
        raise InvalidInput(f"Invalid input JSON: {error}") from None
    return checked_object(body, "body", required=required, optional=optional)


def checked_object(
    value: Any, where: str, *, required: Collection[str] = (), optional: Collection[str] = ()
) -> dict[str, Any]:
    """`value` when it is an object with the right members, else InvalidInput naming `where` and the member."""
    if not isinstance(value, dict):
        raise InvalidInput(f"Invalid input JSON: {where} must be an object")
    for name in required:
        if name not in value:
            raise InvalidInput(
                f"Invalid input JSON: Some required fields were not set: [{name}] ({where})",
                errors=[{"message": f"{name} is required", "in": name}],
            )
    unknown = sorted(set(value) - set(required) - set(optional))
    if unknown:
        raise InvalidInput(
            f'Invalid input JSON: Unrecognized field "{unknown[0]}" ({where})',
            errors=[{"message": f"Unrecognized field {unknown[0]}", "in": unknown[0]}],
        )
    return value


def inputs_of(body: dict[str, Any], most: int) -> list[Any]:
    """The `inputs` of a batch call: a list with 1 to `most` members. Raises InvalidInput."""
    inputs = body.get("inputs")
    if not isinstance(inputs, list) or not inputs:
        raise InvalidInput("Invalid input JSON: inputs must be a list with at least one member")
    if len(inputs) > most:
        raise InvalidInput(
            f"The maximum number of inputs supported in a batch request is {most}, received {len(inputs)}"
        )
    return inputs


def text_list(value: Any, where: str) -> list[str]:
    """A JSON list of strings. Raises InvalidInput."""
    if not isinstance(value, list) or not all(isinstance(member, str) for member in value):
        raise InvalidInput(f"Invalid input JSON: {where} must be a list of strings")
    return value


def query_values(*allowed: str) -> dict[str, str]:
    """The query's parameters, each given once and among `allowed`. Raises InvalidInput."""
    values: dict[str, str] = {}
    for name, given in request.args.lists():
        if name not in allowed:
            raise InvalidInput(f"Unknown query parameter '{name}'; allowed: {', '.join(allowed) or 'none'}")
        # `properties=a&properties=b` means the same as `properties=a,b` at HubSpot.
        values[name] = ",".join(given)
    return values


def listed(values: dict[str, str], name: str) -> list[str] | None:
    """A comma-separated query parameter as a list; None when it is absent."""
    text = values.get(name)
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]


def whole_number(values: dict[str, str], name: str, default: int, most: int) -> int:
    """A query parameter from 1 to `most`. Raises InvalidInput."""
    text = values.get(name)
    if text is None:
        return default
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise InvalidInput(f"{name} must be a whole number from 1 to {most}, not '{text}'")
    return int(text)


def cursor(values: dict[str, str]) -> int:
    """The query parameter `after`: a number taken from an earlier answer, 0 without it. Raises InvalidInput."""
    after = values.get("after", "0")
    if not after.isdigit():
        raise InvalidInput(f"after must be a cursor from an earlier answer, not '{after}'")
    return int(after)
