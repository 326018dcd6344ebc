"""Executions whose recipient or values are still being read from HubSpot, and the result of each."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from connector.domain.vocabulary import Action, LaneKind
from connector.store.database import Conn
from connector.store.lanes import Entered
from connector.store.rows import reader
from connector.store.statements import compose
from connector.store.workflows.waits import EARLIEST_REPORT


@dataclass(frozen=True, slots=True)
class Resolving:
    """An accepted execution without a message yet."""

    callback_id: str
    action: Action
    workflow_id: str | None
    object_type_id: str
    object_id: str
    request: dict[str, Any]  # the raw inputs
    wait_s: int | None
    blocked_until: datetime


@dataclass(frozen=True, slots=True)
class Resolved:
    """The result of an execution: a message to wait for, or an outcome to report to HubSpot."""

    callback_id: str
    outputs: dict[str, str]
    message_id: uuid.UUID | None = None
    timer_at: datetime | None = None  # None: no wait, the outcome is reported at once


_read_resolving = reader(Resolving)


def due(conn: Conn, portal_id: int, limit: int) -> list[Resolving]:
    """The oldest executions, in the order of arrival."""
    rows = conn.execute(
        """
        SELECT callback_id, action, workflow_id, object_type_id, object_id, request, wait_s, blocked_until
        FROM workflow_executions
        WHERE portal_id = %s AND state = 'resolving' ORDER BY created_at, callback_id LIMIT %s
        """,
        (portal_id, limit),
    )
    return [_read_resolving(row) for row in rows]


def hold(conn: Conn, portal_id: int, callback_ids: Sequence[str]) -> set[str]:
    """The executions not resolved meanwhile, locked: their message is created once."""
    rows = conn.execute(
        """
        SELECT callback_id FROM workflow_executions
        WHERE portal_id = %s AND callback_id = ANY(%s) AND state = 'resolving'
        ORDER BY callback_id FOR UPDATE
        """,
        (portal_id, list(callback_ids)),
    )
    return {row["callback_id"] for row in rows}


_CONCLUDE = compose(
    """
    UPDATE workflow_executions e SET request = NULL, outputs = result.outputs, message_id = result.message_id,
        timer_at = result.timer_at, state = CASE WHEN result.timer_at IS NULL THEN 'due' ELSE 'waiting' END,
        check_at = COALESCE(result.timer_at, GREATEST(now(), {earliest_report}))
    FROM unnest(%(callback_ids)s::text[], %(outputs)s::jsonb[], %(message_ids)s::uuid[], %(timers)s::timestamptz[])
        AS result (callback_id, outputs, message_id, timer_at)
    WHERE e.portal_id = %(portal_id)s AND e.callback_id = result.callback_id AND e.state = 'resolving'
    RETURNING e.check_at
    """,
    earliest_report=EARLIEST_REPORT,
)


def conclude(entered: Entered, resolved: Sequence[Resolved]) -> datetime | None:
    """Record the results of locked executions. Returns the callbacks lane's due time; None: nothing given."""
    entered.require(LaneKind.CALLBACKS)
    rows = entered.conn.execute(
        _CONCLUDE,
        {
            "portal_id": entered.portal_id,
            "callback_ids": [result.callback_id for result in resolved],
            "outputs": [Jsonb(result.outputs) for result in resolved],
            "message_ids": [result.message_id for result in resolved],
            "timers": [result.timer_at for result in resolved],
        },
    ).fetchall()
    return min((row["check_at"] for row in rows), default=None)


def next_due_at(conn: Conn, portal_id: int) -> datetime | None:
    """Now, if executions wait to be resolved and the portal has the app."""
    row = conn.execute(
        """
        SELECT now() AS at FROM portals
        WHERE portal_id = %s AND state = 'installed'
          AND EXISTS (SELECT 1 FROM workflow_executions e
                      WHERE e.portal_id = portals.portal_id AND e.state = 'resolving')
        """,
        (portal_id,),
    ).fetchone()
    return row["at"] if row else None
