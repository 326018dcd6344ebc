"""Live options of an input: HubSpot calls the app's optionsUrl while a person edits the field.

The answer must have exactly the documented shape, {"options": [{"label", "value", "description"?}], "after"?,
"searchable"?}: anything else is shown to the person as an error (project actions have no function that could fix it).
"""

import json
from typing import Any

import requests

from sandbox.hubspot_signing import workflow_headers
from sandbox.hubspot_sim.bodies import checked_object
from sandbox.hubspot_sim.crm.object_types import ObjectType
from sandbox.hubspot_sim.errors import HubSpotError, InvalidInput
from sandbox.hubspot_sim.workflows.actions import Action
from sandbox.hubspot_sim.workflows.payloads import options_body
from sandbox.hubspot_sim.world import Sim


def fetch_options(
    sim: Sim, action: Action, kind: ObjectType, inputs: dict[str, Any], body: dict[str, Any]
) -> dict[str, Any]:
    """The options of `body["field"]`, searched by `q`, from cursor `after`. Raises HubSpotError 502 with code
    options_failed when the app's answer is unusable."""
    field = action.inputs.get(str(body["field"]))
    if field is None or field.options_url is None:
        raise InvalidInput(f"{action.uid} has no input {body['field']!r} with live options")
    search = {name: str(body[name]) for name in ("q", "after") if body.get(name) is not None}
    call = options_body(sim.world.account.id, action, kind.id, field.name, inputs, search)
    response = _post(sim, field.options_url, json.dumps(call, ensure_ascii=False).encode())
    if not response.ok:
        raise _failed(f"the app answered with status {response.status_code}")
    try:
        return _checked(response.json())
    except (ValueError, HubSpotError) as error:
        raise _failed(f"the app's answer has not the documented shape: {error}") from None


def _post(sim: Sim, url: str, content: bytes) -> requests.Response:
    local = sim.options.origins.local_url(url)
    if local is None:
        raise _failed(f"the sandbox knows no loopback address for {url}")
    versions = sim.settings["workflow_signatures"]
    headers = workflow_headers(secret=sim.options.client_secret, uri=url, versions=versions, body=content)
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.post(
                local,
                data=content,
                headers={**headers, "Content-Type": "application/json"},
                timeout=float(sim.settings["workflow_timeout_s"]),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise _failed(f"the app cannot be reached ({type(error).__name__})") from None


def _checked(answer: Any) -> dict[str, Any]:
    checked_object(answer, "answer", required=["options"], optional=["after", "searchable"])
    if not isinstance(answer["options"], list):
        raise InvalidInput("options must be a list")
    for option in answer["options"]:
        checked_object(option, "options", required=["label", "value"], optional=["description"])
        if not all(isinstance(text, str) for text in option.values()) or not option["value"]:
            raise InvalidInput("label, value and description must be texts")
    after = answer.get("after")
    if after is not None and not isinstance(after, str):
        raise InvalidInput("after must be a text")
    return {
        "options": answer["options"],
        "after": after or None,
        "searchable": bool(answer.get("searchable", False)),
    }


def _failed(reason: str) -> HubSpotError:
    return HubSpotError(502, "BAD_GATEWAY", reason, errors=[{"message": reason, "code": "options_failed"}])
