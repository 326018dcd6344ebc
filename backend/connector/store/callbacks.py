"""Outcomes that HubSpot is to be told (protocol P17): which are due, and what became of telling them.

Nothing here changes an outcome: whatever is told twice is told the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.store.database import Conn

# Between two tries of one that HubSpot refuses alone: 10 s, doubling, at most this.
MAX_DELAY_S = 6 * 3600
_FIRST_DELAY_S = 10
# `last_error` while a call that tells the outcome has left and its answer is not known.
_UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Callback:
    """One outcome that is due."""

    callback_id: str
    outputs: dict[str, str]
    is_blocked: bool  # False: HubSpot has had the outcome as the answer to a repeated execution
    callback_failures: int
    is_unanswered: bool  # an earlier call may have told it


def due(conn: Conn, portal_id: int, limit: int) -> list[Callback]:
    """The outcomes to tell now, oldest first: those that nobody has refused, or else one that may well be refused.

    What HubSpot has refused alone, or has had before, is told alone: in a batch it would have the others refused.
    """
    rows = conn.execute(
        """
        SELECT callback_id, outputs, is_blocked, callback_failures,
            last_error IS NOT DISTINCT FROM %(unanswered)s AS is_unanswered
        FROM (
            (SELECT *, true AS is_fresh FROM workflow_executions
             WHERE portal_id = %(portal_id)s AND check_at <= now() AND state = 'due' AND callback_failures = 0
               AND is_blocked ORDER BY check_at, callback_id LIMIT %(limit)s)
            UNION ALL
            (SELECT *, false FROM workflow_executions
             WHERE portal_id = %(portal_id)s AND check_at <= now() AND state = 'due'
               AND (callback_failures > 0 OR NOT is_blocked) ORDER BY check_at, callback_id LIMIT 1)
        ) AS found ORDER BY is_fresh DESC, check_at, callback_id
        """,
        {"portal_id": portal_id, "limit": limit, "unanswered": _UNANSWERED},
    ).fetchall()
    found = [Callback(**row) for row in rows]
    alone = [one for one in found if one.callback_failures or not one.is_blocked]
    return found[: len(found) - len(alone)] or alone


def begin(conn: Conn, portal_id: int, callback_ids: Sequence[str]) -> None:
    """A call that tells these leaves now; committed before it does."""
    conn.execute(
        "UPDATE workflow_executions SET last_error = %s"
        " WHERE portal_id = %s AND callback_id = ANY(%s) AND state = 'due'",
        (_UNANSWERED, portal_id, list(callback_ids)),
    )


def not_told(conn: Conn, portal_id: int, callback_ids: Sequence[str]) -> None:
    """The call has told none of these for certain."""
    conn.execute(
        "UPDATE workflow_executions SET last_error = NULL"
        " WHERE portal_id = %s AND callback_id = ANY(%s) AND state = 'due' AND last_error = %s",
        (portal_id, list(callback_ids), _UNANSWERED),
    )


def mark_told(conn: Conn, portal_id: int, callback_ids: Sequence[str]) -> None:
    """HubSpot knows these outcomes."""
    conn.execute(
        "UPDATE workflow_executions SET state = 'done', check_at = NULL, done_at = now(), last_error = NULL"
        " WHERE portal_id = %s AND callback_id = ANY(%s) AND state = 'due'",
        (portal_id, list(callback_ids)),
    )


def mark_refused(conn: Conn, portal_id: int, callback_id: str, error: str) -> None:
    """HubSpot refused this one alone: try again later, as long as it waits."""
    conn.execute(
        """
        UPDATE workflow_executions SET callback_failures = LEAST(callback_failures + 1, 1000), last_error = %(error)s,
            check_at = LEAST(blocked_until, now() + make_interval(secs =>
                LEAST(%(first_s)s * 2 ^ LEAST(callback_failures, 20), %(max_s)s)))
        WHERE portal_id = %(portal_id)s AND callback_id = %(callback_id)s AND state = 'due'
        """,
        {
            "portal_id": portal_id,
            "callback_id": callback_id,
            "error": error,
            "first_s": _FIRST_DELAY_S,
            "max_s": MAX_DELAY_S,
        },
    )


def expire(conn: Conn, portal_id: int) -> int:
    """Give up those that HubSpot no longer waits for; returns how many there were."""
    rows = conn.execute(
        "UPDATE workflow_executions SET state = 'expired', check_at = NULL, done_at = now()"
        " WHERE portal_id = %s AND state = 'due' AND check_at <= now() AND blocked_until <= now() AND is_blocked"
        " RETURNING 1",
        (portal_id,),
    ).fetchall()
    return len(rows)


def next_due_at(conn: Conn, portal_id: int) -> datetime | None:
    """When the lane has to look: a wait's timer or news, an outcome to tell. None too for a portal that has left."""
    row = conn.execute(
        "SELECT min(e.check_at) AS at FROM workflow_executions e JOIN portals p USING (portal_id)"
        " WHERE e.portal_id = %s AND e.check_at IS NOT NULL AND p.state = 'installed'",
        (portal_id,),
    ).fetchone()
    return row["at"] if row else None
