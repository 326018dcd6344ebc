"""HubSpot's OAuth: the address where a user approves the app, and the calls that exchange a code for tokens.

The official client only supports version 1 of these endpoints, which ends on 2027-02-16, so they are called with
`requests`. A refused refresh is classified with care: only a revoked grant may disconnect a portal.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar
from urllib.parse import quote, urlencode

import requests
import urllib3

from connector.http_transport import json_object, pooled_session
from connector.hubspot import grants, paths
from connector.hubspot.errors import HubSpotError, Misconfigured, OAuthUnavailable, Revoked
from connector.hubspot.grants import OAuthTokens, TokenInfo
from connector.hubspot.scopes import OPTIONAL_SCOPES, REQUIRED_SCOPES
from connector.hubspot.values import NotUnderstood

__all__ = ["HubSpotOAuth", "Misconfigured", "OAuthUnavailable", "Revoked"]

Result = TypeVar("Result")

# HubSpot's own words in `status` (docs; BAD_HUB from third parties: the portal is gone), and OAuth's in `error`.
# OAuth's word is used only if HubSpot's is unknown: a wrong redirect address is also an "invalid_grant".
_REVOKED_STATUSES: Final = frozenset({"BAD_REFRESH_TOKEN", "BAD_AUTH_CODE", "BAD_HUB"})
_REVOKED_ERRORS: Final = frozenset({"invalid_grant", "access_denied"})
# Locked, too many calls, data-centre migration: retry later.
_TRANSIENT: Final = frozenset({423, 429, 477})


class HubSpotOAuth:
    """The app's OAuth client.

    `app_url` is HubSpot's web host, `api_url` its API host; `timeout_s` bounds a call; `redirect_uri` must be one of
    those in the app's configuration.
    """

    def __init__(
        self,
        api_url: str,
        app_url: str,
        *,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        session: requests.Session | None = None,
        timeout_s: float = 10.0,
    ) -> None:
        self._token_url = api_url.rstrip("/") + paths.OAUTH
        self._authorize_url = app_url.rstrip("/") + paths.AUTHORIZE
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri
        self._session = session or pooled_session()
        self._timeout_s = timeout_s

    def __repr__(self) -> str:
        return f"HubSpotOAuth({self._token_url})"

    def authorize_url(
        self,
        state: str,
        *,
        scopes: Sequence[str] = REQUIRED_SCOPES,
        optional_scopes: Sequence[str] = OPTIONAL_SCOPES,
    ) -> str:
        """The address to send the browser to. Scopes are separated by %20, as in HubSpot's own clients."""
        query = {"client_id": self._client_id, "redirect_uri": self._redirect_uri, "scope": " ".join(scopes)}
        if optional_scopes:
            query["optional_scope"] = " ".join(optional_scopes)
        query["state"] = state
        return f"{self._authorize_url}?{urlencode(query, quote_via=quote, safe='')}"

    def exchange_code(self, code: str) -> OAuthTokens:
        """Exchange the callback's code for tokens; a code works once. Raises Revoked, Misconfigured or Unavailable."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._redirect_uri}
        return self._post("", form, grants.read_tokens)

    def refresh(self, refresh_token: str) -> OAuthTokens:
        """A new access token. Raises Revoked (the app was uninstalled), Misconfigured or OAuthUnavailable."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self._post("", form, grants.read_tokens)

    def revoke(self, refresh_token: str) -> None:
        """Revoke a grant. Issued access tokens stay valid for up to 30 minutes. Raises like `refresh`."""
        self._post("/revoke", {"token": refresh_token}, lambda _: None)

    def introspect(self, access_token: str) -> TokenInfo:
        """HubSpot's description of an access token. Raises Misconfigured or OAuthUnavailable."""
        form = {"token": access_token, "token_type_hint": "access_token"}
        return self._post("/introspect", form, grants.read_token_info)

    def _post(
        self, path: str, form: Mapping[str, str], read: Callable[[Mapping[str, object]], Result]
    ) -> Result:
        credentials = {"client_id": self._client_id, "client_secret": self._client_secret}
        timeout = urllib3.Timeout(total=self._timeout_s)
        try:
            response = self._session.post(
                self._token_url + path,
                data={**form, **credentials},
                headers={"Accept": "application/json"},
                timeout=timeout,  # type: ignore[arg-type]  # requests takes urllib3's own; its stubs lack it
                allow_redirects=False,
            )
        except requests.RequestException as error:
            # Not chained: the original error contains the request with the secret and the tokens.
            raise OAuthUnavailable(type(error).__name__) from None
        fields = json_object(response.content) if response.content else {}
        if not response.ok or response.is_redirect:
            raise _refusal(response.status_code, fields or {})
        if fields is None:
            raise OAuthUnavailable("the answer is no JSON object", status=response.status_code)
        try:
            return read(fields)
        except NotUnderstood as error:
            raise OAuthUnavailable(f"the answer lacks {error}", status=response.status_code) from None


def _refusal(status: int, fields: Mapping[str, object]) -> HubSpotError:
    """The decision in a refusal: the grant is revoked, our configuration is wrong, or a retry may help."""
    word, error = str(fields.get("status") or ""), str(fields.get("error") or "")
    if not 400 <= status < 500 or status in _TRANSIENT:
        kind: type[HubSpotError] = OAuthUnavailable
    elif word.startswith("BAD_"):
        kind = Revoked if word in _REVOKED_STATUSES else Misconfigured
    else:
        kind = Revoked if error in _REVOKED_ERRORS else Misconfigured
    return kind(
        status=status,
        category="/".join(part for part in (error, word) if part),
        message=str(fields.get("message") or fields.get("error_description") or ""),
        correlation_id=str(fields.get("correlationId") or ""),
    )
