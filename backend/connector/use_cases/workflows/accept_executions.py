"""Accept executions of workflow actions: many of one portal in one transaction, each exactly once (protocol P16-P19).

The execution's row is the idempotency key. Most executions are decided here. If the portal lets the app block its
workflows, a deal or a template with merge fields waits for HubSpot's answers in state `resolving`.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connector.domain.consent import is_opted_out
from connector.domain.objects import COUNTRY_PROPERTY, OBJECT_TYPES
from connector.domain.phone_numbers import NumberRefused, PhoneNumber, parse
from connector.domain.refusals import Code, Refusal
from connector.domain.text import merge_fields
from connector.domain.vocabulary import (
    Action,
    Cause,
    ExecutionState,
    ExecutionStatus,
    LaneKind,
)
from connector.domain.workflows.fields import (
    BLOCKING_SCOPE,
    Execution,
    HsState,
    Outputs,
    hs_state,
    read_inputs,
    refused,
)
from connector.store import lanes
from connector.store.database import Conn
from connector.store.messages import templates
from connector.store.messages.send_context import Sending, look_up, read_sending
from connector.store.messages.templates import Template
from connector.store.portals.portals import Portal
from connector.store.rows import member
from connector.store.workflows import executions
from connector.store.workflows.executions import StoredExecution
from connector.use_cases.consent.note_opt_outs import note_hubspot_opt_outs
from connector.use_cases.messages.note_numbers import note_opted_out
from connector.use_cases.workflows.compose_executions import Ready, compose_executions, marked_numbers
from connector.use_cases.workflows.execution_rows import NewExecution, refused_row, resolving_row, settled_row

# HubSpot gets the outcome no earlier than this after our answer: it must register the block first (protocol P17).
CALLBACK_AFTER = timedelta(seconds=10)
# States of an execution without an outcome: the answer to HubSpot is BLOCK.
_OPEN = (ExecutionState.RESOLVING, ExecutionState.WAITING)


@dataclass(frozen=True, slots=True)
class NotReady:
    """An execution that was resolved in the request and refused."""

    execution: Execution
    refusal: Refusal


#: An execution as HubSpot sent it, or after its record was read in the request.
ExecutionInput = Execution | Ready | NotReady


@dataclass(frozen=True, slots=True)
class ExecutionAnswer:
    """The answer that HubSpot gets now."""

    outputs: Mapping[str, str]
    hs_state: HsState
    blocked_until: datetime | None  # of BLOCK


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Nothing was stored: the record must be read first, and this portal's workflows cannot be blocked for it."""

    portal: Portal


def accept_executions(
    conn: Conn, portal_id: int, given: Sequence[ExecutionInput], *, deployment_prefix: str
) -> list[ExecutionAnswer | Unresolved | Exception] | None:
    """Store new executions in the caller's transaction, and return the answers in order; None: not installed.

    A repeated execution gets its stored answer, or the outcome if it is known by now. A defect in one is returned as
    its answer. HubSpot must not be answered before the transaction is committed.
    """
    distinct = {_execution(item).callback_id: item for item in given}
    sending = read_sending(conn, portal_id, _early_numbers(distinct.values()))
    if sending is None:
        return None
    decided = _decide(conn, sending, list(distinct.values()), deployment_prefix, datetime.now(UTC))
    unsettled = [key for key, item in zip(distinct, decided, strict=True) if isinstance(item, Unresolved)]
    new = [item for item in decided if isinstance(item, NewExecution)]
    answers = {**_store(conn, portal_id, new), **(_repeated(conn, portal_id, unsettled) if unsettled else {})}
    note_opted_out(conn, portal_id, [entry for item in new for entry in item.opted_out])
    for key, item in zip(distinct, decided, strict=True):
        if not isinstance(item, NewExecution):
            answers.setdefault(key, item)
    return [answers[_execution(item).callback_id] for item in given]


def _execution(given: ExecutionInput) -> Execution:
    return given if isinstance(given, Execution) else given.execution


def _early_numbers(given: Iterable[ExecutionInput]) -> set[str]:
    """Recipients that can be parsed before the portal's country is known, which saves most batches a look-up."""
    early = set()
    for item in given:
        if isinstance(item, Ready):
            early.add(item.recipient.e164)
        elif isinstance(item, Execution) and str(item.inputs.get("recipient")).startswith("+"):
            number = parse(str(item.inputs["recipient"]), "FR")
            early.update([number.e164] if isinstance(number, PhoneNumber) else [])
    return early


def _decide(
    conn: Conn, sending: Sending, given: list[ExecutionInput], deployment_prefix: str, now: datetime
) -> list[NewExecution | Unresolved | Exception]:
    """The decision about each execution, in order."""
    portal = sending.portal
    known = _templates(conn, portal, given)
    prepared: list[Ready | NewExecution | Unresolved | Exception] = []
    for item in given:
        try:
            prepared.append(_prepare(portal, item, known, now))
        except Refusal as refusal:
            prepared.append(refused_row(portal, _execution(item), refused(refusal), now))
        except Exception as defect:
            prepared.append(defect)
    ready = [item for item in prepared if isinstance(item, Ready)]
    note_hubspot_opt_outs(conn, portal.portal_id, marked_numbers(ready), at=now)
    sending = look_up(conn, sending, [item.recipient.e164 for item in ready])
    composed = iter(compose_executions(sending, ready, deployment_prefix=deployment_prefix, now=now))
    return [
        settled_row(portal, item, next(composed), now) if isinstance(item, Ready) else item
        for item in prepared
    ]


def _templates(conn: Conn, portal: Portal, given: list[ExecutionInput]) -> dict[uuid.UUID, Template]:
    """The existing templates that the executions name."""
    wanted = set()
    for item in given:
        named = item.inputs.get("template") if isinstance(item, Execution) else None
        if named:
            with suppress(ValueError):  # read_inputs refuses it
                wanted.add(uuid.UUID(str(named)))
    return templates.find_many(conn, portal.portal_id, sorted(wanted)) if wanted else {}


def _prepare(
    portal: Portal, given: ExecutionInput, known: Mapping[uuid.UUID, Template], now: datetime
) -> Ready | NewExecution | Unresolved:
    """Parse one execution. Raises Refusal."""
    if isinstance(given, NotReady):
        raise given.refusal
    if isinstance(given, Ready):
        return given
    if given.object_type_id not in OBJECT_TYPES:
        # The workflow has no enrolled record, or one of another object: an SMS's outcome needs a record of ours.
        raise Refusal(Code.BAD_INPUT, field="object")
    inputs = read_inputs(given.action, given.inputs)
    may_block = BLOCKING_SCOPE in portal.scopes
    if inputs.wait_s is not None and not may_block:
        raise Refusal(Code.SCOPE_MISSING)
    template = known.get(inputs.template_id) if inputs.template_id else None
    if inputs.template_id and template is None:
        raise Refusal(Code.TEMPLATE_NOT_FOUND)
    if given.action == Action.SEND_SMS_DEAL or (template and merge_fields.names(template.content.text)):
        return resolving_row(portal, given, inputs, now) if may_block else Unresolved(portal)
    number = parse(inputs.recipient, portal.default_country, given.properties.get(COUNTRY_PROPERTY))
    if isinstance(number, NumberRefused):
        raise number.refusal()
    stop = is_opted_out(given.properties)
    return Ready(given, inputs, number, inputs.recipient, template=template, is_opted_out=stop)


def _store(
    conn: Conn, portal_id: int, new: list[NewExecution]
) -> dict[str, ExecutionAnswer | Unresolved | Exception]:
    """Store the executions that are not stored yet, and answer from the rows."""
    if not new:
        return {}
    fresh = [entry.message for entry in new if entry.message is not None]
    due: dict[LaneKind, datetime | None] = {}
    if fresh:
        due[LaneKind.DELIVER] = min(message.due_at for message in fresh)
    if any(entry.row.state == ExecutionState.RESOLVING for entry in new):
        due[LaneKind.RESOLVE] = None
    timers = [entry.row.check_at for entry in new if entry.row.check_at is not None]
    if timers:
        due[LaneKind.CALLBACKS] = min(timers)
    # One round-trip. Lanes may be woken for repeated rows, which only costs a look.
    with conn.pipeline():
        entered = lanes.enter(conn, portal_id, *due)
        inserted = executions.insert_many(entered, [entry.row for entry in new], fresh, cause=Cause.WORKFLOW)
        for kind, due_at in due.items():
            lanes.wake(entered, kind, due_at)
    won = {row["callback_id"] for row in inserted}
    answers: dict[str, ExecutionAnswer | Unresolved | Exception] = {
        entry.row.callback_id: _answer(entry.row) for entry in new if entry.row.callback_id in won
    }
    lost = [entry.row.callback_id for entry in new if entry.row.callback_id not in won]
    return {**answers, **(_repeated(conn, portal_id, lost) if lost else {})}


def _repeated(conn: Conn, portal_id: int, callback_ids: list[str]) -> dict[str, ExecutionAnswer]:
    """The answers of executions that are already stored, read in a separate statement (protocol P16, P17)."""
    found = executions.hold(conn, portal_id, callback_ids)
    blocked = [row.callback_id for row in found if row.state in _OPEN]
    if blocked:
        executions.note_block(conn, portal_id, blocked)
    known = [
        row.callback_id
        for row in found
        if row.is_blocked and row.state in (ExecutionState.DUE, ExecutionState.DONE)
    ]
    if known:
        check_at = datetime.now(UTC) + CALLBACK_AFTER
        entered = lanes.enter(conn, portal_id, LaneKind.CALLBACKS)
        executions.rearm(entered, known, check_at=check_at)
        lanes.wake(entered, LaneKind.CALLBACKS, check_at)
    return {row.callback_id: _answer(row) for row in found}


def _answer(row: StoredExecution) -> ExecutionAnswer:
    if row.state in _OPEN:
        return ExecutionAnswer(
            row.outputs or Outputs(ExecutionStatus.PENDING).as_json(), "BLOCK", row.blocked_until
        )
    # Erased rows still say whether there was a message.
    outputs = (
        row.outputs
        or Outputs(ExecutionStatus.QUEUED if row.message_id else ExecutionStatus.REFUSED).as_json()
    )
    return ExecutionAnswer(outputs, hs_state(member(ExecutionStatus, outputs["status"])), None)
