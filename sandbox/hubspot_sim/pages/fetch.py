"""The broker behind hubspot.fetch: checks a UI extension's request, signs it, sends it, returns the answer.

Limits: HubSpot docs (fetching data). Refusals and the wrapping of the app's 4xx/5xx: HubSpot's own development proxy
(@hubspot/ui-extensions-dev-server), which claims to mirror the real one. The real one's status is unconfirmed; setting
fetch_errors = passed passes the app's own status on.
"""

import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import requests

from sandbox.hubspot_signing import signed_headers
from sandbox.hubspot_sim.accounts import ACCOUNTS
from sandbox.hubspot_sim.portals import session_user
from sandbox.hubspot_sim.world import Sim

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")
DEFAULT_TIMEOUT_MS, LONGEST_TIMEOUT_MS = 15_000, 120_000
LARGEST_BODY = 1_000_000
MOST_AT_ONCE = 20
_FIELDS = {"extension_uid", "url", "method", "timeout_ms", "headers", "body"}


class FetchRefused(Exception):
    """The broker's own answer instead of the app's. status: the status in the extension's Response."""

    def __init__(self, status: int, category: str, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"status": "error", "category": category, "message": message, **fields}


@dataclass(frozen=True)
class FetchRequest:
    """A checked request of an extension. content: the JSON bytes to send, empty without a body."""

    url: str
    method: str
    timeout_ms: int
    authorization: str | None
    content: bytes
    identity: dict[str, str]
    correlation_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def context(self, **more: list[str]) -> dict[str, list[str]]:
        """The `context` member of the proxy's answers."""
        return {
            "correlationId": [self.correlation_id],
            "httpMethod": [self.method],
            "portalId": [self.identity["portalId"]],
            "requestUri": [self.url],
            **more,
        }


@dataclass(frozen=True)
class AppAnswer:
    """The app's answer."""

    status: int
    content_type: str
    content: bytes


class Broker:
    """Serves all extensions of the app; counts requests in flight by portal."""

    def __init__(self, sim: Sim) -> None:
        self._sim = sim
        self._slots = {account.id: threading.BoundedSemaphore(MOST_AT_ONCE) for account in ACCOUNTS}

    def fetch(self, order: Any) -> dict[str, Any]:
        """One hubspot.fetch. Returns {"status", "headers", "body"} for the extension's Response; never
        raises."""
        try:
            request = self._checked(order)
            slots = self._slots[self._sim.world.account.id]
            if not slots.acquire(blocking=False):
                raise FetchRefused(
                    429,
                    "RATE_LIMITS",
                    f"at most {MOST_AT_ONCE} concurrent requests per app and account",
                    context=request.context(),
                )
            try:
                answer = self._sent(request)
            finally:
                slots.release()
            return self._shown(request, answer)
        except FetchRefused as refusal:
            return _as_response(refusal.status, "application/json", json.dumps(refusal.body))

    def _checked(self, order: Any) -> FetchRequest:
        """Check an extension's request against HubSpot's rules. Raises FetchRefused 400, 403 or 413."""
        if not isinstance(order, dict) or set(order) - _FIELDS:
            raise _invalid(f"the order must be an object of {sorted(_FIELDS)}")
        with self._sim.world.lock:
            installed = self._sim.world.grants.installed
        if not installed or self._sim.project.extension(str(order.get("extension_uid"))) is None:
            raise FetchRefused(403, "FORBIDDEN", "no installed extension has this uid")
        method = str(order.get("method") or "GET").upper()
        if method not in METHODS:
            raise _invalid(f"method must be one of {', '.join(METHODS)}")
        url = str(order.get("url") or "")
        _check_url(url, self._sim.project.fetch_urls)
        if "#" in url and self._sim.settings["fetch_fragments"] == "refused":
            raise _invalid("hubspot.fetch takes absolute https URLs only")
        timeout_ms = order.get("timeout_ms")
        if timeout_ms is None:
            timeout_ms = DEFAULT_TIMEOUT_MS
        if not isinstance(timeout_ms, int | float) or not 0 < timeout_ms <= LONGEST_TIMEOUT_MS:
            raise _invalid(f"timeout must be between 1 and {LONGEST_TIMEOUT_MS} milliseconds")
        authorization = _authorization(order.get("headers") or {})
        content = _content(method, order.get("body"))
        return FetchRequest(url, method, int(timeout_ms), authorization, content, _identity(self._sim))

    def _sent(self, request: FetchRequest) -> AppAnswer:
        """Send it, and once more after a failed connection or a 5xx, all within the timeout. Raises FetchRefused."""
        deadline = time.monotonic() + request.timeout_ms / 1000
        answer = self._attempt(request, deadline)
        if answer is None or answer.status >= 500:
            answer = self._attempt(request, deadline) or answer
        if answer is None:
            raise FetchRefused(
                502, "BAD_GATEWAY", "Could not connect to the request URI", context=request.context()
            )
        return answer

    def _attempt(self, request: FetchRequest, deadline: float) -> AppAnswer | None:
        """Make one attempt. None: the connection failed or broke before the answer. Raises FetchRefused 504."""
        local = self._sim.options.origins.local_url(_with_identity(request.url, request.identity))
        if local is None:
            return None
        prepared = requests.Request(request.method, local, data=request.content or None).prepare()
        # The signature covers exactly what is sent, under the public origin.
        signed_uri = _origin(request.url) + prepared.path_url
        prepared.headers.update(self._headers(request, signed_uri))
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise _timed_out(request)
        # A new connection each time: a stale pooled one would look like the app's failure.
        with requests.Session() as session:
            session.trust_env = False
            try:
                response = session.send(prepared, timeout=left_s, stream=True, allow_redirects=False)
                return _read(request, response, deadline)
            except requests.Timeout:
                raise _timed_out(request) from None
            except requests.RequestException:
                return None

    def _headers(self, request: FetchRequest, signed_uri: str) -> dict[str, str]:
        # Real time: the receiver compares it with its own clock.
        stamp_ms = int(time.time() * 1000)
        secret = self._sim.options.client_secret
        headers = signed_headers(secret, request.method, signed_uri, request.content, stamp_ms)
        headers["User-Agent"] = "HubSpot Connect 2.0 (sandbox)"
        headers["Accept"] = "*/*"
        if request.content:
            headers["Content-Type"] = "application/json"
        if request.authorization is not None:
            headers["Authorization"] = request.authorization
        return headers

    def _shown(self, request: FetchRequest, answer: AppAnswer) -> dict[str, Any]:
        """The extension's Response: the app's answer, or the proxy's envelope around a refusal of the app."""
        text = answer.content.decode("utf-8", "replace")
        if answer.status < 300 or self._sim.settings["fetch_errors"] == "passed":
            return _as_response(answer.status, answer.content_type, text)
        try:
            app_body = json.loads(text)
        except ValueError:
            app_body = text
        status = str(answer.status)
        envelope = {
            "status": "error",
            "context": request.context(appServerStatusCode=[status]),
            "message": "Error returned from Request Uri",
            "responseBody": app_body,
            "errors": [{"message": f"Unacceptable HTTP status {status} calling {request.url}"}],
            "category": "BAD_GATEWAY",
        }
        return _as_response(200, "application/json", json.dumps(envelope))


def _as_response(status: int, content_type: str, body: str) -> dict[str, Any]:
    return {"status": status, "headers": {"content-type": content_type}, "body": body}


def _invalid(message: str) -> FetchRefused:
    return FetchRefused(400, "VALIDATION_ERROR", message)


def _timed_out(request: FetchRequest) -> FetchRefused:
    return FetchRefused(504, "GATEWAY_TIMEOUT", "Gateway took too long to respond", context=request.context())


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _check_url(url: str, permitted: tuple[str, ...]) -> None:
    """Check that the URL is absolute, https, and under a permittedUrls.fetch entry: same origin, and its path if it
    has one.
    """
    try:
        parts = urlsplit(url)
        unusual = parts.username is not None or parts.port == 0
    except ValueError:
        raise _invalid("URL is malformed") from None
    if parts.scheme != "https" or not parts.hostname or unusual:
        raise _invalid("hubspot.fetch takes absolute https URLs only")
    for allowed in permitted:
        base = urlsplit(allowed)
        folder = base.path.rstrip("/")
        in_folder = parts.path == folder or parts.path.startswith(folder + "/") or not folder
        if _origin(url).lower() == _origin(allowed).lower() and in_folder:
            return
    raise _invalid(f"'{_origin(url)}' is not in permittedUrls.fetch of the app's configuration")


def _authorization(headers: Any) -> str | None:
    if not isinstance(headers, dict):
        raise _invalid("headers must be an object")
    if len(headers) > 1:
        raise _invalid("Only 'Authorization' header is allowed")
    for name, value in headers.items():
        if name.lower() != "authorization":
            raise _invalid(
                "Invalid Request Headers provided. Only 'Authorization' header is allowed from hubspot.fetch()"
            )
        if not isinstance(value, str) or not value.isprintable():
            raise _invalid("Invalid Request Headers provided.")
        return value
    return None


def _content(method: str, body: Any) -> bytes:
    """The body as JSON.stringify writes it. A GET loses its body, as in HubSpot's proxy."""
    if body is None or method == "GET":
        return b""
    if not isinstance(body, dict):
        raise _invalid("Invalid JSON Request Body: it must be an object")
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    if len(content) > LARGEST_BODY:
        raise FetchRefused(413, "PAYLOAD_TOO_LARGE", f"the request body is larger than {LARGEST_BODY} bytes")
    return content


def _identity(sim: Sim) -> dict[str, str]:
    """The parameters that HubSpot appends: who calls, in which portal, from which app."""
    account = sim.world.account
    user = account.user(session_user())
    return {
        "userId": str(user[1]), "portalId": str(account.id), "userEmail": user[4], "appId": str(sim.options.app_id),
    }  # fmt: skip


def _with_identity(url: str, identity: dict[str, str]) -> str:
    """The URL with the identity parameters appended to the extension's own query, or to its fragment."""
    mark = "&" if urlsplit(url).query else ("" if url.endswith("?") else "?")
    return url + mark + urlencode(identity, quote_via=quote, safe="")


def _read(request: FetchRequest, response: requests.Response, deadline: float) -> AppAnswer:
    """The whole answer within deadline and size. Raises FetchRefused."""
    content = bytearray()
    for chunk in response.iter_content(65_536):
        content += chunk
        if len(content) > LARGEST_BODY:
            raise FetchRefused(
                502,
                "BAD_GATEWAY",
                f"the response body is larger than {LARGEST_BODY} bytes",
                context=request.context(),
            )
        if time.monotonic() > deadline:
            raise _timed_out(request)
    return AppAnswer(response.status_code, response.headers.get("Content-Type", ""), bytes(content))
