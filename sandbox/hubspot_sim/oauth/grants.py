"""The portal's grants to the app: codes, refresh tokens, access tokens. Nothing is written to disk."""

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

ACCESS_TOKEN_S = 1800
# "Short-lived" in HubSpot's docs, without a number; a redirect takes far less.
CODE_S = 60


@dataclass(frozen=True)
class Consent:
    """A person's approval on the consent page."""

    redirect_uri: str
    scopes: tuple[str, ...]
    code_challenge: str | None
    user_id: int


@dataclass
class Grant:
    """One authorisation of the app by a person. alive: False once revoked, replaced or uninstalled."""

    refresh_token: str
    scopes: tuple[str, ...]
    user_id: int
    alive: bool = True


@dataclass(frozen=True)
class AccessToken:
    """A bearer token. An uninstall ends it at once; revoking the refresh token does not."""

    token: str
    grant: Grant
    expires_at: datetime


@dataclass
class _Code:
    consent: Consent
    expires_at: datetime
    used: bool = False


class CodeProblem(ValueError):
    """A code that cannot be exchanged. status: HubSpot's status code in words."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status


class Grants:
    """All grants of the one app in the one portal. The caller holds the world's lock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._codes: dict[str, _Code] = {}
        self._by_refresh: dict[str, Grant] = {}
        self._access: dict[str, AccessToken] = {}
        self.installed = False

    def new_code(self, consent: Consent) -> str:
        """A code for one exchange within CODE_S seconds."""
        code = f"eu1-{secrets.token_hex(4)}-{secrets.token_hex(12)}"
        self._codes[code] = _Code(consent, self._now() + timedelta(seconds=CODE_S))
        return code

    def exchange(self, code: str, redirect_uri: str, verifier: str | None) -> AccessToken:
        """Exchange a code for tokens, which installs the app. Raises CodeProblem.

        A code presented a second time is refused and does not end the tokens of the first exchange
        (unconfirmed; RFC 6749 allows both).
        """
        kept = self._codes.get(code)
        if kept is None or kept.used:
            raise CodeProblem("BAD_AUTH_CODE", "missing or unknown auth code")
        if kept.expires_at <= self._now():
            raise CodeProblem("EXPIRED_AUTH_CODE", "auth code has expired")
        if kept.consent.redirect_uri != redirect_uri:
            raise CodeProblem(
                "BAD_REDIRECT_URI", "missing or mismatched redirect URI: it must equal the authorize URL's"
            )
        if not _matches(kept.consent.code_challenge, verifier):
            raise CodeProblem("BAD_AUTH_CODE", "code_verifier does not match the code_challenge")
        kept.used = True
        grant = Grant(f"eu1-{secrets.token_hex(16)}", kept.consent.scopes, kept.consent.user_id)
        self._by_refresh[grant.refresh_token] = grant
        self.installed = True
        return self.issue(grant)

    def knows(self, secret: str) -> bool:
        """True for a code, refresh token or access token of this portal, whatever became of it."""
        return secret in self._access or secret in self._by_refresh or secret in self._codes

    def scopes(self) -> set[str]:
        """The scopes of the living grants."""
        return {scope for grant in self._by_refresh.values() if grant.alive for scope in grant.scopes}

    def refreshable(self, refresh_token: str) -> Grant | None:
        """The living grant of a refresh token."""
        grant = self._by_refresh.get(refresh_token)
        return grant if grant is not None and grant.alive else None

    def rotate(self, grant: Grant) -> None:
        """Give the grant a new refresh token; the old one stops working."""
        del self._by_refresh[grant.refresh_token]
        grant.refresh_token = f"eu1-{secrets.token_hex(16)}"
        self._by_refresh[grant.refresh_token] = grant

    def issue(self, grant: Grant) -> AccessToken:
        """A fresh access token, as long as the real ones (HubSpot docs: allow 512 characters)."""
        token = AccessToken(
            f"C{secrets.token_urlsafe(228)}", grant, self._now() + timedelta(seconds=ACCESS_TOKEN_S)
        )
        self._access[token.token] = token
        return token

    def access(self, token: str) -> AccessToken | None:
        """A known access token, expired ones too."""
        return self._access.get(token)

    def revoke(self, refresh_token: str) -> None:
        """End a grant. Access tokens already issued stay valid until they expire (seen by third parties)."""
        grant = self._by_refresh.get(refresh_token)
        if grant is not None:
            grant.alive = False

    def revoke_all(self) -> None:
        """End every grant, as when the person who installed the app loses access."""
        for grant in self._by_refresh.values():
            grant.alive = False

    def uninstall(self) -> None:
        """End every grant, and the access tokens with them."""
        self.revoke_all()
        self._access.clear()
        self._codes.clear()
        self.installed = False


def _matches(challenge: str | None, verifier: str | None) -> bool:
    """PKCE, method S256. A verifier without a challenge is refused, because the client has mixed up flows."""
    if challenge is None or verifier is None:
        return challenge is None and verifier is None
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge
