"""Accept executions of workflow actions: many of one portal in one transaction, each exactly once (protocol P16-P19).

The execution's row is the idempotency key. Most executions are decided here. If the portal lets the app block its
workflows, a deal or a text with merge fields waits for HubSpot's answers in state `resolving`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connector.domain.vocabulary import Cause, ExecutionState, ExecutionStatus, LaneKind
from connector.domain.workflows.fields import HsState, Outputs, hs_state
from connector.store import lanes
from connector.store.database import Conn, NeedsOwnTransaction
from connector.store.rows import member
from connector.store.workflows import executions
from connector.store.workflows.executions import StoredExecution
from connector.use_cases.messages.note_numbers import note_opted_out
from connector.use_cases.workflows.decide_executions import (
    Decisions,
    ExecutionInput,
    Key,
    Unresolved,
    decide_executions,
    execution_of,
)
from connector.use_cases.workflows.execution_rows import NewExecution

# HubSpot gets the outcome no earlier than this after our answer: it must register the block first (protocol P17).
CALLBACK_AFTER = timedelta(seconds=10)
# States of an execution without an outcome: the answer to HubSpot is BLOCK.
_OPEN = (ExecutionState.RESOLVING, ExecutionState.WAITING)


@dataclass(frozen=True, slots=True)
class ExecutionAnswer:
    """The answer that HubSpot gets now."""

    outputs: Mapping[str, str]
    hs_state: HsState
    blocked_until: datetime | None  # of BLOCK


#: An execution with its portal.
Addressed = tuple[int, ExecutionInput]
#: The answer to an execution; a defect in one is returned in its place.
Answer = ExecutionAnswer | Unresolved | Exception


def accept_executions(conn: Conn, given: Sequence[Addressed], *, deployment_prefix: str) -> list[Answer]:
    """Store new executions of any portals in the caller's transaction, and return the answers in order.

    A repeated execution gets its stored answer, or the outcome if it is known by now. Its row is locked for that, and
    records of opted-out numbers are marked under other locks. In a transaction of several portals, whose lock order is
    (portal, kind), such executions get NeedsOwnTransaction. HubSpot must not be answered before the transaction is
    committed.
    """
    portals: dict[int, dict[str, ExecutionInput]] = {}
    for portal_id, item in given:
        portals.setdefault(portal_id, {})[execution_of(item).callback_id] = item
    decided = decide_executions(conn, portals, deployment_prefix=deployment_prefix, now=datetime.now(UTC))
    settle = _settle_alone if len(portals) == 1 else _settle_together
    answers = settle(conn, decided)
    return [answers[portal_id, execution_of(item).callback_id] for portal_id, item in given]


def _settle_alone(conn: Conn, decided: Decisions) -> dict[Key, Answer]:
    """Store and answer executions of one portal."""
    new = [item for item in decided.values() if isinstance(item, NewExecution)]
    won = _store(conn, new)
    answers = {
        key: _answer(item.row)
        for key, item in decided.items()
        if key in won and isinstance(item, NewExecution)
    }
    others = [key for key, item in decided.items() if key not in won and not isinstance(item, Exception)]
    found = _repeated(conn, others)
    opted_out = [entry for item in new for entry in item.opted_out]
    for portal_id, _ in list(decided)[:1] if opted_out else []:
        note_opted_out(conn, portal_id, opted_out)
    return {
        **{key: item for key, item in decided.items() if not isinstance(item, NewExecution)},
        **answers,
        **found,
    }


def _settle_together(conn: Conn, decided: Decisions) -> dict[Key, Answer]:
    """Store and answer executions of several portals; those that are not simply new need a transaction of their own."""
    answers: dict[Key, Answer] = {
        key: item if isinstance(item, Exception) else NeedsOwnTransaction() for key, item in decided.items()
    }
    plain = {
        key: item for key, item in decided.items() if isinstance(item, NewExecution) and not item.opted_out
    }
    won = _store(conn, list(plain.values()))
    return {**answers, **{key: _answer(item.row) for key, item in plain.items() if key in won}}


def _store(conn: Conn, new: list[NewExecution]) -> set[Key]:
    """Store the executions that are not stored yet, and return which."""
    if not new:
        return set()
    rows = [entry.row for entry in new]
    fresh = [entry.message for entry in new if entry.message is not None]
    due = executions.lanes_of(rows, fresh)
    # One round-trip. Lanes may be woken for repeated rows, which only costs a look.
    with conn.pipeline():
        entered = lanes.enter_all(conn, due)
        inserted = executions.insert_many(entered, rows, fresh, cause=Cause.WORKFLOW)
    lanes.wake_all(
        [
            (entered[portal_id], kind, due_at)
            for portal_id, kinds in due.items()
            for kind, due_at in kinds.items()
        ]
    )
    return {(row["portal_id"], row["callback_id"]) for row in inserted}


def _repeated(conn: Conn, keys: Sequence[Key]) -> dict[Key, Answer]:
    """The answers of executions of one portal that are stored, read in a separate statement (protocol P16, P17)."""
    if not keys:
        return {}
    portal_id = keys[0][0]
    found = executions.hold(conn, portal_id, [callback_id for _, callback_id in keys])
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
    return {(portal_id, row.callback_id): _answer(row) for row in found}


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
