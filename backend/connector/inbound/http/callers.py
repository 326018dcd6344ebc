"""Guards: each lets only one kind of caller reach a handler, by the proof of that kind, before any other step.

`connector.inbound.routes` names the kind of each route. A 401 stores nothing.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import wraps
from typing import Any, Final

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
from connector.inbound.http.answers import refusals_answered, refuse, refuse_caller
from connector.inbound.http.proofs import Unproven, prove_service, prove_view
from connector.inbound.http.signatures import verify_smsfactor
from connector.inbound.http.url_segments import UrlSegments
from connector.settings import Settings
from connector.store.database import Conn
from connector.store.portals import account_webhooks, portals
from connector.store.portals.portals import Portal
from connector.wiring import Wiring

log = structlog.get_logger()

MAX_BODY_BYTES: Final = 1_000_000  # HubSpot's own limit for a call from a view
#: Of a body of SMSFactor, whose events have some hundred bytes each and come one by one (reference: webhooks). The web
#: server has larger ones on disk and refuses what exceeds this.
MAX_EVENT_BYTES: Final = 8_000_000
_PART_BYTES: Final = 64 * 1024
_CONTINUED: Final = "is_continued"  # attribute of a handler


class CallerKind(StrEnum):
    """The callers of routes. No proof of one kind opens a route of another."""

    VIEW = "view"  # hubspot.fetch of a card or page, for a user: v3 signature over the identity in the URL
    WORKFLOW = "workflow"  # HubSpot's workflows: v3 or v2 signature, and the segment in the address
    HUBSPOT_WEBHOOK = (
        "hubspot_webhook"  # HubSpot's events: v3 or v1 signature, and the segment in the address
    )
    GATEWAY = "gateway"  # SMSFactor: the account's secret path and signature
    BROWSER = "browser"  # anyone; what follows is proved by a signed state
    OPERATOR = "operator"  # anyone; the answer contains nothing about portals


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified call from a view: these values are part of the signed URL."""

    portal: Portal
    user_id: int
    user_email: str
    #: When the call began (this process's monotonic clock): a repeated handler has no more time than the first.
    began_at: float = field(default_factory=time.monotonic, repr=False, compare=False)
    #: The connection whose transaction read the portal, until it is used; empty unless the handler is `continued`.
    open: list[Conn] = field(default_factory=list, repr=False, compare=False)
    lent: ExitStack = field(default_factory=ExitStack, repr=False, compare=False)

    @contextmanager
    def first_transaction(self) -> Iterator[Conn]:
        """The transaction in which the portal was read, or a new one if the handler runs again.

        It ends with the block, before any call to HubSpot.
        """
        if not self.open:
            with current_wiring().pool.connection() as conn:
                yield conn
            return
        with self.lent.pop_all():
            yield self.open.pop()

    def may(self, right: Right) -> bool:
        portal = self.portal
        return has_right(portal.rights, right, self.user_id, installed_by=portal.installed_by_user_id)


@dataclass(frozen=True, slots=True)
class WorkflowCall:
    """A verified call of HubSpot's workflows: the whole body was signed."""

    portal_id: int  # of the body's origin; the handler checks whether it has installed the app
    body: dict[str, object]


@dataclass(frozen=True, slots=True)
class GatewayCall:
    """A verified call of SMSFactor: path and signature are the account's own."""

    client_id: str
    kind: str  # last part of the path: which webhook calls
    body: bytes  # of a larger body its first MAX_BODY_BYTES
    digest: bytes  # SHA-256 of the whole body
    is_whole: bool = True


def current_wiring() -> Wiring:
    made: Wiring = current_app.extensions["wiring"]
    return made


def current_record_cache() -> RecordCache:
    """The cache of this process, created by create_app."""
    cache: RecordCache = current_app.extensions["record_cache"]
    return cache


def current_segments() -> UrlSegments:
    """The accepted segments of this process, created by create_app."""
    segments: UrlSegments = current_app.extensions["url_segments"]
    return segments


Handler = Callable[[Caller], Response]


def continued(handler: Handler) -> Handler:
    """Mark a handler of views that goes on in the transaction that read the portal (`Caller.first_transaction`)."""
    setattr(handler, _CONTINUED, True)
    return handler


def from_view(handler: Handler) -> Callable[[], Response]:
    """Let only signed calls of an installed portal reach `handler`, whose refusals become the view's answers.

    401: not proved to come from HubSpot for one user. 403: the portal has not installed the app.
    """
    answered, is_continued = refusals_answered(handler), hasattr(handler, _CONTINUED)

    @wraps(handler)
    def guarded() -> Response:
        try:
            identity = prove_view(request, current_wiring().settings)
        except Unproven as fault:
            return refuse_caller(401, fault.code)
        # Bound for this call only: gunicorn's threads outlive a call.
        with structlog.contextvars.bound_contextvars(portal_id=identity.portal_id), ExitStack() as lent:
            try:
                conn = lent.enter_context(current_wiring().pool.connection())
                portal = portals.find_installed(conn, identity.portal_id)
                if not is_continued:
                    lent.close()
            except (psycopg.Error, PoolTimeout):
                # The caller is proved, so the answer is that of a view: HubSpot would repeat a 500.
                log.exception("database_unavailable")
                return refuse(Refusal(Code.INTERNAL))
            if portal is None:
                return refuse_caller(403, CallerCode.PORTAL_NOT_INSTALLED)
            return answered(
                Caller(
                    portal,
                    identity.user_id,
                    identity.user_email,
                    open=[conn] if is_continued else [],
                    lent=lent,
                )
            )

    return guarded


def needs(right: Right) -> Callable[[Handler], Handler]:
    """Let only callers with this right reach a handler of views; others get `forbidden`."""

    def guard(handler: Handler) -> Handler:
        @wraps(handler)
        def guarded(caller: Caller) -> Response:
            if not caller.may(right):
                raise Refusal(Code.FORBIDDEN)
            return handler(caller)

        return guarded

    return guard


def read_workflow_call(
    incoming: Request, settings: Settings, segments: UrlSegments, segment: str
) -> WorkflowCall:
    """A call signed by HubSpot: by v3 if that header is there, else by v2. Raises like `prove_service`.

    HubSpot docs name v2 for workflow actions; newer calls may carry v3 as well (unconfirmed). v2 has no timestamp, so
    anyone who saw such a call can repeat it: executions are idempotent, option lists only read.
    """
    prove_service(incoming, settings, segments, segment, "v3", "v2")
    try:
        body = read_leniently(incoming.get_data(cache=True))
    except JsonInvalid:
        body = {}
    portal_id = portal_of(body)
    if portal_id is None:
        log.warning("portal_missing")
        raise Unproven(CallerCode.PORTAL_MISSING)
    return WorkflowCall(portal_id, body)


def from_workflow(handler: Callable[[WorkflowCall], Response]) -> Callable[[str], Response]:
    """Let only calls of HubSpot's workflows reach `handler`."""

    @wraps(handler)
    def guarded(segment: str) -> Response:
        try:
            call = read_workflow_call(request, current_wiring().settings, current_segments(), segment)
        except Unproven as fault:
            return refuse_caller(401, fault.code)
        except (psycopg.Error, PoolTimeout):
            return refuse_caller(503, Code.INTERNAL)
        return handler(call)

    return guarded


def from_hubspot_webhook(handler: Callable[[bytes], Response]) -> Callable[[str], Response]:
    """Let only HubSpot's events reach `handler`, which gets the signed body: an array (HubSpot docs: webhooks)."""

    @wraps(handler)
    def guarded(segment: str) -> Response:
        try:
            prove_service(request, current_wiring().settings, current_segments(), segment, "v3", "v1")
        except Unproven as fault:
            return refuse_caller(401, fault.code)
        except (psycopg.Error, PoolTimeout):
            return refuse_caller(503, Code.INTERNAL)
        return handler(request.get_data(cache=True))

    return guarded


class _EventBody:
    """The parts of a webhook's body, each read once: no more than the first MAX_BODY_BYTES stay in memory."""

    def __init__(self, incoming: Request) -> None:
        incoming.max_content_length = MAX_EVENT_BYTES
        self._stream = incoming.stream
        self.kept = bytearray()
        self.digest = hashlib.sha256()
        self.is_whole = True

    def __iter__(self) -> Iterator[bytes]:
        while part := self._stream.read(_PART_BYTES):
            self.digest.update(part)
            room = MAX_BODY_BYTES - len(self.kept)
            self.is_whole = self.is_whole and len(part) <= room
            self.kept += part[:room]
            yield part


def from_gateway(handler: Callable[[GatewayCall], Response]) -> Callable[[str, str], Response]:
    """Let only calls with an account's own path and signature reach `handler`; the signature is over the raw body."""

    @wraps(handler)
    def guarded(path_secret: str, kind: str) -> Response:
        wiring = current_wiring()
        with wiring.pool.connection() as conn:
            client_id = account_webhooks.client_of_webhook_path(conn, path_secret)
            secrets = account_webhooks.webhook_secrets(conn, wiring.vault, client_id) if client_id else None
        body = _EventBody(request)
        signature = request.headers.get("X-SMSFactor-Signature")
        if client_id is None or secrets is None or not verify_smsfactor(signature, secrets.signature, body):
            log.warning("caller_unproven", endpoint=request.endpoint, code=CallerCode.SIGNATURE_INVALID)
            return refuse_caller(401, CallerCode.SIGNATURE_INVALID)
        return handler(GatewayCall(client_id, kind, bytes(body.kept), body.digest.digest(), body.is_whole))

    return guarded


def open_to_all(handler: Callable[[], Any]) -> Callable[[], Any]:
    """For browsers and operators, who have no proof: the handler does nothing that needs one."""
    return handler


#: The guard of each kind of caller.
GUARDS: Final[dict[CallerKind, Callable[[Any], Callable[..., Any]]]] = {
    CallerKind.VIEW: from_view,
    CallerKind.WORKFLOW: from_workflow,
    CallerKind.HUBSPOT_WEBHOOK: from_hubspot_webhook,
    CallerKind.GATEWAY: from_gateway,
    CallerKind.BROWSER: open_to_all,
    CallerKind.OPERATOR: open_to_all,
}
