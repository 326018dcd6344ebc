"""One HTTP call through HubSpot's official client, and its outcome as an answer or as one of our errors.

Only the configured connection pool (`RESTClientObject`) of `hubspot-api-client` is used, shared by all families and
threads. Its generated methods still call paths that end in 2027, and parsing into its models costs far more than the
call. Its exceptions share no base class across families and its wrapper fails on some of them, so only this module
handles them. Its retries are off: the portal's budget decides when a call is made.
"""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import urllib3
from hubspot.crm.objects.configuration import Configuration
from hubspot.crm.objects.exceptions import ApiException
from hubspot.crm.objects.rest import RESTClientObject

from connector.http_transport import HEADERS, is_sendable, json_object, read_body
from connector.hubspot.errors import (
    Conflict,
    HubSpotError,
    MissingScopes,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from connector.hubspot.payloads import RateLimit, read_context

MAX_ANSWER_BYTES: Final = 16 * 1024 * 1024

# Waits after a 429 by the limit that it names (HubSpot docs): the rolling one covers ten seconds, that of searches one,
# and the daily one ends at the account's midnight. After a lock (423) wait at least two seconds.
_RATE_LIMIT_WAIT_S: Final = 10.0
_POLICY_WAITS_S: Final = {"SECONDLY": 1.0, "DAILY": 900.0}
_LOCK_WAIT_S: Final = 2.0
# HubSpot docs: 477 is a data-centre migration, with a Retry-After of up to a day.
_LONGEST_WAIT_S: Final = 86_400.0

# The connection was never established, so no byte of the request left.
_NEVER_LEFT: Final = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """A successful answer. `body` is empty for 204."""

    status: int
    body: Mapping[str, object]
    rate_limit: RateLimit


class Transport:
    """HubSpot's API host with one connection pool; `timeout_s` bounds each call as a whole, in seconds."""

    def __init__(self, base_url: str, *, pool_size: int, timeout_s: float) -> None:
        configuration = Configuration(host=base_url.rstrip("/"))  # type: ignore[no-untyped-call]
        configuration.retries = False
        configuration.connection_pool_maxsize = pool_size
        self._base_url = base_url.rstrip("/")
        self._rest = RESTClientObject(configuration)  # type: ignore[no-untyped-call]
        self._timeout_s = timeout_s

    def call(
        self,
        method: str,
        path: str,
        access_token: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        is_read: bool = False,
        deadline: float | None = None,
    ) -> ApiAnswer:
        """Make one call. Raises one of the HubSpotErrors; a read never raises OutcomeUnknown.

        `deadline` (this process's monotonic clock): the call ends by then, or is not made at all.
        """
        if not is_sendable(access_token):
            raise Unauthorized("the token cannot be sent")
        doubt: type[HubSpotError] = Unavailable if is_read else OutcomeUnknown
        ends = time.monotonic() + self._timeout_s
        ends = ends if deadline is None else min(ends, deadline)
        timeout_s = ends - time.monotonic()
        if timeout_s <= 0:
            raise Unavailable("no time is left")
        headers = {**HEADERS, "Authorization": f"Bearer {access_token}"}
        try:
            response = self._rest.request(  # type: ignore[no-untyped-call]
                method,
                self._base_url + path,
                query_params=dict(query or {}),
                headers=headers,
                body=body,
                _preload_content=False,
                _request_timeout=timeout_s,
            )
            status, rate_limit = response.status, _rate_limit(response.headers)
            content = read_body(response, ends, MAX_ANSWER_BYTES)
        except ApiException as error:
            raise _refusal(error, doubt) from None
        except _NEVER_LEFT as error:
            raise Unavailable(type(error).__name__) from None
        except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
            raise doubt(type(error).__name__) from None
        fields = _parse(content)
        if fields is None:
            raise doubt("the answer is no JSON object", status=status)
        return ApiAnswer(status, fields, rate_limit)


def _parse(content: bytes | str | None) -> dict[str, object] | None:
    """A JSON object; an empty body is an empty one; None for anything else."""
    return json_object(content) if content else {}


def _refusal(error: ApiException, doubt: type[HubSpotError]) -> HubSpotError:
    """The decision in an answer that is not 2xx. The client reports a TLS failure as status 0."""
    status = int(error.status or 0)
    fields = _parse(error.body) or {}
    kind: type[HubSpotError] = doubt
    wait_s = _retry_after(error.headers)
    category = str(fields.get("category") or fields.get("errorType") or "")
    if status in (423, 477):
        kind, wait_s = Unavailable, wait_s or _LOCK_WAIT_S
    elif status == 429:
        policy_wait_s = _POLICY_WAITS_S.get(str(fields.get("policyName")), _RATE_LIMIT_WAIT_S)
        kind, wait_s = RateLimited, wait_s or policy_wait_s
    elif status == 403 and category == "MISSING_SCOPES":
        kind = MissingScopes
    elif 400 <= status < 500:
        kind = {401: Unauthorized, 404: NotFound, 409: Conflict}.get(status, Rejected)
    context, codes = read_context(fields)
    refusal = kind(
        "" if status else "TLS failed",
        status=status,
        category=category,
        message=str(fields.get("message") or ""),
        context=context,
        codes=codes,
        correlation_id=str(fields.get("correlationId") or ""),
        retry_after_s=wait_s,
    )
    if isinstance(refusal, RateLimited):
        refusal.policy = str(fields.get("policyName") or "")
    return refusal


def _rate_limit(headers: Mapping[str, str]) -> RateLimit:
    prefix = "X-HubSpot-RateLimit-"
    figures = [_whole(headers.get(prefix + name)) for name in ("Max", "Remaining", "Interval-Milliseconds")]
    return RateLimit(*figures)


def _retry_after(headers: Mapping[str, str] | None) -> float | None:
    """Seconds; HubSpot does not document the header for 429, so its absence is normal."""
    seconds = _whole(headers.get("Retry-After")) if headers else None
    return None if seconds is None else min(float(seconds), _LONGEST_WAIT_S)


def _whole(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() else None
