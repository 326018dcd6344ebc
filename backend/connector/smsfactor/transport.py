"""One HTTP call with one deadline. It reports whether the request left, which decides about repeats.

`requests` only has a timeout per read, and its exceptions do not distinguish a failed TLS handshake from an
interrupted answer. Here the body is an object that notes its first read, just before its first byte leaves. It refuses
to leave after the deadline (no timeout bounds a slow DNS answer).
"""

import http.client
import io
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import requests
import urllib3

from connector.http_transport import read_body

#: Larger answers are not read: the longest, a page of 1,000 messages, is much smaller.
MAX_ANSWER_BYTES: Final = 8 * 1024 * 1024
_CONNECT_TIMEOUT_S: Final = 5.0


class NeverLeft(Exception):
    """The call failed before any byte of its body left this machine."""


class NoAnswer(Exception):
    """The call may have left, and no complete answer came back within the deadline."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A complete answer, with any status."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class BearerAuth(requests.auth.AuthBase):
    """Sets the token. As an auth object, it is neither overridden by a netrc file nor shown by a repr."""

    def __init__(self, api_token: str) -> None:
        self._token = api_token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _Body(io.BytesIO):
    """A request body that notes whether it has begun to leave, and does not begin after the deadline."""

    def __init__(self, content: bytes, deadline: float) -> None:
        super().__init__(content)
        self._deadline = deadline
        self.has_begun = False

    def read(self, size: int | None = -1, /) -> bytes:
        if not self.has_begun and time.monotonic() >= self._deadline:
            raise OSError("the deadline was over before the body could leave")
        self.has_begun = True
        return super().read(size)


def call(
    session: requests.Session,
    request: requests.Request,
    content: object | None,
    timeout_s: float,
) -> HttpAnswer:
    """Make one call; `content` is sent as JSON. Ends within `timeout_s`, up to one wait for a slow network read.

    Raises NeverLeft or NoAnswer. A call without content counts as left from the start.
    """
    deadline = time.monotonic() + timeout_s
    body = None if content is None else _Body(json.dumps(content).encode(), deadline)
    request.data = body
    timeout = urllib3.Timeout(total=timeout_s, connect=min(_CONNECT_TIMEOUT_S, timeout_s))
    try:
        prepared = session.prepare_request(request)
        # A redirect is never followed: it would turn a POST into a GET and send the token elsewhere.
        response = session.send(prepared, stream=True, timeout=timeout, allow_redirects=False)  # type: ignore[arg-type]
        with response:
            answer = read_body(response.raw, deadline, MAX_ANSWER_BYTES)
            return HttpAnswer(response.status_code, response.headers, answer)
    except (
        requests.RequestException,
        urllib3.exceptions.HTTPError,
        OSError,
        http.client.HTTPException,
    ) as error:
        # The original error contains the request with its token and text: only its kind is reported, and it is not
        # chained.
        kind = type(error).__name__
    if body is not None and not body.has_begun:
        raise NeverLeft(kind)
    raise NoAnswer(kind)
