"""Admits API calls: checks the bearer token, the rate limit and the scopes, in this order."""

import random
from datetime import datetime

from flask import Flask, Response, g, request

from sandbox.control import note_call
from sandbox.hubspot_sim.crm.definitions import iso
from sandbox.hubspot_sim.crm.object_types import ObjectType, object_type
from sandbox.hubspot_sim.errors import HubSpotError
from sandbox.hubspot_sim.oauth.grants import AccessToken
from sandbox.hubspot_sim.world import Sim

_INTERVAL_S = 10
SEARCHES_PER_S = 5


def admit(sim: Sim, *any_of: str) -> AccessToken:
    """Let the current request through, or raise HubSpotError 401, 429 or 403.

    any_of: scopes of which the grant needs at least one.
    """
    token = _counted(sim)
    _require_scope(token, any_of)
    return token


def admit_type(
    sim: Sim, type_name: str, *, write: bool = False, search: bool = False, associations: bool = False
) -> ObjectType:
    """Like admit, for a call on a CRM object type; returns the type. Raises HubSpotError 400 for an unknown one.

    search: the call counts against the search limit instead, and its answer carries no rate-limit headers.
    associations: the call counts against the associations limit too.
    """
    token = _counted(sim, search=search, associations=associations)
    kind = object_type(type_name)
    _require_scope(token, (kind.write_scope if write else kind.read_scope,))
    return kind


def admit_schema(sim: Sim, type_name: str, *, write: bool = False) -> ObjectType:
    """Like admit_type, for a call on a type's property definitions.

    Any scope of the type allows reading; only its schema scope allows changes (OpenAPI file).
    """
    token = _counted(sim)
    kind = object_type(type_name)
    if kind.schema_scopes is None:
        raise HubSpotError(400, "VALIDATION_ERROR", f"the simulator has no property API for {kind.plural}")
    readers = (*kind.schema_scopes, kind.read_scope, kind.write_scope)
    _require_scope(token, (kind.schema_scopes[1],) if write else readers)
    return kind


def _counted(sim: Sim, *, search: bool = False, associations: bool = False) -> AccessToken:
    with sim.world.lock:
        now = sim.world.clock.now()
        token = _token(sim, now)
        note_call(portal_id=sim.world.account.id)
        if sim.settings["daily_limit_reached"]:
            raise _too_many("daily", "DAILY")
        if random.random() * 100 < sim.settings["answer_429_percent"]:
            raise _too_many("ten_secondly_rolling", "TEN_SECONDLY_ROLLING", "ordered")
        if search:
            _count_search(sim, now)
            return token
        if associations:
            _count_associations(sim, now)
        _count(sim, now)
    return token


def _require_scope(token: AccessToken, any_of: tuple[str, ...]) -> None:
    if any_of and not set(any_of) & set(token.grant.scopes):
        raise _missing_scopes(any_of)


def _token(sim: Sim, now: datetime) -> AccessToken:
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    token = sim.world.grants.access(text) if kind == "Bearer" else None
    if token is None:
        raise HubSpotError(
            401,
            "INVALID_AUTHENTICATION",
            "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can "
            "find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
        )
    if token.expires_at <= now:
        age_s = int((now - token.expires_at).total_seconds())
        raise HubSpotError(
            401,
            "EXPIRED_AUTHENTICATION",
            f"The OAuth token used to make this call expired {age_s} second(s) ago.",
            context={"expire time": [iso(token.expires_at)]},
        )
    return token


def _count(sim: Sim, now: datetime) -> None:
    most = int(sim.settings["rate_limit_max"])
    left = sim.world.calls.take(now, most, _INTERVAL_S)
    g.rate_limit = (most, left or 0)
    if left is None:
        raise _too_many("ten_secondly_rolling", "TEN_SECONDLY_ROLLING")


def _count_search(sim: Sim, now: datetime) -> None:
    if sim.world.searches.take(now, SEARCHES_PER_S, 1) is None:
        raise _too_many("secondly", "SECONDLY")


def _count_associations(sim: Sim, now: datetime) -> None:
    """The associations API's burst limit (HubSpot docs, associations guide: 100 to 200 per 10 s by subscription)."""
    most = int(sim.settings["association_limit_max"])
    if sim.world.association_calls.take(now, most, _INTERVAL_S) is None:
        raise _too_many("ten_secondly_rolling", "TEN_SECONDLY_ROLLING")


def _too_many(limit: str, policy: str, cause: str = "limit") -> HubSpotError:
    note_call(too_many=cause)
    # HubSpot's documented 429 body has no category.
    return HubSpotError(
        429, None, f"You have reached your {limit} limit.", errorType="RATE_LIMIT", policyName=policy
    )


def _missing_scopes(any_of: tuple[str, ...]) -> HubSpotError:
    link = "https://developers.hubspot.com/scopes"
    return HubSpotError(
        403,
        "MISSING_SCOPES",
        "This app hasn't been granted all required scopes to make this call. Read more about required scopes "
        f"here: {link}.",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": list(any_of)},
            }
        ],
        links={"scopes": link},
    )


def register_rate_headers(app: Flask) -> None:
    """Put HubSpot's rate-limit headers on the answer of every counted call, refusals included."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        rate = g.get("rate_limit")
        if rate is not None:
            response.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] = str(_INTERVAL_S * 1000)
            response.headers["X-HubSpot-RateLimit-Max"] = str(rate[0])
            response.headers["X-HubSpot-RateLimit-Remaining"] = str(rate[1])
        return response
