"""Answers of HubSpot's token endpoints, as our own types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connector.hubspot.values import NotUnderstood, needed, strings, text, whole


@dataclass(frozen=True, slots=True)
class OAuthTokens:
    """Answer of the token endpoint. The tokens are never shown by a repr."""

    access_token: str = field(repr=False)
    #: Not rotated in practice; the returned one is stored anyway.
    refresh_token: str = field(repr=False)
    #: Seconds the access token is valid from the answer on (30 minutes).
    expires_in_s: int
    portal_id: int
    #: The user who installed the app; None if the answer does not name one.
    user_id: int | None
    #: Granted scopes: optional ones may be missing.
    scopes: Sequence[str]


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """HubSpot's description of a token. For an inactive token only `is_active` is set."""

    is_active: bool
    portal_id: int | None = None
    user_id: int | None = None
    user_email: str = ""
    app_id: int | None = None
    scopes: Sequence[str] = ()
    expires_in_s: int | None = None


def read_tokens(body: Mapping[str, object]) -> OAuthTokens:
    """Read the token endpoint's answer. Raises NotUnderstood."""
    return OAuthTokens(
        access_token=needed(body, "access_token"),
        refresh_token=needed(body, "refresh_token"),
        expires_in_s=whole(body, "expires_in"),
        portal_id=whole(body, "hub_id"),
        user_id=whole(body, "user_id") if body.get("user_id") is not None else None,
        scopes=strings(body.get("scopes")),
    )


def read_token_info(body: Mapping[str, object]) -> TokenInfo:
    """Read the introspection's answer. Raises NotUnderstood."""
    is_active = body.get("active")
    if not isinstance(is_active, bool):
        raise NotUnderstood("active")
    if not is_active:
        return TokenInfo(False)
    return TokenInfo(
        is_active=True,
        portal_id=whole(body, "hub_id"),
        user_id=whole(body, "user_id") if body.get("user_id") is not None else None,
        user_email=text(body.get("user")),
        app_id=whole(body, "app_id") if body.get("app_id") is not None else None,
        scopes=strings(body.get("scopes")),
        expires_in_s=whole(body, "expires_in") if body.get("expires_in") is not None else None,
    )
