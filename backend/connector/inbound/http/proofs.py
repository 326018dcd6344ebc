"""The proofs that a call bears: HubSpot's signature, the identity in a view's URL, the secret address of a service.

HubSpot signs `hubspot.fetch` calls whose URL and body a browser chose, so a signature never shows which of HubSpot's
services calls. Only HubSpot knows the segment in a service's address, and only its proxy for views adds the identity.
Both are checked on every call (docs/adr/0026-who-may-call.md).
"""

import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import structlog
from werkzeug.wrappers import Request

from connector.domain.text.texts import is_storable
from connector.domain.vocabulary import CallerCode
from connector.hubspot.paths import VIEW_APP_ID, VIEW_PORTAL_ID, VIEW_USER_EMAIL, VIEW_USER_ID
from connector.inbound.http.signatures import Version, verify_hubspot
from connector.inbound.http.url_segments import UrlSegments
from connector.settings import Settings

log = structlog.get_logger()

_LONGEST_EMAIL: Final = 320  # RFC 3696: 64 before the @, 255 after it
_LONGEST_ID: Final = 18  # digits; fits the database's largest whole number


class Unproven(Exception):
    """The call is not proved to be one of the route's callers: a 401 with `code`."""

    def __init__(self, code: CallerCode) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class ViewIdentity:
    """The portal and the user that HubSpot added to the signed URL of a view's call."""

    portal_id: int
    user_id: int
    user_email: str


def prove_view(incoming: Request, settings: Settings) -> ViewIdentity:
    """The identity of a view's call, which HubSpot signs by v3. Raises Unproven.

    v2 is not accepted: HubSpot signs by it also what a portal's own workflows send to any address.
    """
    _prove_signature(incoming, settings, "v3")
    portal_id, user_id = _id(incoming, VIEW_PORTAL_ID), _id(incoming, VIEW_USER_ID)
    email = _single(incoming, VIEW_USER_EMAIL)
    # The browser chose the URL that HubSpot appended to. A second "?" would hide an appended parameter in the value of
    # the browser's last one; a "#" would hide all of them, as the web server takes what follows for no query.
    target = raw_target(incoming)
    is_plain = target.count("?") == 1 and "#" not in target
    is_email = 0 < len(email) <= _LONGEST_EMAIL and is_storable(email)
    if not (is_plain and portal_id and user_id and is_email and _id(incoming, VIEW_APP_ID)):
        log.warning("caller_unproven", endpoint=incoming.path, code=CallerCode.IDENTITY_INVALID)
        raise Unproven(CallerCode.IDENTITY_INVALID)
    return ViewIdentity(portal_id, user_id, email)


def prove_service(
    incoming: Request, settings: Settings, segments: UrlSegments, segment: str, *allowed: Version
) -> None:
    """The call comes from a service of HubSpot to the address in its definition, which has no query.

    Raises Unproven; psycopg.Error or PoolTimeout if the database is needed to recognise an old segment.
    """
    _prove_signature(incoming, settings, *allowed)
    target = raw_target(incoming)
    if "?" in target or "#" in target or not segments.accept(segment):
        log.warning("caller_unproven", code=CallerCode.ADDRESS_INVALID)  # no path: it may hold a segment
        raise Unproven(CallerCode.ADDRESS_INVALID)


def raw_target(incoming: Request) -> str:
    """Path and query as they arrived: decoding and encoding again would change what was signed."""
    raw: str | None = incoming.environ.get("REQUEST_URI") or incoming.environ.get("RAW_URI")
    if raw and raw.startswith("/"):
        return raw
    query = incoming.query_string.decode("latin-1")
    return quote(incoming.path, safe="/:@!$&'()*+,;=~-._") + (f"?{query}" if query else "")


def _prove_signature(incoming: Request, settings: Settings, *allowed: Version) -> None:
    if not verify_hubspot(
        incoming.method,
        raw_target(incoming),
        incoming.get_data(cache=True),
        incoming.headers,
        secrets=settings.hubspot_client_secrets,
        public_base_url=settings.public_base_url,
        allow=allowed,
        now_ms=int(time.time() * 1000),
    ):
        log.warning("caller_unproven", code=CallerCode.SIGNATURE_INVALID)
        raise Unproven(CallerCode.SIGNATURE_INVALID)


def _single(incoming: Request, name: str) -> str:
    """The parameter's value; empty if it is missing or doubled: one of two values would be the browser's own."""
    values = incoming.args.getlist(name)
    return values[0] if len(values) == 1 else ""


def _id(incoming: Request, name: str) -> int | None:
    value = _single(incoming, name)
    return int(value) if value.isascii() and value.isdigit() and len(value) <= _LONGEST_ID else None
