"""HubSpot's token endpoint, introspection and revocation (OpenAPI file oauth 2026-09; errors: HubSpot docs)."""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.hubspot_sim.errors import HubSpotError
from sandbox.hubspot_sim.oauth.grants import ACCESS_TOKEN_S, AccessToken, CodeProblem
from sandbox.hubspot_sim.world import Sim

_CLIENT = ("client_id", "client_secret")
_GRANT_FIELDS = {
    "authorization_code": ("code", "redirect_uri"),
    "refresh_token": ("refresh_token",),
}
_OAUTH_ERRORS = {
    "BAD_CLIENT_ID": "invalid_client",
    "BAD_CLIENT_SECRET": "invalid_client",
    "BAD_GRANT_TYPE": "unsupported_grant_type",
    "BAD_REQUEST": "invalid_request",
    "BAD_HUB": "access_denied",
}


def token_routes(sim: Sim) -> Blueprint:
    """Routes under /oauth/2026-09/token."""
    routes = Blueprint("tokens", __name__, url_prefix="/oauth/2026-09/token")

    @routes.post("")
    def token() -> ResponseReturnValue:
        form = _form(
            "grant_type", *_CLIENT, "code", "redirect_uri", "code_verifier", "refresh_token", "scope"
        )
        grant_type = form.get("grant_type", "")
        if grant_type not in _GRANT_FIELDS:
            raise TokenRefusal("BAD_GRANT_TYPE", f"missing or unknown grant type: {grant_type or 'none'}")
        _check_client(sim, form)
        with sim.world.lock:
            issued = _exchange(sim, form) if grant_type == "authorization_code" else _refresh(sim, form)
            return jsonify(_token_answer(sim, issued))

    @routes.post("/introspect")
    def introspect() -> ResponseReturnValue:
        form = _form(*_CLIENT, "token", "token_type_hint")
        _check_client(sim, form)
        with sim.world.lock:
            return jsonify(_token_facts(sim, form.get("token", "")))

    @routes.post("/revoke")
    def revoke() -> ResponseReturnValue:
        form = _form(*_CLIENT, "token", "token_type_hint")
        _check_client(sim, form)
        with sim.world.lock:
            # An unknown token is no error (RFC 7009); the answer's status is unconfirmed.
            sim.world.grants.revoke(form.get("token", ""))
        return "", 204

    return routes


def _form(*allowed: str) -> dict[str, str]:
    """The form fields, each once and known. The query must be empty, because credentials there would end in logs."""
    if request.mimetype != "application/x-www-form-urlencoded":
        raise HubSpotError(
            415, "VALIDATION_ERROR", "the token endpoints take application/x-www-form-urlencoded"
        )
    if request.args:
        raise TokenRefusal("BAD_REQUEST", "parameters belong in the body, not in the query")
    values = {}
    for name, given in request.form.lists():
        if name not in allowed or len(given) != 1:
            raise TokenRefusal("BAD_REQUEST", f"unknown or repeated field: {name}")
        values[name] = given[0]
    return values


class TokenRefusal(HubSpotError):
    """400 with both of HubSpot's spellings: OAuth's `error` and HubSpot's own word in `status`."""

    def __init__(self, word: str, message: str) -> None:
        super().__init__(400, None, message)
        self.word = word

    def body(self) -> dict[str, Any]:
        """The token endpoints' error body."""
        return {
            **super().body(),
            "status": self.word,
            "error": _OAUTH_ERRORS.get(self.word, "invalid_grant"),
            "error_description": self.message,
        }


def _check_client(sim: Sim, form: dict[str, str]) -> None:
    if form.get("client_id") != sim.options.client_id:
        raise TokenRefusal("BAD_CLIENT_ID", "missing or unknown client id")
    if form.get("client_secret") != sim.options.client_secret:
        raise TokenRefusal("BAD_CLIENT_SECRET", "missing or invalid client secret")


def _require_active_hub(sim: Sim) -> None:
    if sim.settings["portal_gone"]:
        raise TokenRefusal("BAD_HUB", f"hub {sim.world.account.id} is not active")


def _exchange(sim: Sim, form: dict[str, str]) -> AccessToken:
    _require_active_hub(sim)
    try:
        return sim.world.grants.exchange(
            form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier")
        )
    except CodeProblem as problem:
        raise TokenRefusal(problem.status, str(problem)) from None


def _refresh(sim: Sim, form: dict[str, str]) -> AccessToken:
    _require_active_hub(sim)
    grant = sim.world.grants.refreshable(form.get("refresh_token", ""))
    if grant is None:
        raise TokenRefusal("BAD_REFRESH_TOKEN", "refresh token is invalid, expired or revoked")
    if sim.settings["rotate_refresh_tokens"]:
        sim.world.grants.rotate(grant)
    return sim.world.grants.issue(grant)


def _token_answer(sim: Sim, issued: AccessToken) -> dict[str, Any]:
    return {
        "token_type": "bearer",
        "access_token": issued.token,
        "refresh_token": issued.grant.refresh_token,
        "expires_in": ACCESS_TOKEN_S,
        "hub_id": sim.world.account.id,
        "user_id": issued.grant.user_id,
        "scopes": list(issued.grant.scopes),
        "token_use": "access_token",
    }


def _token_facts(sim: Sim, text: str) -> dict[str, Any]:
    """The introspection answer: full for an access token, shorter for a refresh token, else only active: false."""
    now, grants = sim.world.clock.now(), sim.world.grants
    access, grant = grants.access(text), grants.refreshable(text)
    owner = access.grant if access is not None else grant
    user = sim.world.account.user(None if owner is None else owner.user_id)
    common = {
        "active": True,
        "hub_id": sim.world.account.id,
        "user_id": user[1],
        "user": user[4],
        "app_id": sim.options.app_id,
        "client_id": sim.options.client_id,
        # The customer's website domain, not the host of HubSpot's pages.
        "hub_domain": sim.world.account.domain,
        "is_private_distribution": False,
    }
    if access is not None and access.expires_at > now:
        left_s = int((access.expires_at - now).total_seconds())
        scopes = list(access.grant.scopes)
        return {**common, "token_use": "access_token", "scopes": scopes, "expires_in": left_s}
    if grant is not None:
        return {**common, "token_use": "refresh_token", "scopes": list(grant.scopes)}
    return {"active": False}
