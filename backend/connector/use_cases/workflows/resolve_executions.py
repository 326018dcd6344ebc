"""Settle executions whose record has been read: store their SMS or refuse them, each once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from connector.domain.refusals import Code
from connector.domain.vocabulary import Cause, ExecutionStatus, LaneKind
from connector.domain.workflows import waits
from connector.domain.workflows.fields import Outputs, refused
from connector.store import lanes
from connector.store.database import Conn
from connector.store.lanes import Entered
from connector.store.messages import messages
from connector.store.messages.messages import Message
from connector.store.messages.send_context import read_sending
from connector.store.workflows import resolving
from connector.store.workflows.resolving import Resolved, Resolving
from connector.use_cases.consent.note_opt_outs import note_hubspot_opt_outs
from connector.use_cases.messages.note_numbers import note_opted_out, opted_out_records
from connector.use_cases.workflows.compose_executions import (
    Decided,
    Ready,
    compose_executions,
    marked_numbers,
)
from connector.use_cases.workflows.decide_executions import NotReady
from connector.use_cases.workflows.leave_out_repeats import leave_out_repeats

log = structlog.get_logger()


def resolve_executions(
    conn: Conn,
    portal_id: int,
    rows: Sequence[Resolving],
    answers: Sequence[Ready | NotReady],
    *,
    deployment_prefix: str,
) -> None:
    """Store the result of each row, in the caller's transaction; rows settled by another worker are unchanged.

    `answers` are in the order of `rows`; `note_read_opt_outs` has put their opt-outs by hand into the ledger. HubSpot
    gets the outcome at once, or later if the workflow waits for an event of the SMS.
    """
    entered = lanes.enter(conn, portal_id, LaneKind.CALLBACKS, LaneKind.CHECKS, LaneKind.DELIVER)
    held = resolving.hold(conn, portal_id, [row.callback_id for row in rows])
    pairs = [(row, answer) for row, answer in zip(rows, answers, strict=True) if row.callback_id in held]
    ready = [answer for _, answer in pairs if isinstance(answer, Ready)]
    now = datetime.now(UTC)
    sending = read_sending(conn, portal_id, {answer.recipient.e164 for answer in ready})
    if sending is None:  # the portal has uninstalled the app meanwhile: its executions stay unchanged
        return
    decisions = leave_out_repeats(
        conn,
        sending.portal,
        compose_executions(sending, ready, deployment_prefix=deployment_prefix, now=now),
    )
    composed = iter(decisions)
    resolved: list[Resolved] = []
    fresh: list[Message] = []
    for row, answer in pairs:
        if isinstance(answer, NotReady):
            resolved.append(Resolved(row.callback_id, refused(answer.refusal).as_json()))
            continue
        decided = next(composed)
        resolved.append(_resolved(row, decided))
        if isinstance(decided, Decided) and decided.message:
            fresh.append(decided.message)
    _store(entered, resolved, fresh)
    met = zip(ready, decisions, strict=True)
    note_opted_out(
        conn, portal_id, [entry for answer, decision in met for entry in opted_out_records(answer, decision)]
    )


def note_read_opt_outs(conn: Conn, portal_id: int, answers: Sequence[Ready | NotReady]) -> None:
    """Obey opt-outs by hand of the records read, in a transaction before the executions' own (protocol P14, P26)."""
    ready = [answer for answer in answers if isinstance(answer, Ready)]
    note_hubspot_opt_outs(conn, portal_id, marked_numbers(ready), at=datetime.now(UTC))


def _resolved(row: Resolving, decided: Decided | Exception) -> Resolved:
    if isinstance(decided, Exception):
        # A defect of ours would recur: a clear end is better than a workflow that hangs.
        log.error("execution_failed", callback_id=row.callback_id, exc_info=decided)
        return Resolved(row.callback_id, Outputs(ExecutionStatus.REFUSED, Code.INTERNAL).as_json())
    message = decided.message
    if message is None:
        return Resolved(row.callback_id, decided.outputs.as_json())
    if row.wait_s is None:
        return Resolved(row.callback_id, decided.outputs.as_json(), message.message_id)
    outputs = replace(decided.outputs, status=ExecutionStatus.PENDING, reason="")
    timer_at = waits.timer_at(message.due_at, row.wait_s, row.blocked_until)
    return Resolved(row.callback_id, outputs.as_json(), message.message_id, timer_at)


def _store(entered: Entered, resolved: list[Resolved], fresh: list[Message]) -> None:
    messages.insert_many(entered, fresh, cause=Cause.WORKFLOW)
    for message in fresh:
        for kind, due_at in messages.due_lanes(message):
            lanes.wake(entered, kind, due_at)
    look_at = resolving.conclude(entered, resolved)
    if look_at:
        lanes.wake(entered, LaneKind.CALLBACKS, look_at)
