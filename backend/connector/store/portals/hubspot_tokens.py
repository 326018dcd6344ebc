"""HubSpot's tokens of a portal, and the lease that lets one process at a time refresh them."""

from dataclasses import dataclass, field

from psycopg import Cursor
from psycopg.rows import DictRow

from connector.store.database import Conn
from connector.store.vault import Vault


@dataclass(frozen=True, slots=True)
class HubSpotTokens:
    access_token: str = field(repr=False)
    is_fresh: bool  # usable for at least another minute
    is_revoked: bool


def save(
    conn: Conn, vault: Vault, portal_id: int, *, access_token: str, refresh_token: str, expires_in_s: int
) -> None:
    """Store a token answer; ends the refresh lease and a former revocation."""
    conn.execute(
        """
        INSERT INTO hubspot_tokens (portal_id, access_token_enc, refresh_token_enc, key_id, expires_at)
        VALUES (%(portal_id)s, %(access)s, %(refresh)s, %(key_id)s, now() + make_interval(secs => %(expires)s))
        ON CONFLICT (portal_id) DO UPDATE SET access_token_enc = excluded.access_token_enc,
            refresh_token_enc = excluded.refresh_token_enc, key_id = excluded.key_id,
            expires_at = excluded.expires_at, refreshing_until = NULL, revoked_at = NULL
        """,
        {
            "portal_id": portal_id,
            "access": vault.seal(access_token),
            "refresh": vault.seal(refresh_token),
            "key_id": vault.key_id,
            "expires": expires_in_s,
        },
    )


def load(conn: Conn, vault: Vault, portal_id: int) -> HubSpotTokens | None:
    return read(vault, select(conn, portal_id))


def select(conn: Conn, portal_id: int) -> Cursor[DictRow]:
    """The row for `read`; read after the caller's pipeline ends."""
    return conn.execute(
        """
        SELECT access_token_enc, revoked_at IS NOT NULL AS is_revoked,
            expires_at > now() + interval '60 s' AS is_fresh
        FROM hubspot_tokens
        WHERE portal_id = %s
        """,
        (portal_id,),
    )


def read(vault: Vault, found: Cursor[DictRow]) -> HubSpotTokens | None:
    """The tokens of a portal; None: it has none."""
    row = found.fetchone()
    if row is None:
        return None
    return HubSpotTokens(
        access_token=vault.open(row["access_token_enc"]),
        is_fresh=row["is_fresh"],
        is_revoked=row["is_revoked"],
    )


@dataclass(frozen=True, slots=True)
class RefreshClaim:
    """The right to refresh, with the token to use."""

    portal_id: int
    refresh_token: str = field(repr=False)
    sealed: str = field(repr=False)  # as it is stored; every install seals anew, even an equal token


def claim_refresh(conn: Conn, vault: Vault, portal_id: int, *, lease_s: float) -> RefreshClaim | None:
    """The refresh token, if the caller must refresh now. A claim without a result ends after `lease_s`.

    One statement checks that the token is still old and returns the token to use. Between two statements another
    process could refresh, and an outdated refresh token would look like a revoked install.
    """
    row = conn.execute(
        """
        UPDATE hubspot_tokens SET refreshing_until = now() + make_interval(secs => %s)
        WHERE portal_id = %s AND revoked_at IS NULL AND expires_at <= now() + interval '60 s'
          AND (refreshing_until IS NULL OR refreshing_until < now())
        RETURNING refresh_token_enc
        """,
        (lease_s, portal_id),
    ).fetchone()
    sealed = row["refresh_token_enc"] if row else None
    return RefreshClaim(portal_id, vault.open(sealed), sealed) if sealed else None


def end_refresh(conn: Conn, portal_id: int) -> None:
    """Return the claim after a refresh that failed for now."""
    conn.execute("UPDATE hubspot_tokens SET refreshing_until = NULL WHERE portal_id = %s", (portal_id,))


def is_stored(conn: Conn, claim: RefreshClaim) -> bool:
    """Whether its token is still the portal's; the row is locked until the transaction ends.

    An install that took place while the token was in use has replaced it: what HubSpot says about the old one then
    means nothing.
    """
    row = conn.execute(
        "SELECT refresh_token_enc FROM hubspot_tokens WHERE portal_id = %s FOR UPDATE", (claim.portal_id,)
    ).fetchone()
    return row is not None and row["refresh_token_enc"] == claim.sealed


def expire(conn: Conn, portal_id: int, vault: Vault, refused_access_token: str) -> None:
    """HubSpot refused this token before its time: the next caller refreshes, unless another has done so."""
    tokens = load(conn, vault, portal_id)
    if tokens and tokens.access_token == refused_access_token:
        conn.execute("UPDATE hubspot_tokens SET expires_at = now() WHERE portal_id = %s", (portal_id,))


def mark_revoked(conn: Conn, portal_id: int) -> None:
    """The install no longer exists at HubSpot: no call is made for this portal until it installs again."""
    conn.execute(
        "UPDATE hubspot_tokens SET revoked_at = now(), refreshing_until = NULL WHERE portal_id = %s",
        (portal_id,),
    )
