"""Outcomes that HubSpot is to be told (protocol P17): which are due, and what became of telling them.

Nothing here changes an outcome: whatever is told twice is told the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.domain.vocabulary import Standing
from connector.store.crm import write_streams
from connector.store.database import Conn
from connector.store.rows import reader

# Between two tries of one that HubSpot refuses: 10 s, doubling, at most this.
MAX_DELAY_S = 6 * 3600
_FIRST_DELAY_S = 10
# `last_error` while a call that tells the outcome has left and its answer is not known.
_UNANSWERED = "unanswered"


#: Name of the portal's callbacks among its streams of writes.
STREAM = "callbacks"


@dataclass(frozen=True, slots=True)
class Callback:
    """One outcome that is due."""

    callback_id: str
    outputs: dict[str, str]
    is_blocked: bool  # False: HubSpot has had the outcome as the answer to a repeated execution
    is_unanswered: bool  # an earlier call may have told it
    standing: Standing


_read_callback = reader(Callback)


def due(conn: Conn, portal_id: int, limit: int) -> list[Callback]:
    """Outcomes of one standing to tell now, oldest first: fresh ones before those that HubSpot may well refuse.

    What it has refused is told alone: in a batch it would have the others refused. Behind a call they gather for some
    seconds, unless they fill the next one already.
    """
    callbacks = _fresh(conn, portal_id, limit)
    if len(callbacks) < limit and write_streams.is_quiet(conn, portal_id, STREAM):
        return []
    callbacks = callbacks or _others(conn, portal_id, limit)
    if callbacks and callbacks[0].standing == Standing.REFUSED:
        return callbacks[:1]
    return [callback for callback in callbacks if callback.standing == callbacks[0].standing]


def _fresh(conn: Conn, portal_id: int, limit: int) -> list[Callback]:
    """Outcomes that no call has reported yet."""
    rows = conn.execute(
        """
        SELECT callback_id, outputs, is_blocked, false AS is_unanswered, 'fresh' AS standing FROM workflow_executions
        WHERE portal_id = %(portal_id)s AND check_at <= now() AND state = 'due' AND callback_failures = 0
          AND is_blocked AND last_error IS DISTINCT FROM %(unanswered)s
        ORDER BY check_at, callback_id LIMIT %(limit)s
        """,
        {"portal_id": portal_id, "unanswered": _UNANSWERED, "limit": limit},
    )
    return [_read_callback(row) for row in rows]


def _others(conn: Conn, portal_id: int, limit: int) -> list[Callback]:
    """Outcomes by their standing. If HubSpot has taken another outcome since it refused a batch, it takes them: what is
    doubted since then counts as known.
    """
    rows = conn.execute(
        """
        SELECT e.callback_id, e.outputs, e.is_blocked,
            e.last_error IS NOT DISTINCT FROM %(unanswered)s AS is_unanswered, outcome.standing
        FROM workflow_executions e LEFT JOIN write_streams s ON s.portal_id = e.portal_id AND s.stream = %(stream)s
        CROSS JOIN LATERAL (SELECT CASE
            WHEN NOT e.is_blocked OR e.last_error = %(unanswered)s OR e.doubted_at < s.taken_at THEN 'known'
            WHEN e.doubted_at IS NOT NULL THEN 'doubted' ELSE 'refused' END AS standing) AS outcome
        WHERE e.portal_id = %(portal_id)s AND e.check_at <= now() AND e.state = 'due'
        ORDER BY outcome.standing = 'refused', outcome.standing = 'doubted', e.check_at, e.callback_id LIMIT %(limit)s
        """,
        {"portal_id": portal_id, "unanswered": _UNANSWERED, "stream": STREAM, "limit": limit},
    )
    return [_read_callback(row) for row in rows]


def begin(conn: Conn, portal_id: int, callback_ids: Sequence[str]) -> None:
    """A call that tells these leaves now; committed before it does."""
    conn.execute(
        """
        UPDATE workflow_executions SET last_error = %(unanswered)s
        WHERE portal_id = %(portal_id)s AND callback_id = ANY(%(callback_ids)s) AND state = 'due'
        """,
        {"unanswered": _UNANSWERED, "portal_id": portal_id, "callback_ids": list(callback_ids)},
    )


def not_told(conn: Conn, portal_id: int, callback_ids: Sequence[str]) -> None:
    """The call has told none of these for certain."""
    conn.execute(
        """
        UPDATE workflow_executions SET last_error = NULL
        WHERE portal_id = %(portal_id)s AND callback_id = ANY(%(callback_ids)s) AND state = 'due'
          AND last_error = %(unanswered)s
        """,
        {"portal_id": portal_id, "callback_ids": list(callback_ids), "unanswered": _UNANSWERED},
    )


def mark_told(conn: Conn, portal_id: int, callback_ids: Sequence[str]) -> None:
    """HubSpot knows these outcomes."""
    conn.execute(
        """
        UPDATE workflow_executions SET state = 'done', check_at = NULL, done_at = now(), last_error = NULL
        WHERE portal_id = %s AND callback_id = ANY(%s) AND state = 'due'
        """,
        (portal_id, list(callback_ids)),
    )


def mark_refused(
    conn: Conn, portal_id: int, callback_ids: Sequence[str], error: str, *, is_doubted: bool
) -> None:
    """HubSpot refused these: try again later, as long as it waits. `is_doubted`: it may have taken them."""
    conn.execute(
        """
        UPDATE workflow_executions SET callback_failures = LEAST(callback_failures + 1, 1000), last_error = %(error)s,
            doubted_at = CASE WHEN %(is_doubted)s THEN COALESCE(doubted_at, now()) ELSE doubted_at END,
            check_at = LEAST(blocked_until, now() + make_interval(secs =>
                LEAST(%(first_s)s * 2 ^ LEAST(callback_failures, 20), %(max_s)s)))
        WHERE portal_id = %(portal_id)s AND callback_id = ANY(%(callback_ids)s) AND state = 'due'
        """,
        {
            "portal_id": portal_id,
            "callback_ids": list(callback_ids),
            "error": error,
            "is_doubted": is_doubted,
            "first_s": _FIRST_DELAY_S,
            "max_s": MAX_DELAY_S,
        },
    )


def expire(conn: Conn, portal_id: int) -> int:
    """Give up those that HubSpot no longer waits for; returns how many there were."""
    rows = conn.execute(
        """
        UPDATE workflow_executions SET state = 'expired', check_at = NULL, done_at = now()
        WHERE portal_id = %s AND state = 'due' AND check_at <= now() AND blocked_until <= now() AND is_blocked
        RETURNING 1
        """,
        (portal_id,),
    ).fetchall()
    return len(rows)


def next_due_at(conn: Conn, portal_id: int) -> datetime | None:
    """When the lane has to look: a wait's timer or news, an outcome to tell. None too for a portal that has left."""
    # The outcomes that are due wait until the stream is not quiet any more; what else is first does not.
    row = conn.execute(
        """
        SELECT LEAST(others.at, GREATEST(first.at, s.quiet_until)) AS at
        FROM portals p LEFT JOIN write_streams s ON s.portal_id = p.portal_id AND s.stream = %s
        CROSS JOIN LATERAL (SELECT min(check_at) AS at FROM workflow_executions
                            WHERE portal_id = p.portal_id AND check_at IS NOT NULL) AS first
        CROSS JOIN LATERAL (SELECT min(check_at) AS at FROM workflow_executions
                            WHERE portal_id = p.portal_id AND check_at IS NOT NULL AND state <> 'due') AS others
        WHERE p.portal_id = %s AND p.state = 'installed' AND first.at IS NOT NULL
        """,
        (STREAM, portal_id),
    ).fetchone()
    return row["at"] if row else None
