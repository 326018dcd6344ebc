"""Outcomes to report to HubSpot (protocol P17): the due ones, and the results of reporting them.

Nothing here changes an outcome, so a repeated report has the same content.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.domain.vocabulary import Standing
from connector.store.crm import write_streams
from connector.store.database import Conn
from connector.store.rows import reader

# Time between two tries of a refused outcome: 10 s, doubling, at most this.
MAX_DELAY_S = 6 * 3600
_FIRST_DELAY_S = 10
# `last_error` while the answer to a call that reports the outcome is unknown.
_UNANSWERED = "unanswered"


#: Name of the portal's callbacks among its streams of writes.
STREAM = "callbacks"


@dataclass(frozen=True, slots=True)
class Callback:
    """One outcome that is due."""

    callback_id: str
    outputs: dict[str, str]
    is_blocked: bool  # False: HubSpot got the outcome as the answer to a repeated execution
    is_unanswered: bool  # an earlier call may have reported it
    standing: Standing


_read_callback = reader(Callback)


def due(conn: Conn, portal_id: int, limit: int) -> list[Callback]:
    """Due outcomes of one standing, oldest first: fresh ones before those that HubSpot may refuse.

    Refused ones are reported alone: in a batch they could make HubSpot refuse the others. After a call, outcomes
    gather for some seconds, unless they already fill the next one.
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
    """Outcomes by their standing.

    If HubSpot has accepted another outcome since it refused a batch, the outcomes doubted since then count as known.
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


def _hold(conn: Conn, portal_id: int, callback_ids: Sequence[str]) -> None:
    """Lock these executions in the order of their ids, as HubSpot's repeated calls do (protocol P26)."""
    conn.execute(
        """
        SELECT 1 FROM workflow_executions WHERE portal_id = %s AND callback_id = ANY(%s)
        ORDER BY callback_id FOR NO KEY UPDATE
        """,
        (portal_id, list(callback_ids)),
    )


def begin(conn: Conn, portal_id: int, callback_ids: Sequence[str]) -> None:
    """Note that a call that reports these is about to leave; commit before it does."""
    _hold(conn, portal_id, callback_ids)
    conn.execute(
        """
        UPDATE workflow_executions SET last_error = %(unanswered)s
        WHERE portal_id = %(portal_id)s AND callback_id = ANY(%(callback_ids)s) AND state = 'due'
        """,
        {"unanswered": _UNANSWERED, "portal_id": portal_id, "callback_ids": list(callback_ids)},
    )


def mark_unreported(conn: Conn, portal_id: int, callback_ids: Sequence[str]) -> None:
    """Note that the call certainly reported none of these."""
    _hold(conn, portal_id, callback_ids)
    conn.execute(
        """
        UPDATE workflow_executions SET last_error = NULL
        WHERE portal_id = %(portal_id)s AND callback_id = ANY(%(callback_ids)s) AND state = 'due'
          AND last_error = %(unanswered)s
        """,
        {"portal_id": portal_id, "callback_ids": list(callback_ids), "unanswered": _UNANSWERED},
    )


def mark_reported(conn: Conn, portal_id: int, callback_ids: Sequence[str]) -> None:
    """Note that HubSpot has these outcomes."""
    _hold(conn, portal_id, callback_ids)
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
    """HubSpot refused these: retry later, while it waits. `is_doubted`: it may have accepted them."""
    _hold(conn, portal_id, callback_ids)
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
    """Give up outcomes that HubSpot no longer waits for; returns their number. Locked ones are left for later."""
    rows = conn.execute(
        """
        UPDATE workflow_executions e SET state = 'expired', check_at = NULL, done_at = now()
        FROM (SELECT callback_id FROM workflow_executions
              WHERE portal_id = %(portal_id)s AND state = 'due' AND check_at <= now() AND blocked_until <= now()
                AND is_blocked ORDER BY callback_id FOR NO KEY UPDATE SKIP LOCKED) AS held
        WHERE e.portal_id = %(portal_id)s AND e.callback_id = held.callback_id RETURNING 1
        """,
        {"portal_id": portal_id},
    ).fetchall()
    return len(rows)


def next_due_at(conn: Conn, portal_id: int) -> datetime | None:
    """The lane's next due time: a wait's timer or news, or an outcome to report. None for an uninstalled portal."""
    # Due outcomes wait until the end of the stream's quiet time; other work does not.
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
