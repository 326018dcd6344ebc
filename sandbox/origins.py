"""Maps the project's https origins (https://connector.sandbox.example) to processes on loopback.

The simulators enforce the real rules (webhook and callback URLs are https on a public name) and still deliver to a
local process. An origin without a mapping is unreachable, so no call leaves the machine.
"""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit


class OriginError(ValueError):
    """A mapping that is not ORIGIN=http://loopback:port."""


class Origins:
    """Mappings from public origins to loopback ones."""

    def __init__(self, mappings: dict[str, str]) -> None:
        self._mappings = mappings

    @classmethod
    def parse(cls, options: Iterable[str]) -> "Origins":
        """From options like `https://connector.sandbox.example=http://127.0.0.1:4802`. Raises OriginError."""
        mappings = {}
        for option in options:
            public, _, local = option.partition("=")
            if not public.startswith("https://") or not _is_loopback(local):
                raise OriginError(f"an origin is https://NAME=http://127.0.0.1:PORT, not {option!r}")
            mappings[_origin(public)] = local.rstrip("/")
        return cls(mappings)

    def local_url(self, url: str) -> str | None:
        """The loopback URL for a public one, with its path and query. A loopback http URL stays as it is. None:
        unreachable.
        """
        parts = urlsplit(url)
        if parts.scheme == "http" and _is_loopback(url):
            return url
        base = self._mappings.get(_origin(url))
        if base is None:
            return None
        query = f"?{parts.query}" if parts.query else ""
        return f"{base}{parts.path}{query}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _is_loopback(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "http":
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
