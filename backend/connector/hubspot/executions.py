"""The wire form of HubSpot's workflow calls and our answers: executions, and searches of option lists.

Source of the shapes: HubSpot docs (custom workflow actions) and captured calls. Reading is lenient, answers are exact.
`fields` repeats `inputFields`; `typedInputs` is newer; `object` is absent in workflows without an enrolled record. Ids
are numbers there, strings here.
"""

import html
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from html.entities import html5
from typing import Any, Final

from connector.domain import objects
from connector.domain.text.texts import id_text, storable
from connector.domain.vocabulary import Action
from connector.domain.workflows.fields import Execution, HsState

_MAX_ID_LENGTH: Final = 500  # far above any callback id seen
# Entities with their semicolon only: "?a=1&copy=2" is an address.
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|([A-Za-z][A-Za-z0-9]{1,31}));")


class Unreadable(Exception):
    """The body is not an execution of a workflow action: it cannot be stored, and a repeat would not help."""


@dataclass(frozen=True, slots=True)
class OptionSearch:
    """HubSpot's search in a live option list."""

    text: str
    skip: int  # options shown before


def portal_of(body: object) -> int | None:
    """The portal in the signed body; None if it names none."""
    origin = body.get("origin") if isinstance(body, dict) else None
    portal_id = id_text(origin.get("portalId")) if isinstance(origin, dict) else ""
    return int(portal_id) if portal_id.isascii() and portal_id.isdigit() and len(portal_id) <= 18 else None


def read_execution(body: object, action: Action, *, decodes_entities: bool = True) -> Execution:
    """Read an execution; `decodes_entities`: the message may hold HTML entities. Raises Unreadable without a usable id.

    HubSpot's editor hands a message over with entities or without (unconfirmed), so they are decoded once.
    """
    if not isinstance(body, dict):
        raise Unreadable("body")
    callback_id = id_text(body.get("callbackId"))
    if not callback_id or len(callback_id) > _MAX_ID_LENGTH:
        raise Unreadable("callbackId")
    record, context = body.get("object"), body.get("context")
    record = record if isinstance(record, dict) else {}
    object_id = id_text(record.get("objectId"))
    kind = id_text(record.get("objectType")) or id_text(record.get("objectTypeId"))
    inputs = _inputs(body)
    if decodes_entities and isinstance(inputs.get("message"), str):
        inputs["message"] = decoded(inputs["message"])
    return Execution(
        callback_id=callback_id,
        action=action,
        workflow_id=(id_text(context.get("workflowId")) or None) if isinstance(context, dict) else None,
        object_type_id=objects.id_of_wire_name(kind) if object_id else "",
        object_id=object_id,
        inputs=inputs,
        properties=_owner_properties(record.get("properties")),
    )


def _owner_properties(given: object) -> dict[str, str]:
    """The properties of the record that HubSpot sent along, "" for an empty one; unreadable ones are left out."""
    if not isinstance(given, dict):
        return {}
    values = {name: _property(given[name]) for name in objects.OWNER_PROPERTIES if name in given}
    return {name: value for name, value in values.items() if value is not None}


def _property(given: object) -> str | None:
    """The value as text; None: it cannot be read."""
    if isinstance(given, dict):
        given = given.get("value", given)
    value = "" if given is None else _value(given)
    return None if value is None else str(value)


def decoded(text: str) -> str:
    """The text with its HTML entities decoded once."""
    return storable(_ENTITY.sub(_character, text))


def _character(entity: re.Match[str]) -> str:
    """The character of an entity; the entity itself if HTML has no such name."""
    name = entity.group(1)
    return html5.get(f"{name};", entity.group()) if name else html.unescape(entity.group())


def _inputs(body: dict[str, Any]) -> dict[str, Any]:
    for name in ("inputFields", "fields"):
        given = body.get(name)
        if isinstance(given, dict) and given:
            return {storable(str(key)): _value(value) for key, value in given.items()}
    typed = body.get("typedInputs")
    return (
        {storable(str(key)): _value(value) for key, value in typed.items()} if isinstance(typed, dict) else {}
    )


def _value(value: object) -> Any:
    """A plain value; {"value": ...} is unwrapped, any other nested value is None."""
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None  # not JSON, and not a meaningful number
    return value if isinstance(value, bool | int | float) else None


def execution_answer(
    outputs: Mapping[str, str], hs_state: HsState, blocked_for: timedelta | None
) -> dict[str, object]:
    """The body of an answer. `blocked_for`: the longest time of a BLOCK, sent in whole minutes, at least one."""
    fields = final_outputs(outputs, hs_state)
    if blocked_for is not None:
        fields["hs_expiration_duration"] = f"PT{max(1, math.ceil(blocked_for.total_seconds() / 60))}M"
    return {"outputFields": fields}


def final_outputs(outputs: Mapping[str, str], hs_state: HsState) -> dict[str, str]:
    """The output fields with the reserved one for the workflow's next step."""
    return {**outputs, "hs_execution_state": hs_state}


def read_option_search(body: Mapping[str, object]) -> OptionSearch:
    """Search text and paging of an option list (HubSpot docs: optionsUrl; no call was captured yet)."""
    options = body.get("fetchOptions")
    options = options if isinstance(options, dict) else {}
    text, after = options.get("q"), str(options.get("after") or "")
    skip = int(after) if after.isascii() and after.isdigit() and len(after) <= 6 else 0
    return OptionSearch(storable(text).strip() if isinstance(text, str) else "", skip)


def options_answer(options: list[dict[str, str]], *, next_skip: int | None) -> dict[str, object]:
    """The body of a page of options; `next_skip`: the start of the next page, if there is one."""
    answer: dict[str, object] = {"options": options, "searchable": True}
    if next_skip is not None:
        answer["after"] = str(next_skip)
    return answer
