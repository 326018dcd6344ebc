"""Rows of new executions: refused, to be resolved, or settled with or without a message and a wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.domain.vocabulary import ExecutionState, ExecutionStatus, Source, WaitFor
from connector.domain.workflows.fields import Execution, Inputs, Outputs, wait_times
from connector.store.crm import record_numbers
from connector.store.messages.messages import Message
from connector.store.portals.portals import Portal
from connector.store.workflows.executions import StoredExecution
from connector.use_cases.messages.build_message import max_age
from connector.use_cases.messages.compose_message import slot_of
from connector.use_cases.messages.note_numbers import opted_out_records
from connector.use_cases.workflows.compose_executions import Decided, Ready


@dataclass(frozen=True, slots=True)
class NewExecution:
    """A row to store, with its message if there is one."""

    row: StoredExecution
    message: Message | None = None
    opted_out: Sequence[record_numbers.Entry] = ()  # records whose opted-out number caused the refusal


def _row(
    portal: Portal,
    execution: Execution,
    outputs: Outputs,
    state: ExecutionState,
    now: datetime,
    **changes: object,
) -> StoredExecution:
    """A row that owes HubSpot no callback, with changes."""
    values: dict[str, object] = {
        "portal_id": portal.portal_id,
        "callback_id": execution.callback_id,
        "action": execution.action,
        "workflow_id": execution.workflow_id,
        "object_type_id": execution.object_type_id,
        "object_id": execution.object_id,
        "state": state,
        "request": None,
        "message_id": None,
        "outputs": outputs.as_json(),
        "wait_for": WaitFor.NO,
        "wait_s": None,
        "is_blocked": False,
        "blocked_until": None,
        "timer_at": None,
        "check_at": None,
        "created_at": now,
        "done_at": now if state == ExecutionState.DONE else None,
    }
    return StoredExecution(**{**values, **changes})  # type: ignore[arg-type]


def refused_row(portal: Portal, execution: Execution, outputs: Outputs, now: datetime) -> NewExecution:
    """The row of an execution that is refused."""
    return NewExecution(_row(portal, execution, outputs, ExecutionState.DONE, now))


def resolving_row(portal: Portal, execution: Execution, inputs: Inputs, now: datetime) -> NewExecution:
    """The row of an execution whose recipient or values must be read from HubSpot first.

    The recipient's country and its legal hours are not known yet, so the portal's own are used. HubSpot waits at least
    as long as the message may.
    """
    slot = slot_of(portal, inputs.push_type, portal.default_country, now)
    _, blocked_until = wait_times(slot.at + max_age(portal, Source.WORKFLOW), inputs.wait_s or 0)
    row = _row(
        portal,
        execution,
        Outputs(ExecutionStatus.PENDING),
        ExecutionState.RESOLVING,
        now,
        request=dict(execution.inputs),
        wait_for=inputs.wait_for,
        wait_s=inputs.wait_s,
        is_blocked=True,
        blocked_until=blocked_until,
    )
    return NewExecution(row)


def settled_row(
    portal: Portal, ready: Ready, decided: Decided | Exception, now: datetime
) -> NewExecution | Exception:
    """The row of an execution whose message was composed or refused."""
    if isinstance(decided, Exception):
        return decided
    message, inputs = decided.message, ready.inputs
    if message is None:
        row = _row(portal, ready.execution, decided.outputs, ExecutionState.DONE, now)
        return NewExecution(row, opted_out=opted_out_records(ready, decided))
    if inputs.wait_s is None:
        row = _row(
            portal, ready.execution, decided.outputs, ExecutionState.DONE, now, message_id=message.message_id
        )
        return NewExecution(row, message)
    timer_at, blocked_until = wait_times(message.due_at, inputs.wait_s)
    outputs = Outputs(
        ExecutionStatus.PENDING,
        message_id=decided.outputs.message_id,
        recipient=decided.outputs.recipient,
        sms_count=decided.outputs.sms_count,
        cost=decided.outputs.cost,
    )
    row = _row(
        portal,
        ready.execution,
        outputs,
        ExecutionState.WAITING,
        now,
        message_id=message.message_id,
        wait_for=inputs.wait_for,
        wait_s=inputs.wait_s,
        is_blocked=True,
        blocked_until=blocked_until,
        timer_at=timer_at,
        check_at=timer_at,
    )
    return NewExecution(row, message)
