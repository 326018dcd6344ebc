"""Proves that HubSpot calls on behalf of a portal and a user, before any other step."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from urllib.parse import quote

import psycopg
import structlog
from flask import Response, current_app, request
from psycopg_pool import PoolTimeout
from werkzeug.wrappers import Request

from connector.crm.record_cache import RecordCache
from connector.domain.refusals import Code, Refusal
from connector.domain.rights import Right, has_right
from connector.domain.text.json_reader import JsonInvalid, read_leniently
from connector.domain.vocabulary import CallerCode
from connector.hubspot.executions import portal_of
from connector.hubspot.paths import VIEW_PORTAL_ID, VIEW_USER_EMAIL, VIEW_USER_ID
from connector.inbound.http.answers import refuse, refuse_caller
from connector.inbound.http.signatures import Version, verify_hubspot
from connector.settings import Settings
from connector.store.portals import portals
from connector.store.portals.portals import Portal
from connector.wiring import Wiring

log = structlog.get_logger()

MAX_BODY_BYTES = 1_000_000  # HubSpot's own limit for a call from a view
_LONGEST_EMAIL = 320  # RFC 3696: 64 before the @, 255 after it


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified call from a view: these values are part of the signed URL."""

    portal: Portal
    user_id: int | None
    user_email: str | None = None

    def may(self, right: Right) -> bool:
        portal = self.portal
        return has_right(portal.rights, right, self.user_id, installed_by=portal.installed_by_user_id)


@dataclass(frozen=True, slots=True)
class WorkflowCall:
    """A verified call of HubSpot's workflows: the whole body was signed."""

    portal_id: int  # of the body's origin; the handler checks whether it has installed the app
    body: dict[str, object]


def current_wiring() -> Wiring:
    made: Wiring = current_app.extensions["wiring"]
    return made


def current_record_cache() -> RecordCache:
    """The cache of this process, created by create_app."""
    cache: RecordCache = current_app.extensions["record_cache"]
    return cache


def raw_target(incoming: Request) -> str:
    """Path and query as they arrived: decoding and encoding again would change what was signed."""
    raw: str | None = incoming.environ.get("REQUEST_URI") or incoming.environ.get("RAW_URI")
    if raw and raw.startswith("/"):
        return raw
    query = incoming.query_string.decode("latin-1")
    return quote(incoming.path, safe="/:@!$&'()*+,;=~-._") + (f"?{query}" if query else "")


def is_from_hubspot(incoming: Request, settings: Settings, *allowed: Version) -> bool:
    return verify_hubspot(
        incoming.method,
        raw_target(incoming),
        incoming.get_data(cache=True),
        incoming.headers,
        secrets=settings.hubspot_client_secrets,
        public_base_url=settings.public_base_url,
        allow=allowed,
        now_ms=int(time.time() * 1000),
    )


def _identity(name: str) -> int | None:
    """A value that HubSpot added to the signed URL; None if it is missing, malformed or duplicated.

    The view chooses the URL before HubSpot adds to it: of two values, one would be the browser's own.
    """
    values = request.args.getlist(name)
    return int(values[0]) if len(values) == 1 and values[0].isascii() and values[0].isdigit() else None


def _email() -> str | None:
    """The user's address that HubSpot added to the signed URL; None where `_identity` would be None."""
    values = request.args.getlist(VIEW_USER_EMAIL)
    return values[0] if len(values) == 1 and 0 < len(values[0]) <= _LONGEST_EMAIL else None


def from_view(handler: Callable[[Caller], Response]) -> Callable[[], Response]:
    """Let only signed calls of an installed portal reach `handler` (hubspot.fetch signs v3).

    401: not proved to come from HubSpot. 403: the portal has not installed the app. Nothing is stored either way.
    """

    @wraps(handler)
    def guarded() -> Response:
        if not is_from_hubspot(request, current_wiring().settings, "v3"):
            log.warning("caller_unproven", path=request.path)
            return refuse_caller(401, CallerCode.SIGNATURE_INVALID)
        portal_id, user_id = _identity(VIEW_PORTAL_ID), _identity(VIEW_USER_ID)
        if portal_id is None:
            return refuse_caller(401, CallerCode.PORTAL_MISSING)
        # Bound for this call only: gunicorn's threads outlive a call.
        with structlog.contextvars.bound_contextvars(portal_id=portal_id):
            try:
                with current_wiring().pool.connection() as conn:
                    portal = portals.find_installed(conn, portal_id)
            except (psycopg.Error, PoolTimeout):
                # The caller is proved, so the answer is that of a view: HubSpot would repeat a 500.
                log.exception("database_unavailable")
                return refuse(Refusal(Code.INTERNAL))
            if portal is None:
                return refuse_caller(403, CallerCode.PORTAL_NOT_INSTALLED)
            return handler(Caller(portal, user_id, _email()))

    return guarded


def needs(right: Right) -> Callable[[Callable[[Caller], Response]], Callable[[Caller], Response]]:
    """Let only callers with this right reach a handler; others get `forbidden`. Use it inside `refusals_answered`."""

    def guard(handler: Callable[[Caller], Response]) -> Callable[[Caller], Response]:
        @wraps(handler)
        def guarded(caller: Caller) -> Response:
            if not caller.may(right):
                raise Refusal(Code.FORBIDDEN)
            return handler(caller)

        return guarded

    return guard


class Unproven(Exception):
    """The call is not proved to be HubSpot's on behalf of a portal: a 401 with `code`."""

    def __init__(self, code: CallerCode) -> None:
        super().__init__(code)
        self.code = code


def read_workflow_call(incoming: Request, settings: Settings) -> WorkflowCall:
    """A call signed by HubSpot: by v3 if that header is there, else by v2. Raises Unproven.

    HubSpot docs name v2 for workflow actions; newer calls may carry v3 as well (unconfirmed). v2 has no timestamp, so
    anyone who saw such a call can repeat it: executions are idempotent, option lists only read.
    """
    if not is_from_hubspot(incoming, settings, "v3", "v2"):
        log.warning("caller_unproven", path=incoming.path)
        raise Unproven(CallerCode.SIGNATURE_INVALID)
    try:
        body = read_leniently(incoming.get_data(cache=True))
    except JsonInvalid:
        body = {}
    portal_id = portal_of(body)
    if portal_id is None:
        log.warning("portal_missing", path=incoming.path)
        raise Unproven(CallerCode.PORTAL_MISSING)
    return WorkflowCall(portal_id, body)


def from_workflow(handler: Callable[[WorkflowCall], Response]) -> Callable[[], Response]:
    """Let only calls signed by HubSpot's workflows reach `handler`."""

    @wraps(handler)
    def guarded() -> Response:
        try:
            call = read_workflow_call(request, current_wiring().settings)
        except Unproven as fault:
            return refuse_caller(401, fault.code)
        return handler(call)

    return guarded
