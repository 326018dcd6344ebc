"""OAuth round-trips: a state is sealed, not stored; the nonce of a used one is stored until the state expires."""

import secrets

from cryptography.fernet import InvalidToken

from connector.store.database import Conn
from connector.store.vault import Vault, digest

STATE_MAX_AGE_S = 600
_PURPOSE = "oauth-state:"  # no other value that the vault sealed is taken for a state


def new(vault: Vault) -> str:
    """A state that only this deployment can make; nothing is stored."""
    return vault.seal(_PURPOSE + secrets.token_urlsafe(24))


def use(conn: Conn, vault: Vault, state: str) -> bool:
    """Consume `state`; False if it is not ours, was used before, or is older than ten minutes."""
    try:
        nonce = vault.open(state, max_age_s=STATE_MAX_AGE_S)
    except InvalidToken:
        return False
    if not nonce.startswith(_PURPOSE):
        return False
    conn.execute("DELETE FROM used_oauth_nonces WHERE expires_at < now()")
    stored = conn.execute(
        """
        INSERT INTO used_oauth_nonces (nonce_hash, expires_at) VALUES (%s, now() + make_interval(secs => %s))
        ON CONFLICT DO NOTHING
        """,
        (digest(nonce), STATE_MAX_AGE_S),
    )
    return stored.rowcount == 1
