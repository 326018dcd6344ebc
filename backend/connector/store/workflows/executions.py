"""Executions of workflow actions. The row is the idempotency key of HubSpot's repeated calls (protocol P15-P18)."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_type_hints

from psycopg import Cursor
from psycopg.rows import DictRow

from connector.domain.vocabulary import Action, AnyCause, ExecutionState, LaneKind, WaitFor
from connector.store.database import Conn, columns
from connector.store.json_rows import as_json, from_json
from connector.store.lanes import Entered
from connector.store.messages import messages
from connector.store.messages.messages import Message, as_given
from connector.store.rows import reader
from connector.store.statements import compose, load_sql


@dataclass(slots=True)  # not frozen: made by the thousand (see store.messages.messages.Message)
class StoredExecution:
    """One row of `workflow_executions`; the migration documents meanings and nulls."""

    portal_id: int
    callback_id: str
    action: Action
    workflow_id: str | None
    object_type_id: str
    object_id: str
    state: ExecutionState
    request: Mapping[str, Any] | None
    message_id: uuid.UUID | None
    outputs: Mapping[str, str] | None
    wait_for: WaitFor
    wait_s: int | None
    is_blocked: bool
    blocked_until: datetime | None
    timer_at: datetime | None
    check_at: datetime | None
    created_at: datetime
    done_at: datetime | None


_read_execution = reader(StoredExecution)
_FIELDS = tuple(get_type_hints(StoredExecution))
COLUMNS = columns(*_FIELDS)

_INSERT_MANY = load_sql(
    __file__,
    "insert_many",
    columns=COLUMNS,
    executions=from_json("workflow_executions", "shared_executions", "executions"),
    message_columns=messages.COLUMNS,
    messages=from_json("messages", "shared_messages", "messages"),
)


def insert_many(
    entered: Mapping[int, Entered],
    new: Sequence[StoredExecution],
    their_messages: Sequence[Message],
    *,
    cause: AnyCause,
) -> Cursor[DictRow]:
    """Store executions of some portals, and the messages of those that are new, in one statement.

    Returns the (`portal_id`, `callback_id`) of the new ones, to be read after the caller's pipeline ends. It waits for
    rivals that have not committed yet, so the `hold` that follows sees the rows of the others (protocol P16).
    """
    for portal_id, kinds in lanes_of(new, their_messages).items():
        entered[portal_id].require(*kinds)
    shared_executions, rows = as_json(new, _FIELDS)
    shared_messages, message_rows = as_given(their_messages) if their_messages else ("{}", "[]")
    return next(iter(entered.values())).conn.execute(
        _INSERT_MANY,
        {
            "shared_executions": shared_executions,
            "executions": rows,
            "shared_messages": shared_messages,
            "messages": message_rows,
            "cause": cause,
        },
    )


def lanes_of(
    new: Sequence[StoredExecution], their_messages: Sequence[Message]
) -> dict[int, dict[LaneKind, datetime | None]]:
    """The lanes whose rows these are, by portal, and when each is due (None: now)."""
    due: dict[int, dict[LaneKind, datetime | None]] = {row.portal_id: {} for row in new}
    for message in their_messages:
        for kind, at in messages.due_lanes(message):
            _lower(due[message.portal_id], kind, at)
    for row in new:
        if row.state == ExecutionState.RESOLVING:
            due[row.portal_id][LaneKind.RESOLVE] = None
        if row.check_at is not None:
            _lower(due[row.portal_id], LaneKind.CALLBACKS, row.check_at)
    return due


def _lower(due: dict[LaneKind, datetime | None], kind: LaneKind, at: datetime) -> None:
    known = due.get(kind)
    due[kind] = at if known is None else min(known, at)


_HOLD = compose(
    """
    SELECT {columns} FROM workflow_executions
    WHERE portal_id = %s AND callback_id = ANY(%s)
    ORDER BY callback_id FOR UPDATE
    """,
    columns=COLUMNS,
)


def hold(conn: Conn, portal_id: int, callback_ids: Sequence[str]) -> list[StoredExecution]:
    """The given executions that are stored, locked: the answer to HubSpot stays true until the commit."""
    rows = conn.execute(
        _HOLD,
        (portal_id, list(callback_ids)),
    )
    return [_read_execution(row) for row in rows]


def note_block(conn: Conn, portal_id: int, callback_ids: Sequence[str]) -> None:
    """Note another BLOCK answer for locked executions: HubSpot may only now register the block."""
    conn.execute(
        """
        UPDATE workflow_executions SET answered_at = clock_timestamp()
        WHERE portal_id = %s AND callback_id = ANY(%s)
        """,
        (portal_id, list(callback_ids)),
    )


def rearm(entered: Entered, callback_ids: Sequence[str], *, check_at: datetime) -> None:
    """HubSpot repeated locked executions whose outcome it may have: report it once more (protocol P17).

    Our latest answer is not a BLOCK, so the result of that callback does not matter.
    `entered` for `callbacks`, which the caller wakes.
    """
    entered.require(LaneKind.CALLBACKS)
    entered.conn.execute(
        """
        UPDATE workflow_executions SET state = 'due', is_blocked = false, check_at = %(check_at)s
        WHERE portal_id = %(portal_id)s AND callback_id = ANY(%(callback_ids)s) AND is_blocked
          AND state IN ('due', 'done')
        """,
        {"check_at": check_at, "portal_id": entered.portal_id, "callback_ids": list(callback_ids)},
    )


def wake_waiting(conn: Conn, portal_id: int, message_ids: list[uuid.UUID]) -> bool:
    """Make the executions that wait for one of these messages due now. True: there are some."""
    found = conn.execute(
        """
        UPDATE workflow_executions e SET check_at = now()
        FROM (SELECT callback_id FROM workflow_executions
              WHERE portal_id = %(portal_id)s AND message_id = ANY(%(message_ids)s) AND state = 'waiting'
              ORDER BY callback_id FOR NO KEY UPDATE) AS held
        WHERE e.portal_id = %(portal_id)s AND e.callback_id = held.callback_id RETURNING 1
        """,
        {"portal_id": portal_id, "message_ids": message_ids},
    ).fetchone()
    return found is not None


def hold_waiting(conn: Conn, portal_id: int, message_ids: Collection[uuid.UUID]) -> None:
    """Lock the executions that wait for these locked messages, in the order of their ids (protocol P26)."""
    conn.execute(
        """
        SELECT 1 FROM workflow_executions
        WHERE portal_id = %s AND message_id = ANY(%s) AND state = 'waiting'
        ORDER BY callback_id FOR NO KEY UPDATE
        """,
        (portal_id, list(message_ids)),
    )
