"""The parts of an HTTP call shared by SMSFactor and HubSpot: session, headers, and reading an answer.

Both adapters may import this module and `domain`. Each has its own transport, because the main parts differ:
SMSFactor's reports whether a call left, HubSpot's maps statuses to decisions.
"""

import http.cookiejar
import re
import time
from typing import Final

import requests
import urllib3

from connector.domain.text.json_reader import JsonInvalid, read_leniently

_CHUNK_BYTES: Final = 64 * 1024
_HEADER_TOKEN: Final = re.compile(r"[!-~]+")

#: No compression: the size limit of an answer is then the number of bytes read.
HEADERS: Final = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": "hubspot-sms-connector",
}


def is_sendable(token: str) -> bool:
    """Whether a header can carry the token. The HTTP library refuses other tokens with an error that quotes them."""
    return bool(_HEADER_TOKEN.fullmatch(token))


def pooled_session(pool_size: int = 16) -> requests.Session:
    """A session for all threads of a process: no retries, no cookies, no proxy or netrc settings."""
    session = requests.Session()
    adapter = requests.adapters.HTTPAdapter(pool_connections=2, pool_maxsize=pool_size, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.trust_env = False
    # Cookies would be the only state shared by threads.
    session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    return session


def read_body(response: urllib3.BaseHTTPResponse, deadline: float, max_bytes: int) -> bytes:
    """The body as it arrived. Raises OSError, checked after every network read, if it is too large or too late."""
    received = bytearray()
    try:
        while chunk := response.read1(_CHUNK_BYTES, decode_content=False):
            received += chunk
            if len(received) > max_bytes:
                raise OSError("the answer is too large")
            if time.monotonic() >= deadline:
                raise OSError("the deadline was over before the answer was complete")
    except BaseException:
        # A connection with an unread rest of an answer must not return to the pool.
        response.close()
        raise
    return bytes(received)


def json_object(content: bytes | str) -> dict[str, object] | None:
    """The fields of a JSON object, made storable; None for anything else."""
    try:
        return read_leniently(content)
    except JsonInvalid:
        return None
