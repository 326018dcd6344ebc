"""Apply reports about single messages, from receipts or the gateway's listing (protocol P10).

Answers, look-ups and receipts may come in any order: the store makes only allowed moves, and only a real move plans a
write to the CRM.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from connector.domain.message import RECEIPT_STATES
from connector.domain.vocabulary import AnyCause, LaneKind, MessageState, Reason
from connector.store.lanes import Entered
from connector.store.messages.messages import Message
from connector.use_cases.delivery.accept_attempt import accept_attempt
from connector.use_cases.delivery.confirm_messages import confirm_messages
from connector.use_cases.delivery.hold_rows import hold_attempts
from connector.use_cases.delivery.plan_writes import plan_writes
from connector.use_cases.messages.move_messages import move_messages


@dataclass(frozen=True, slots=True)
class Report:
    """A statement of the gateway about one message."""

    state: MessageState  # one of domain.message.RECEIPT_STATES, or "refused"
    reason: Reason | None
    ticket: str | None
    occurred_at: datetime


def apply_reports(entered: Entered, reports: list[tuple[Message, Report]], *, cause: AnyCause) -> None:
    """Apply reports of different messages: `entered` for `reconcile` and `sync_crm`.

    On a call whose answer is not known, a report also proves that the call was accepted (protocol P10). A late or
    repeated report changes nothing.
    """
    entered.require(LaneKind.RECONCILE, LaneKind.SYNC_CRM)
    proved: dict[uuid.UUID, str | None] = {}
    for message, report in reports:
        assert report.state in RECEIPT_STATES
        if message.attempt_id and message.state in (
            MessageState.SENDING,
            MessageState.UNKNOWN,
            MessageState.MODERATED,
        ):
            proved[message.attempt_id] = proved.get(message.attempt_id) or report.ticket
    if proved or len(reports) > 1:
        hold_attempts(
            entered.conn, entered.portal_id, sorted(proved), [message.message_id for message, _ in reports]
        )
    for attempt_id in sorted(proved):
        accept_attempt(entered, attempt_id, ticket=proved[attempt_id], cause=cause)
    for (state, reason, ticket), ids in equal_reports(reports).items():
        moved = move_messages(
            entered.conn, entered.portal_id, ids, state, cause=cause, reason=reason, ticket=ticket
        )
        if state == MessageState.ACCEPTED:  # only says that the message was sent
            confirm_messages(entered, ids)
        plan_writes(entered, moved, occurred_at=times_of(reports))


def equal_reports(
    reports: list[tuple[Message, Report]],
) -> dict[tuple[MessageState, Reason | None, str | None], list[uuid.UUID]]:
    """(state, reason, ticket) -> the messages with such a report.

    A known ticket is not overwritten, so messages that have one need no group of their own.
    """
    groups: dict[tuple[MessageState, Reason | None, str | None], list[uuid.UUID]] = {}
    for message, report in reports:
        ticket = None if message.ticket else report.ticket
        groups.setdefault((report.state, report.reason, ticket), []).append(message.message_id)
    return groups


def times_of(reports: list[tuple[Message, Report]]) -> dict[uuid.UUID, datetime]:
    """The time at which each message reached the reported state."""
    return {message.message_id: report.occurred_at for message, report in reports}
