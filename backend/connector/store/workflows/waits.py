"""Executions that wait for their message's outcome (protocol P18): finding the due ones, and ending them.

A transaction that moves a message locks its row before the execution's. So functions here that lock several rows skip
rows locked by others instead of waiting, which rules out deadlocks.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql
from psycopg.types.json import Jsonb

from connector.domain.vocabulary import LaneKind, MessageState, Reason, WaitFor
from connector.store.database import Conn
from connector.store.lanes import Entered
from connector.store.rows import reader
from connector.store.statements import compose

#: An outcome is reported no earlier than this after the execution's row was created, or after another BLOCK answer.
#: That answer is then 10 s old (protocol P17: HubSpot may not have registered it before).
REPORT_AFTER_S = 11
#: The earliest time of a report, for a row `e` of `workflow_executions`.
EARLIEST_REPORT = sql.SQL("COALESCE(e.answered_at, e.created_at) + make_interval(secs => {})").format(
    sql.Literal(REPORT_AFTER_S)
)


@dataclass(frozen=True, slots=True)
class Wait:
    """A waiting execution with the known facts about its message."""

    callback_id: str
    message_id: uuid.UUID
    wait_for: WaitFor
    wait_s: int
    blocked_until: datetime
    timer_at: datetime
    outputs: dict[str, str]
    state: MessageState | None  # of the message, like the next columns; None: it was deleted
    reason: Reason | None
    accepted_at: datetime | None
    cost_credits: int | None
    is_clicked: bool
    looked_at: datetime  # by the database's clock, which also decides due times


_read_wait = reader(Wait)


def lock_due(conn: Conn, portal_id: int, limit: int) -> list[Wait]:
    """Due waits with their messages, both locked until this transaction ends."""
    due = conn.execute(
        """
        SELECT callback_id, message_id FROM workflow_executions
        WHERE portal_id = %s AND state = 'waiting' AND check_at <= now()
        ORDER BY check_at LIMIT %s
        """,
        (portal_id, limit),
    ).fetchall()
    if not due:
        return []
    locked = conn.execute(
        """
        SELECT message_id FROM messages WHERE portal_id = %s AND message_id = ANY(%s)
        ORDER BY message_id FOR NO KEY UPDATE SKIP LOCKED
        """,
        (portal_id, [row["message_id"] for row in due]),
    ).fetchall()
    callback_ids = [row["callback_id"] for row in due]
    return _lock_waits(conn, portal_id, callback_ids, [row["message_id"] for row in locked])


def _lock_waits(
    conn: Conn, portal_id: int, callback_ids: list[str], locked_message_ids: list[uuid.UUID]
) -> list[Wait]:
    """The waits whose message this transaction has locked, or was deleted.

    A wait without a message must not stay due for ever. Other messages are locked by another transaction.
    """
    rows = conn.execute(
        """
        SELECT e.callback_id, e.message_id, e.wait_for, e.wait_s, e.blocked_until, e.timer_at, e.outputs,
            m.state, m.reason, m.accepted_at, m.cost_credits, now() AS looked_at,
            EXISTS (SELECT 1 FROM link_clicks c
                WHERE c.portal_id = m.portal_id AND c.message_id = m.message_id AND c.has_person)
                AS is_clicked
        FROM workflow_executions e LEFT JOIN messages m USING (portal_id, message_id)
        WHERE e.portal_id = %(portal_id)s AND e.callback_id = ANY(%(callback_ids)s) AND e.state = 'waiting'
          AND (m.message_id IS NULL OR m.message_id = ANY(%(locked)s))
        ORDER BY e.message_id FOR UPDATE OF e SKIP LOCKED
        """,
        {"portal_id": portal_id, "callback_ids": callback_ids, "locked": locked_message_ids},
    )
    return [_read_wait(row) for row in rows]


def hold_message(conn: Conn, portal_id: int, message_id: uuid.UUID) -> None:
    """Lock the message until the end of the transaction, before one of its waits is ended."""
    conn.execute(
        "SELECT 1 FROM messages WHERE portal_id = %s AND message_id = %s FOR NO KEY UPDATE",
        (portal_id, message_id),
    )


def of_message(conn: Conn, portal_id: int, message_id: uuid.UUID, wait_for: WaitFor) -> list[str]:
    """Executions that wait for this event of the message, locked; it waits for other transactions' locks."""
    rows = conn.execute(
        """
        SELECT callback_id FROM workflow_executions
        WHERE portal_id = %(portal_id)s AND message_id = %(message_id)s AND wait_for = %(wait_for)s
          AND state = 'waiting'
        ORDER BY callback_id FOR UPDATE
        """,
        {"portal_id": portal_id, "message_id": message_id, "wait_for": wait_for},
    )
    return [row["callback_id"] for row in rows]


_CONCLUDE = compose(
    """
    UPDATE workflow_executions e SET state = 'due', outputs = COALESCE(e.outputs, '{}') || outcome.changes,
        timer_at = NULL, check_at = GREATEST(now(), {earliest_report})
    FROM unnest(%(callback_ids)s::text[], %(changes)s::jsonb[]) AS outcome (callback_id, changes)
    WHERE e.portal_id = %(portal_id)s AND e.callback_id = outcome.callback_id AND e.state = 'waiting'
    RETURNING e.check_at
    """,
    earliest_report=EARLIEST_REPORT,
)


def conclude(entered: Entered, outcomes: Sequence[tuple[str, Mapping[str, str]]]) -> datetime | None:
    """End waits: (callback id, changed output fields). Returns the time of the first report; None: none ended.

    The outcome of an ended wait is not changed, because a reported outcome never changes.
    """
    entered.require(LaneKind.CALLBACKS)
    rows = entered.conn.execute(
        _CONCLUDE,
        {
            "portal_id": entered.portal_id,
            "callback_ids": [callback_id for callback_id, _ in outcomes],
            "changes": [Jsonb(dict(changes)) for _, changes in outcomes],
        },
    ).fetchall()
    return min((row["check_at"] for row in rows), default=None)


def wait_on(conn: Conn, portal_id: int, timers: Sequence[tuple[str, datetime]]) -> None:
    """Let undecided waits go on: (callback id, end of their time)."""
    conn.execute(
        """
        UPDATE workflow_executions e SET timer_at = timer.timer_at, check_at = timer.timer_at
        FROM unnest(%(callback_ids)s::text[], %(timers)s::timestamptz[]) AS timer (callback_id, timer_at)
        WHERE e.portal_id = %(portal_id)s AND e.callback_id = timer.callback_id AND e.state = 'waiting'
        """,
        {
            "portal_id": portal_id,
            "callback_ids": [callback_id for callback_id, _ in timers],
            "timers": [at for _, at in timers],
        },
    )
