"""Calls HubSpot for a portal with a valid token, which one process at a time refreshes before it expires.

HubSpot counts calls with expired tokens against an app, so a 401 is not used as a signal to refresh; it only expires
a token early, once. Only a refused refresh disconnects a portal: a 401 after a granted one is HubSpot's own trouble.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

import structlog
from psycopg import Cursor
from psycopg.rows import DictRow
from psycopg_pool import ConnectionPool

from connector.crm.budget import CallBudget
from connector.crm.reads import Ask
from connector.domain.vocabulary import ProblemCode
from connector.hubspot.client import HubSpotApi, PortalClient
from connector.hubspot.errors import MissingScopes, Unauthorized, Unavailable
from connector.hubspot.oauth import HubSpotOAuth, Misconfigured, OAuthUnavailable, Revoked
from connector.store.database import Conn
from connector.store.portals import hubspot_tokens, problems
from connector.store.portals.hubspot_tokens import RefreshClaim
from connector.store.vault import Vault

log = structlog.get_logger()
T = TypeVar("T")

REFRESH_LEASE_S: Final = 30.0
#: Longest wait for the process that is refreshing the token, and the interval of looking for its result.
REFRESH_WAIT_S: Final = 10.0
REFRESH_POLL_S: Final = 0.1


class NotConnected(Exception):
    """The portal has not installed the app, or has uninstalled it: no call can be made for it."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A token that is fresh, and whether a call was counted: ask once, after the transaction."""

    access_token: str = field(repr=False)
    is_counted: Callable[[], bool] = field(repr=False)


@dataclass(frozen=True, slots=True)
class HubSpotAccess:
    """HubSpot's API for the portals that have installed the app. Every call is counted in its portal's budget (P23)."""

    pool: ConnectionPool[Conn]
    vault: Vault
    oauth: HubSpotOAuth
    api: HubSpotApi
    interactive_api: HubSpotApi  # for calls that block a user or a workflow: its timeout is short
    budget: CallBudget

    def prepare(self, conn: Conn, portal_id: int, found: Cursor[DictRow]) -> Prepared | None:
        """Read the token that `hubspot_tokens.select` found, and count a user's call with the caller's commit.

        None: `call_portal` must do it, because the token is to be refreshed.
        """
        tokens = hubspot_tokens.read(self.vault, found)
        if tokens is None or tokens.is_revoked or not tokens.is_fresh:
            return None
        return Prepared(tokens.access_token, self.budget.count_urgent(conn, portal_id))

    def call_portal(
        self,
        portal_id: int,
        call: Callable[[PortalClient], T],
        *,
        urgent: bool = False,
        patient: bool = False,
        brief: bool = False,
        deadline: float | None = None,
        prepared: Prepared | None = None,
    ) -> T:
        """Run `call` with the portal's client; once more with a new token if HubSpot refuses the current one.

        `urgent`: a user waits. The call goes before those of the lanes, waits up to 1.5 s, then fails. `patient`: the
        call waits as long, and draws on the lanes' share. `brief`: a workflow waits for the answer, so HubSpot has as
        little time as for a user. `deadline` (this process's monotonic
        clock): HubSpot must have answered all calls by then; later is Unavailable. `prepared` is used by the first try.
        No database connection is held meanwhile. Raises NotConnected, and whatever `call` raises, for instance
        NoBudget. A missing scope also opens a problem of the portal.
        """
        gate = self.budget.gate(
            portal_id,
            urgent=urgent,
            patient=patient,
            counted=int(prepared is not None and prepared.is_counted()),
        )
        api = self.interactive_api if urgent or brief else self.api
        token = prepared.access_token if prepared else self._access_token(portal_id, deadline)
        try:
            return call(api.portal(token, gate, deadline=deadline))
        except MissingScopes:
            self._report_missing_scope(portal_id)
            raise
        except Unauthorized:
            log.warning("access_token_refused", portal_id=portal_id)
            with self.pool.connection() as conn:
                hubspot_tokens.expire(conn, portal_id, self.vault, token)
        token = self._access_token(portal_id, deadline)
        try:
            return call(api.portal(token, gate, deadline=deadline))
        except Unauthorized as refusal:
            log.warning("new_access_token_refused", portal_id=portal_id)
            raise Unavailable(
                "HubSpot refuses a token that it has just granted",
                status=refusal.status,
                correlation_id=refusal.correlation_id,
            ) from refusal
        except MissingScopes:
            self._report_missing_scope(portal_id)
            raise

    def asking(
        self, portal_id: int, *, urgent: bool = False, patient: bool = False, deadline: float | None = None
    ) -> Ask:
        """A function that makes one call of the portal at a time, as `call_portal` does."""

        def ask(call: Callable[[PortalClient], T], /) -> T:
            return self.call_portal(portal_id, call, urgent=urgent, patient=patient, deadline=deadline)

        return ask

    def call_with_token(self, portal_id: int, access_token: str, call: Callable[[PortalClient], T]) -> T:
        """Run `call` for a portal that is just installing: a user waits, and the token is not stored yet.

        The call is counted, but no pause of the portal's budget keeps it from being made.
        """
        gate = self.budget.counting_gate(portal_id)
        return call(self.api.portal(access_token, gate))

    def _access_token(self, portal_id: int, deadline: float | None) -> str:
        ends = time.monotonic() + REFRESH_WAIT_S
        ends = ends if deadline is None else min(ends, deadline)
        while True:
            with self.pool.connection() as conn:
                tokens = hubspot_tokens.load(conn, self.vault, portal_id)
                if tokens is None or tokens.is_revoked:
                    raise NotConnected(f"portal {portal_id} is not connected")
                if tokens.is_fresh:
                    return tokens.access_token
                claim = hubspot_tokens.claim_refresh(conn, self.vault, portal_id, lease_s=REFRESH_LEASE_S)
            if claim:
                token = self._refresh(claim)
                if token:
                    return token
                continue  # the portal is disconnected, or has new tokens
            if time.monotonic() > ends:
                raise Unavailable("another process is refreshing the token")
            time.sleep(REFRESH_POLL_S)

    def _refresh(self, claim: RefreshClaim) -> str | None:
        """Get a new access token, and store it. None: the refresh was refused, or the portal was installed again.

        HubSpot's answer about a refresh token that a new install has replaced meanwhile is not applied.
        """
        portal_id = claim.portal_id
        try:
            answer = self.oauth.refresh(claim.refresh_token)
        except Revoked:
            self._disconnect(claim)
            return None
        except (OAuthUnavailable, Misconfigured) as fault:
            # A wrong client secret is our fault, not the portal's: it must not disconnect a portal.
            log.error("token_refresh_failed", portal_id=portal_id, error=type(fault).__name__)
            with self.pool.connection() as conn:
                hubspot_tokens.end_refresh(conn, portal_id)
            raise Unavailable("the token could not be refreshed") from fault
        with self.pool.connection() as conn:
            if not hubspot_tokens.is_stored(conn, claim):
                return None
            hubspot_tokens.save(
                conn,
                self.vault,
                portal_id,
                access_token=answer.access_token,
                refresh_token=answer.refresh_token,
                expires_in_s=answer.expires_in_s,
            )
        log.info("token_refreshed", portal_id=portal_id)
        return answer.access_token

    def _report_missing_scope(self, portal_id: int) -> None:
        """Report that the admin must install again; the set-up after that closes the problem."""
        log.warning("scope_missing", portal_id=portal_id)
        with self.pool.connection() as conn:
            problems.open_problem(conn, portal_id, ProblemCode.HUBSPOT_SCOPE_MISSING)

    def _disconnect(self, claim: RefreshClaim) -> None:
        """HubSpot refused this refresh token: the install no longer exists, unless a newer one is stored."""
        portal_id = claim.portal_id
        with self.pool.connection() as conn:
            if not hubspot_tokens.is_stored(conn, claim):
                log.info("old_refresh_refused", portal_id=portal_id)
                return
            log.warning("portal_disconnected", portal_id=portal_id)
            hubspot_tokens.mark_revoked(conn, portal_id)
            problems.open_problem(conn, portal_id, ProblemCode.HUBSPOT_UNAUTHORISED)
