"""Install by OAuth: send the browser to HubSpot, receive it again with a code, exchange the code (F8.1)."""

import secrets

import structlog
from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response as WerkzeugResponse

from connector.domain.vocabulary import TimelineMode
from connector.hubspot.errors import HubSpotError
from connector.hubspot.grants import OAuthTokens
from connector.hubspot.payloads import AccountDetails
from connector.hubspot.scopes import required_scopes
from connector.inbound.http.callers import current_wiring
from connector.store.faults import repeated
from connector.store.portals import oauth_states
from connector.store.vault import digest
from connector.use_cases.portals.install_portal import InstallPortal, install_portal
from connector.wiring import Wiring

log = structlog.get_logger()

COOKIE = "smsfactor_oauth_state"


def install() -> WerkzeugResponse:
    """Begin the install: a state that only this browser has, then HubSpot's consent page. Nothing is stored."""
    wiring = current_wiring()
    state = oauth_states.new(wiring.vault)
    scopes = required_scopes(app_events=wiring.settings.timeline_mode == TimelineMode.APP_EVENTS)
    response = redirect(wiring.hubspot.oauth.authorize_url(state, scopes=scopes))
    response.set_cookie(
        COOKIE,
        state,
        max_age=oauth_states.STATE_MAX_AGE_S,
        secure=True,
        httponly=True,
        samesite="Lax",
        path="/oauth/hubspot",
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def callback() -> WerkzeugResponse:
    """The browser returns from HubSpot. A code without our state (marketplace button) begins a new round-trip."""
    wiring = current_wiring()
    if request.args.get("error"):
        return _page(400, "install_denied")
    state, code = request.args.get("state", ""), request.args.get("code", "")
    if not _is_own_state(state):
        # Never link the portal of a code that an attacker may have planted in this browser.
        return redirect("/oauth/hubspot/install") if code and not state else _page(400, "state_invalid")
    try:
        tokens = wiring.hubspot.oauth.exchange_code(code)
    except HubSpotError as fault:
        log.warning("install_failed", error=type(fault).__name__)
        return _page(502, "install_failed")
    details = _details_of(wiring, tokens)
    command = InstallPortal(
        portal_id=tokens.portal_id,
        scopes=list(tokens.scopes),
        time_zone=details.time_zone if details else None,
        ui_domain=(details.ui_domain or None) if details else None,
        user_id=tokens.user_id,
        language=request.accept_languages.best_match(["fr", "en"], "fr"),
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        expires_in_s=tokens.expires_in_s,
    )
    repeated(lambda: _store(wiring, command))
    log.info("portal_installed", portal_id=tokens.portal_id)
    response = redirect(
        f"{wiring.settings.hubspot_app_url}/connected-apps/{tokens.portal_id}/installed/{wiring.settings.hubspot_app_id}"
    )
    response.delete_cookie(COOKIE, path="/oauth/hubspot")
    return response


def _details_of(wiring: Wiring, tokens: OAuthTokens) -> AccountDetails | None:
    """The portal's details; None: HubSpot does not give them now. The set-up reads them again.

    The code works once, so an install never fails after its exchange.
    """
    try:
        return wiring.hubspot.call_with_token(
            tokens.portal_id, tokens.access_token, lambda client: client.account_details()
        )
    except HubSpotError as fault:
        log.warning("account_details_unread", portal_id=tokens.portal_id, error=type(fault).__name__)
        return None


def _store(wiring: Wiring, command: InstallPortal) -> None:
    with wiring.pool.connection() as conn:
        install_portal(conn, wiring.vault, command)


def _page(status: int, what: str) -> WerkzeugResponse:
    """A page in the browser's language, with the fault and the way to retry."""
    language = request.accept_languages.best_match(["fr", "en"], "en")
    response = make_response(render_template("install_failed.html", what=what, language=language), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _is_own_state(state: str) -> bool:
    cookie = request.cookies.get(COOKIE, "")
    if not state or not secrets.compare_digest(digest(state), digest(cookie)):
        return False
    wiring = current_wiring()
    with wiring.pool.connection() as conn:
        return oauth_states.use(conn, wiring.vault, state)
