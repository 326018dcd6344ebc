"""Encryption of data that must not be readable in a stolen database: tokens and webhook secrets.

MultiFernet: the newest key encrypts, all configured keys decrypt, so a key is rotated by putting a new one in front.
`key_id` is stored beside each value and shows operators when an old key is no longer needed.
"""

import hashlib
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, MultiFernet


@dataclass(frozen=True, slots=True)
class Vault:
    key_id: str  # of the key that encrypts
    key_ids: tuple[str, ...]  # of all keys, newest first
    _fernet: MultiFernet = field(repr=False)

    @classmethod
    def of(cls, keys: tuple[str, ...]) -> "Vault":
        """A vault over Fernet keys, newest first."""
        ids = tuple(hashlib.sha256(key.encode()).hexdigest()[:8] for key in keys)
        return cls(key_id=ids[0], key_ids=ids, _fernet=MultiFernet([Fernet(key) for key in keys]))

    def seal(self, secret: str) -> str:
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str, *, max_age_s: int | None = None) -> str:
        """The secret. Raises `cryptography.fernet.InvalidToken` if no configured key fits, or if it is too old."""
        return self._fernet.decrypt(sealed.encode(), ttl=max_age_s).decode()


def digest(secret: str) -> bytes:
    """SHA-256, for finding a row by a random secret without storing it."""
    return hashlib.sha256(secret.encode()).digest()
