"""Reopen messages that a former version refused for a proxy's page, when a receipt proves it wrong (protocol P10)."""

from collections.abc import Collection

from connector.domain.vocabulary import Cause, LaneKind, MessageState, Reason
from connector.store.lanes import Entered
from connector.store.messages import doubted_refusals
from connector.store.messages.messages import Message
from connector.use_cases.delivery.hold_rows import hold_attempts


def reopen_refused(entered: Entered, reported: Collection[Message]) -> bool:
    """Make the whole calls of such messages `unknown` again; the receipt then proves their acceptance.

    Once for each message, and only for those that the migration marked: otherwise final states stay final. `entered`
    for `reconcile`. False: nothing was reopened.
    """
    entered.require(LaneKind.RECONCILE)
    refused = [
        message.message_id
        for message in reported
        if message.state == MessageState.REFUSED and message.reason == Reason.GATEWAY_INVALID
    ]
    if not refused:
        return False
    calls = doubted_refusals.calls_of(entered.conn, entered.portal_id, refused)
    if calls:
        # All that the receipts will move: the reopened messages are moved again, with the others.
        every = sorted({*calls, *(message.attempt_id for message in reported if message.attempt_id)})
        hold_attempts(entered.conn, entered.portal_id, every, [m.message_id for m in reported])
        doubted_refusals.reopen(entered.conn, entered.portal_id, calls, cause=Cause.RECEIPT)
    return bool(calls)
