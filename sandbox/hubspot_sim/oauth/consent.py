"""The page where a person installs the app: /oauth/authorize, in French and English.

HubSpot checks the whole request before it shows the page. If the app made a mistake, HubSpot shows an error page and
does not redirect. After approval or refusal the browser goes to the redirect URL, with the public origin mapped to the
app on loopback.
"""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from sandbox.hubspot_sim.oauth.consent_texts import refusal_text, scope_text, texts
from sandbox.hubspot_sim.oauth.grants import Consent
from sandbox.hubspot_sim.portals import session_user
from sandbox.hubspot_sim.world import Sim

_PARAMETERS = (
    "client_id", "redirect_uri", "scope", "optional_scope", "state", "response_type",
    "code_challenge", "code_challenge_method",
)  # fmt: skip


class Refusal(ValueError):
    """An authorize URL that HubSpot refuses. code: key of the text in consent_texts."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True)
class AuthorizeRequest:
    """A checked authorize URL. scopes: the scopes to grant, required ones first."""

    redirect_uri: str
    state: str | None
    scopes: tuple[str, ...]
    code_challenge: str | None


def consent_routes(sim: Sim) -> Blueprint:
    """GET shows the page, POST takes the decision. Both check the whole URL."""
    routes = Blueprint("consent", __name__)

    @routes.get("/oauth/authorize")
    @routes.get("/oauth/<int:portal_id>/authorize")
    def show(portal_id: int | None = None) -> ResponseReturnValue:
        try:
            asked = _checked(sim, portal_id)
        except Refusal as refusal:
            return _refusal_page(sim, refusal)
        language = sim.world.language
        return render_template(
            "consent.html",
            language=language,
            text=texts(language),
            app_name=sim.project.app_name,
            app_host=urlsplit(asked.redirect_uri).hostname,
            portal=f"{sim.world.account.name} ({sim.world.account.id})",
            scopes=[(scope, scope_text(scope, language)) for scope in asked.scopes],
        )

    @routes.post("/oauth/authorize")
    @routes.post("/oauth/<int:portal_id>/authorize")
    def decide(portal_id: int | None = None) -> ResponseReturnValue:
        try:
            asked = _checked(sim, portal_id)
            return redirect(_target(sim, asked, approved=request.form.get("decision") == "approve"))
        except Refusal as refusal:
            return _refusal_page(sim, refusal)

    return routes


def _refusal_page(sim: Sim, refusal: Refusal) -> ResponseReturnValue:
    language = sim.world.language
    page = render_template(
        "refusal.html",
        language=language,
        text=texts(language),
        reason=refusal_text(refusal.code, language),
        code=refusal.code,
        detail=str(refusal),
    )
    return page, 400


def _checked(sim: Sim, portal_id: int | None) -> AuthorizeRequest:
    """Check the request's query against the app's configuration. Raises Refusal."""
    values = request.args.to_dict()
    unknown = sorted(set(values) - set(_PARAMETERS))
    if unknown or any(len(given) > 1 for _, given in request.args.lists()):
        raise Refusal("bad_parameter", ", ".join(unknown) or "repeated parameter")
    if portal_id not in (None, sim.world.account.id):
        raise Refusal("wrong_portal", str(portal_id))
    if sim.world.account.user(session_user()) != sim.world.account.crm.owners[0]:
        raise Refusal("no_rights")
    if values.get("client_id") != sim.options.client_id:
        raise Refusal("client_unknown", values.get("client_id", ""))
    if values.get("redirect_uri") not in sim.project.redirect_urls:
        raise Refusal("redirect_mismatch", values.get("redirect_uri", ""))
    if values.get("response_type", "code") != "code":
        raise Refusal("bad_parameter", "response_type")
    challenge = values.get("code_challenge")
    if (challenge is not None) != (values.get("code_challenge_method") == "S256"):
        raise Refusal("bad_parameter", "code_challenge_method")
    scopes = _granted_scopes(sim, values.get("scope", "").split(), values.get("optional_scope", "").split())
    return AuthorizeRequest(values["redirect_uri"], values.get("state"), scopes, challenge)


def _granted_scopes(sim: Sim, required: list[str], optional: list[str]) -> tuple[str, ...]:
    """The scopes to grant. Raises Refusal when the URL and the app's configuration differ.

    `scope` must hold all required scopes and may add conditionally required ones; `optional_scope` holds only optional
    ones. If the account lacks an optional scope, HubSpot drops it silently. If it lacks a required one, HubSpot stops
    the installation without naming the scope (HubSpot docs, scopes).
    """
    project = sim.project
    missing = set(project.required_scopes) - set(required)
    surplus = set(required) - set(project.required_scopes) - set(project.conditional_scopes)
    surplus |= set(optional) - set(project.optional_scopes)
    if missing or surplus:
        differing = sorted(f"-{scope}" for scope in missing) + sorted(f"+{scope}" for scope in surplus)
        raise Refusal("scope_mismatch", " ".join(differing))
    withheld = set(sim.settings["withheld_scopes"])
    if withheld & set(required):
        raise Refusal("feature_missing")
    return tuple(required) + tuple(scope for scope in optional if scope not in withheld)


def _consent(sim: Sim, asked: AuthorizeRequest) -> Consent:
    user_id = sim.world.account.user(session_user())[1]
    return Consent(asked.redirect_uri, asked.scopes, asked.code_challenge, user_id)


def _target(sim: Sim, asked: AuthorizeRequest, *, approved: bool) -> str:
    """The browser's next address: the redirect URL on loopback, with code or error. Raises Refusal."""
    local = sim.options.origins.local_url(asked.redirect_uri)
    if local is None:
        raise Refusal("not_mapped", asked.redirect_uri)
    if approved:
        with sim.world.lock:
            code = sim.world.grants.new_code(_consent(sim, asked))
        answer = {"code": code}
    else:
        answer = {"error": "access_denied", "error_description": "the user denied the request"}
    if asked.state is not None:
        answer["state"] = asked.state
    return f"{local}{'&' if '?' in local else '?'}{urlencode(answer)}"
