"""Calls HubSpot for a portal with a token that works: refreshed before it runs out, by one process at a time.

HubSpot counts calls with expired tokens against an app, so a 401 is not used as a signal to refresh; it only expires
a token early, once.
"""

import time
from collections.abc import Callable
from typing import TypeVar

import structlog

from connector.crm.reads import Ask
from connector.hubspot.client import PortalClient
from connector.hubspot.errors import MissingScopes, Unauthorized, Unavailable
from connector.hubspot.oauth import Misconfigured, OAuthUnavailable, Revoked
from connector.store.portals import hubspot_tokens, problems
from connector.wiring import Wiring

log = structlog.get_logger()
T = TypeVar("T")

REFRESH_LEASE_S = 30.0
WAIT_S = 10.0  # for the process that is refreshing
POLL_S = 0.1


class NotConnected(Exception):
    """The portal has not installed the app, or has taken the install back: no call can be made for it."""


def call_portal(
    wiring: Wiring,
    portal_id: int,
    call: Callable[[PortalClient], T],
    *,
    urgent: bool = False,
    patient: bool = False,
    deadline: float | None = None,
) -> T:
    """Run `call` with the portal's client; once more with a new token if HubSpot refuses the one we have.

    Every call is counted in the portal's budget (protocol P23). `urgent`: a person waits for it, so it comes before
    the lanes', waits a moment for its turn, and gives up early. `patient`: a workflow waits for it; likewise, but its
    turn comes among the lanes'. `deadline` (this process's monotonic clock): when HubSpot must have answered all that
    `call` asks; later is Unavailable. No database connection is held meanwhile. Raises NotConnected, and whatever
    `call` raises; NoBudget among it. A missing scope is shown as a problem of the portal's besides.
    """
    gate = wiring.call_budget.gate(portal_id, urgent=urgent, patient=patient)
    hubspot = wiring.interactive_hubspot if urgent or patient else wiring.hubspot
    token = _access_token(wiring, portal_id, deadline)
    try:
        return call(hubspot.portal(token, gate, deadline=deadline))
    except MissingScopes:
        _tell_of_missing_scope(wiring, portal_id)
        raise
    except Unauthorized:
        log.warning("access_token_refused", portal_id=portal_id)
        with wiring.pool.connection() as conn:
            hubspot_tokens.expire(conn, portal_id, wiring.vault, token)
    token = _access_token(wiring, portal_id, deadline)
    try:
        return call(hubspot.portal(token, gate, deadline=deadline))
    except Unauthorized as refusal:
        _disconnect(wiring, portal_id)
        raise NotConnected("HubSpot refuses a new token") from refusal
    except MissingScopes:
        _tell_of_missing_scope(wiring, portal_id)
        raise


def asking(wiring: Wiring, portal_id: int, *, urgent: bool = False, deadline: float | None = None) -> Ask:
    """Makes calls of the portal one by one, each as `call_portal` does."""

    def ask(call: Callable[[PortalClient], T], /) -> T:
        return call_portal(wiring, portal_id, call, urgent=urgent, deadline=deadline)

    return ask


def call_with_token(
    wiring: Wiring, portal_id: int, access_token: str, call: Callable[[PortalClient], T]
) -> T:
    """Run `call` for a portal that is just installing: a person waits, and its token is not stored yet."""
    gate = wiring.call_budget.gate(portal_id, urgent=True)
    return call(wiring.hubspot.portal(access_token, gate))


def _access_token(wiring: Wiring, portal_id: int, deadline: float | None) -> str:
    ends = time.monotonic() + WAIT_S
    ends = ends if deadline is None else min(ends, deadline)
    while True:
        with wiring.pool.connection() as conn:
            tokens = hubspot_tokens.load(conn, wiring.vault, portal_id)
            if tokens is None or tokens.is_revoked:
                raise NotConnected(f"portal {portal_id} is not connected")
            if tokens.is_fresh:
                return tokens.access_token
            refresh_token = hubspot_tokens.claim_refresh(
                conn, wiring.vault, portal_id, lease_s=REFRESH_LEASE_S
            )
        if refresh_token:
            return _refresh(wiring, portal_id, refresh_token)
        if time.monotonic() > ends:
            raise Unavailable("another process is refreshing the token")
        time.sleep(POLL_S)


def _refresh(wiring: Wiring, portal_id: int, refresh_token: str) -> str:
    try:
        answer = wiring.oauth.refresh(refresh_token)
    except Revoked as refusal:
        _disconnect(wiring, portal_id)
        raise NotConnected("the install was taken back") from refusal
    except (OAuthUnavailable, Misconfigured) as fault:
        # A wrong client secret is our fault, not the portal's: it must not cost anybody the connection.
        log.error("token_refresh_failed", portal_id=portal_id, error=type(fault).__name__)
        with wiring.pool.connection() as conn:
            hubspot_tokens.end_refresh(conn, portal_id)
        raise Unavailable("the token could not be refreshed") from fault
    with wiring.pool.connection() as conn:
        hubspot_tokens.save(
            conn,
            wiring.vault,
            portal_id,
            access_token=answer.access_token,
            refresh_token=answer.refresh_token,
            expires_in_s=answer.expires_in_s,
        )
    log.info("token_refreshed", portal_id=portal_id)
    return answer.access_token


def _tell_of_missing_scope(wiring: Wiring, portal_id: int) -> None:
    """The admin must install again; the set-up that this asks for closes the problem."""
    log.warning("scope_missing", portal_id=portal_id)
    with wiring.pool.connection() as conn:
        problems.open_problem(conn, portal_id, "hubspot_scope_missing")


def _disconnect(wiring: Wiring, portal_id: int) -> None:
    log.warning("portal_disconnected", portal_id=portal_id)
    with wiring.pool.connection() as conn:
        hubspot_tokens.mark_revoked(conn, portal_id)
        problems.open_problem(conn, portal_id, "hubspot_unauthorised")
