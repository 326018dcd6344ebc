"""Apply delivery receipts to their messages."""

from dataclasses import dataclass
from datetime import datetime

from connector.domain.vocabulary import Cause, MessageState, Reason
from connector.store.lanes import Entered
from connector.store.messages import messages
from connector.store.messages import receipts as noted
from connector.use_cases.delivery.apply_reports import Report, apply_reports
from connector.use_cases.delivery.reopen_refused import reopen_refused


@dataclass(frozen=True, slots=True)
class ApplyReceipt:
    portal_id: int
    gateway_id: str
    state: MessageState  # one of domain.message.RECEIPT_STATES
    reason: Reason | None
    ticket: str | None
    occurred_at: datetime


def apply_receipts(entered: Entered, receipts: list[ApplyReceipt]) -> set[str]:
    """Move the messages: `entered` for `reconcile` and `sync_crm`.

    Receipts of one message are applied in their order; a late or repeated receipt changes nothing. Returns the ids
    without a message in the portal.
    """
    conn, portal_id = entered.conn, entered.portal_id
    gateway_ids = sorted({r.gateway_id for r in receipts})
    known = messages.find_by_gateway_ids(conn, portal_id, gateway_ids)
    calls = sorted({message.attempt_id for message in known.values() if message.attempt_id})
    if calls:
        noted.note(conn, portal_id, calls)  # locks them all, before any message (protocol P26)
    if reopen_refused(entered, known.values()):
        known = messages.find_by_gateway_ids(conn, portal_id, gateway_ids)
    rounds: list[list[ApplyReceipt]] = []
    turns: dict[str, int] = {}
    for receipt in receipts:
        if receipt.gateway_id not in known:
            continue
        turn = turns.get(receipt.gateway_id, 0)
        turns[receipt.gateway_id] = turn + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(receipt)
    for number, receipts_ in enumerate(rounds):
        if number:  # the round before has moved them
            known = messages.find_by_gateway_ids(conn, portal_id, [r.gateway_id for r in receipts_])
        reports = [
            (known[r.gateway_id], Report(r.state, r.reason, r.ticket, r.occurred_at)) for r in receipts_
        ]
        apply_reports(entered, reports, cause=Cause.RECEIPT)
    return {r.gateway_id for r in receipts} - set(turns)


def apply_receipt(entered: Entered, command: ApplyReceipt) -> bool:
    """Apply one receipt. False: no message of the portal has this id."""
    return not apply_receipts(entered, [command])
