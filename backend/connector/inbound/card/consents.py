"""Record that a person consents again: at the gateway first, then in the ledger (B3, protocol P14)."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from flask import Response
from marshmallow import fields, validate

from connector.crm.records import TextableRecord, read_record
from connector.domain.phone_numbers import PhoneNumber
from connector.domain.refusals import Code, Refusal
from connector.domain.rights import Right
from connector.domain.vocabulary import GatewayRefusal
from connector.inbound.card.card import RecordSchema
from connector.inbound.card.numbers import recipients_of
from connector.inbound.http.answers import answer, read_body
from connector.inbound.http.callers import Caller, current_wiring, needs
from connector.smsfactor.client import SmsFactorClient
from connector.smsfactor.errors import GatewayError, Refused, Unavailable
from connector.smsfactor.payloads import ListedNumber
from connector.store.consent import opt_outs
from connector.store.consent.opt_outs import Author, OptOut
from connector.store.database import Conn
from connector.store.portals import accounts
from connector.use_cases.consent.import_opt_outs import note_listed_stop
from connector.use_cases.consent.note_opt_outs import RecordOptOut, record_opt_out
from connector.use_cases.consent.record_consent import RecordConsent, record_consent
from connector.wiring import Wiring

log = structlog.get_logger()

NUMBERS_PER_PAGE = 1000
# Time for all calls to the gateway: HubSpot ends the view's call after 15 s, and its own reads take up to 6 s of them.
GATEWAY_S = 8.0
# A STOP's webhook and its entry in the list may carry slightly different times (unconfirmed).
LIST_MAY_DIFFER = timedelta(minutes=10)


class Trimmed(fields.Str):
    """Text of a user; blanks around it are removed before its length is checked."""

    def _deserialize(self, *args: Any, **kwargs: Any) -> str:
        return super()._deserialize(*args, **kwargs).strip()


class ConsentSchema(RecordSchema):
    recipient = fields.Str(required=True, validate=validate.Length(max=20))
    reason = Trimmed(required=True, validate=validate.Length(min=3, max=500))


class OptOutSchema(RecordSchema):
    recipient = fields.Str(required=True, validate=validate.Length(max=20))
    reason = Trimmed(load_default="", validate=validate.Length(max=500))


@needs(Right.CONSENT)
def record(caller: Caller) -> Response:
    """Record a consent, only after the gateway's own STOP list was changed: it would drop the message otherwise."""
    body = read_body(ConsentSchema())
    wiring = current_wiring()
    found = read_record(wiring.hubspot, caller.portal, body["object_type_id"], body["object_id"])
    if body["recipient"] not in recipients_of(found):
        raise Refusal(Code.NUMBER_CHANGED)
    opt_out = remove_from_stop_list(wiring, caller.portal.portal_id, body["recipient"])
    command = RecordConsent(
        portal_id=caller.portal.portal_id,
        user_id=caller.user_id,
        user_email=caller.user_email,
        recipient=body["recipient"],
        opt_out=opt_out,
        reason=body["reason"],
        at=datetime.now(UTC),
        numbers=numbers_of(found),
    )
    with wiring.pool.connection() as conn:
        record_consent(conn, command)
    return answer({})


@needs(Right.SEND)
def record_stop(caller: Caller) -> Response:
    """Record that a person asked not to be texted any more; nothing is asked of the gateway."""
    body = read_body(OptOutSchema())
    wiring = current_wiring()
    found = read_record(wiring.hubspot, caller.portal, body["object_type_id"], body["object_id"])
    if body["recipient"] not in recipients_of(found):
        raise Refusal(Code.NUMBER_CHANGED)
    command = RecordOptOut(
        portal_id=caller.portal.portal_id,
        author=Author(caller.user_id, caller.user_email),
        recipient=body["recipient"],
        reason=body["reason"],
        at=datetime.now(UTC),
        numbers=numbers_of(found),
    )
    with wiring.pool.connection() as conn:
        record_opt_out(conn, command)
    return answer({})


def numbers_of(record: TextableRecord) -> list[tuple[str, str, str]]:
    """(number, object type id, object id): the record's numbers; for a deal also its people's."""
    own = (record.object_type_id, record.object_id)
    return [
        (number.parsed.e164, *holder)
        for number in record.numbers
        if isinstance(number.parsed, PhoneNumber)
        for holder in {own, (number.object_type_id, number.object_id)}
    ]


def remove_from_stop_list(wiring: Wiring, portal_id: int, recipient: str) -> OptOut | None:
    """Remove the number from the gateway's STOP list; returns the opt-out in force before.

    An entry that is newer than that opt-out, or than this call, is another STOP: it stays (protocol P14). Raises
    Refusal account_not_linked, consent_not_removed or opted_out_again: the ledger must not end the opt-out then.
    """
    began_at = datetime.now(UTC)
    with wiring.pool.connection() as conn:
        link = accounts.current_link(conn, wiring.vault, portal_id)
        opt_out = opt_outs.find(conn, portal_id, recipient)
    if link is None or link.api_token is None:
        raise Refusal(Code.ACCOUNT_NOT_LINKED)
    gateway, token = wiring.interactive_smsfactor.until(time.monotonic() + GATEWAY_S), link.api_token
    try:
        # The entry id from the last reading spares the search; if that entry is gone, there may be a newer one.
        entry_id = opt_out.gateway_entry_id if opt_out else None
        if entry_id is not None and _remove(gateway, token, entry_id):
            return opt_out
        # All pages first: removing while paging would shift the rows of later pages.
        entries = _entries_of(gateway, token, recipient)
        with wiring.pool.connection() as conn:
            _require_no_new_stop(conn, portal_id, recipient, opt_out, entries, began_at)
        for entry in entries:
            _remove(gateway, token, entry.entry_id)
    except GatewayError as fault:
        log.warning("blacklist_unchanged", error=type(fault).__name__)
        raise Refusal(Code.CONSENT_NOT_REMOVED) from fault
    return opt_out


def _require_no_new_stop(
    conn: Conn,
    portal_id: int,
    recipient: str,
    opt_out: OptOut | None,
    entries: list[ListedNumber],
    began_at: datetime,
) -> None:
    """Raise opted_out_again if the ledger or the list has a newer STOP; the ledger learns of the list's one."""
    now_in_force = opt_outs.find(conn, portal_id, recipient)
    before = opt_out.at if opt_out else None
    if (now_in_force.at if now_in_force else None) != before:
        raise Refusal(Code.OPTED_OUT_AGAIN, number=recipient)
    known_until = min(before + LIST_MAY_DIFFER, began_at) if before else began_at
    newest = max((entry.listed_at for entry in entries if entry.listed_at), default=None)
    if newest and newest > known_until:
        note_listed_stop(conn, portal_id, recipient, at=newest)
        conn.commit()
        raise Refusal(Code.OPTED_OUT_AGAIN, number=recipient)


def _entries_of(gateway: SmsFactorClient, token: str, recipient: str) -> list[ListedNumber]:
    """The number's entries in the whole STOP list. Raises GatewayError, also if reading all of it takes too long."""
    found: list[ListedNumber] = []
    offset = 0
    while True:
        page = gateway.blacklist(token, offset, NUMBERS_PER_PAGE)
        found += [entry for entry in page.rows if entry.number == recipient]
        offset += len(page.rows)
        if offset >= page.total:
            return found
        if not page.rows:
            raise Unavailable("the STOP list was not shown to its end")


def _remove(gateway: SmsFactorClient, token: str, entry_id: str) -> bool:
    """Remove an entry from the STOP list. False: it was already gone. Raises GatewayError."""
    try:
        gateway.remove_from_blacklist(token, entry_id)
    except Refused as refusal:
        if refusal.kind != GatewayRefusal.NOT_FOUND:
            raise
        return False
    return True
