"""Interprets an app's answer to an execution (HubSpot docs, custom workflow actions and error handling).

Any 2xx is success, JSON or not. 4xx fails for good, except 429, which is tried again after Retry-After MILLISECONDS.
5xx, a time-out and a failed connection are tried again with growing delay for about three days. A 3xx is not
documented: it fails for good here (unconfirmed).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.courier import Delivery
from sandbox.hubspot_sim.workflows.actions import Field

STATES = ("SUCCESS", "FAIL_CONTINUE", "BLOCK")
DEFAULT_EXPIRY_S = 7 * 86_400.0
_STATE, _EXPIRY = "hs_execution_state", "hs_expiration_duration"
_DURATION = re.compile(
    r"P(?!$)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?", re.ASCII
)
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")


def answer_kind(delivery: Delivery) -> str:
    """success, too_many, refused, server_error, timeout or no_connection: the names of a run's counters."""
    status = delivery.status
    if status is None:
        return delivery.error or "no_connection"
    if 200 <= status < 300:
        return "success"
    if status == 429:
        return "too_many"
    return "server_error" if status >= 500 else "refused"


def retry_after_ms(delivery: Delivery) -> float | None:
    """Retry-After as HubSpot's workflows read it, in milliseconds; anything but a number counts as absent."""
    try:
        return max(0.0, float(delivery.headers["retry-after"]))
    except (KeyError, ValueError):
        return None


@dataclass(frozen=True)
class Outcome:
    """The outputs of a positive answer or a callback. problems: (code, params) of values that HubSpot could not
    use.
    """

    state: str = "SUCCESS"
    outputs: Mapping[str, str] = field(default_factory=dict)
    expires_after_s: float = DEFAULT_EXPIRY_S
    problems: tuple[tuple[str, Mapping[str, str]], ...] = ()


def read_outcome(body: str, declared: Mapping[str, Field]) -> Outcome:
    """The outcome that a 2xx answer carries; a body without outputFields is a plain success."""
    try:
        answer = json.loads(body)
    except ValueError:
        return Outcome()
    given = answer.get("outputFields") if isinstance(answer, dict) else None
    if given is None:
        return Outcome()
    if not isinstance(given, dict):
        return Outcome(problems=(("outputs_malformed", {}),))
    return outcome_of(given, declared)


def outcome_of(given: Mapping[str, Any], declared: Mapping[str, Field]) -> Outcome:
    """The outcome of `outputFields`. Values are texts on the wire; each is checked against its declared field."""
    problems: list[tuple[str, Mapping[str, str]]] = []
    outputs = {}
    for name, value in given.items():
        if name in (_STATE, _EXPIRY):
            continue
        code = _problem(declared.get(name), value)
        if code is None:
            outputs[name] = value
        else:
            problems.append((code, {"field": name, "value": str(value)[:200]}))
    state = given.get(_STATE, "SUCCESS")
    if state not in STATES:
        problems.append(("state_unknown", {"field": _STATE, "value": str(state)[:200]}))
        state = "SUCCESS"
    expires_after_s = DEFAULT_EXPIRY_S
    if _EXPIRY in given:
        seconds = duration_s(given[_EXPIRY])
        if seconds is None or state != "BLOCK":
            problems.append(("expiry_invalid", {"field": _EXPIRY, "value": str(given[_EXPIRY])[:200]}))
        else:
            expires_after_s = seconds
    return Outcome(state, outputs, expires_after_s, tuple(problems))


def _problem(declared: Field | None, value: Any) -> str | None:
    if declared is None:
        return "output_unknown"
    if not isinstance(value, str):
        return "output_not_text"
    if value == "":
        return None
    if declared.type == "number" and not _NUMBER.fullmatch(value):
        return "output_not_number"
    if declared.type == "bool" and value not in ("true", "false"):
        return "output_not_bool"
    if declared.options and value not in declared.options:
        return "output_no_option"
    return None


def duration_s(text: Any) -> float | None:
    """An ISO 8601 duration of weeks, days, hours, minutes, seconds (PT15M, P1DT2H) in seconds; None when it is not
    one.
    """
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None or not any(found.groups()):
        return None
    weeks, days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds
