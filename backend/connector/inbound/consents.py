"""Record that a person consents again: at the gateway first, then in the ledger (B3, protocol P14)."""

from datetime import UTC, datetime

import structlog
from flask import Blueprint, Response
from marshmallow import fields, validate

from connector.domain.refusals import Code, Refusal
from connector.inbound.answers import answer, read_body, refusals_answered
from connector.inbound.callers import Caller, from_view, wiring
from connector.inbound.cards import RecordSchema, recipients_of
from connector.inbound.records import read_record
from connector.smsfactor.errors import GatewayError, Refused
from connector.store import accounts
from connector.use_cases.record_consent import RecordConsent, record_consent
from connector.wiring import Wiring

log = structlog.get_logger()
blueprint = Blueprint("consents", __name__, url_prefix="/card")

PAGE = 1000


class ConsentSchema(RecordSchema):
    recipient = fields.Str(required=True, validate=validate.Length(max=20))
    reason = fields.Str(required=True, validate=validate.Length(min=3, max=500))


@blueprint.post("/record-consent")
@from_view
@refusals_answered
def record(caller: Caller) -> Response:
    """Counts only when the gateway's own STOP list has been changed too: it would drop the message anyway."""
    body = read_body(ConsentSchema())
    wired = wiring()
    found = read_record(wired, caller.portal, body["object_type_id"], body["object_id"])
    if body["recipient"] not in recipients_of(found):
        raise Refusal(Code.NUMBER_CHANGED)
    _remove_from_blacklist(wired, caller.portal.portal_id, body["recipient"])
    command = RecordConsent(
        portal_id=caller.portal.portal_id,
        user_id=caller.user_id,
        recipient=body["recipient"],
        reason=body["reason"],
        at=datetime.now(UTC),
        object_type_id=found.object_type_id,
        object_id=found.object_id,
    )
    with wired.pool.connection() as conn:
        record_consent(conn, command)
    return answer({})


def _remove_from_blacklist(wired: Wiring, portal_id: int, recipient: str) -> None:
    """Raises Refusal account_not_linked or consent_not_removed."""
    with wired.pool.connection() as conn:
        link = accounts.current_link(conn, wired.vault, portal_id)
    if link is None or link.token is None:
        raise Refusal(Code.ACCOUNT_NOT_LINKED)
    try:
        offset = 0
        while True:
            page = wired.smsfactor.blacklist(link.token, offset, PAGE)
            for entry in page.rows:
                if entry.number == recipient:
                    wired.smsfactor.remove_from_blacklist(link.token, entry.entry_id)
            offset += len(page.rows)
            if not page.rows or offset >= page.total:
                return
    except Refused as refusal:
        if refusal.kind != "not_found":  # somebody else has removed it meanwhile
            raise Refusal(Code.CONSENT_NOT_REMOVED) from refusal
    except GatewayError as fault:
        log.warning("blacklist_unchanged", error=type(fault).__name__)
        raise Refusal(Code.CONSENT_NOT_REMOVED) from fault
