"""The state of each portal's call budgets at HubSpot, shared by all processes (protocol P23)."""

from dataclasses import dataclass

from psycopg import Cursor
from psycopg.rows import DictRow

from connector.domain import call_budget
from connector.domain.call_budget import Allowance
from connector.store.database import Conn


@dataclass(frozen=True, slots=True)
class Grant:
    """Calls that may be made now; `wait_s` is 0 unless there are none."""

    count: int
    wait_s: float
    max_calls: int  # the known limit, in `interval_s`
    interval_s: float


def take(conn: Conn, portal_id: int, bucket: str, wanted: int, *, urgent: bool) -> Grant:
    """Take up to `wanted` calls, and commit: the row is only locked for a moment.

    The commit is asynchronous: a crash of the database may forget the calls of its last half second.
    """
    row = _locked(conn, portal_id, bucket)
    limit = call_budget.limit_of(bucket, row["max_calls"], row["interval_s"])
    if row["paused_s"] > 0:
        conn.commit()
        return Grant(0, row["paused_s"], row["max_calls"], row["interval_s"])
    allowance = Allowance(row["tokens"], row["background_tokens"])
    allowance = call_budget.refilled(allowance, limit, row["elapsed_s"])
    count, left = call_budget.granted(allowance, wanted, urgent=urgent)
    conn.execute(
        """
        UPDATE call_budgets SET tokens = %(tokens)s, background_tokens = %(background_tokens)s, refilled_at = %(at)s
        WHERE portal_id = %(portal_id)s AND bucket = %(bucket)s
        """,
        {
            "tokens": left.all,
            "background_tokens": left.background,
            "at": row["at"],
            "portal_id": portal_id,
            "bucket": bucket,
        },
    )
    conn.commit()
    wait_s = 0.0 if count else call_budget.wait_s(left, limit, wanted, urgent=urgent)
    return Grant(count, wait_s, row["max_calls"], row["interval_s"])


def count_urgent(conn: Conn, portal_id: int) -> Cursor[DictRow]:
    """Count one call of a user, as the last statement of the caller's transaction: the row stays locked until its end.

    The same figures as `domain.call_budget`. The row found is the known limit. No row: no call may be made now, or none
    was ever counted, and `take` decides. The transaction commits asynchronously: it must write nothing else.
    """
    return conn.execute(
        """
        UPDATE call_budgets SET
            tokens = LEAST(GREATEST(1, max_calls * 14 / 110), tokens + max_calls * 9.0::float / 11 / interval_s
                * GREATEST(0, EXTRACT(EPOCH FROM statement_timestamp() - refilled_at)::float)) - 1,
            background_tokens = LEAST(GREATEST(1, GREATEST(1, max_calls * 14 / 110) * 10 / 14), background_tokens
                + max_calls * 9.0::float / 11 / interval_s * 7 / 9
                * GREATEST(0, EXTRACT(EPOCH FROM statement_timestamp() - refilled_at)::float)),
            refilled_at = GREATEST(refilled_at, statement_timestamp())
        WHERE portal_id = %s AND bucket = %s AND (paused_until IS NULL OR paused_until <= statement_timestamp())
          AND LEAST(GREATEST(1, max_calls * 14 / 110), tokens + max_calls * 9.0::float / 11 / interval_s
              * GREATEST(0, EXTRACT(EPOCH FROM statement_timestamp() - refilled_at)::float)) >= 1
        RETURNING max_calls, interval_s, set_config('synchronous_commit', 'off', true)
        """,
        (portal_id, call_budget.CALLS),
    )


def _locked(conn: Conn, portal_id: int, bucket: str) -> DictRow:
    row = _find_locked(conn, portal_id, bucket)
    if row is None:
        allowance = call_budget.full(call_budget.limit_of(bucket))
        conn.execute(
            """
            INSERT INTO call_budgets (portal_id, bucket, tokens, background_tokens, max_calls, interval_s, refilled_at)
            VALUES (%(portal_id)s, %(bucket)s, %(tokens)s, %(background_tokens)s, %(max_calls)s, %(interval_s)s,
                clock_timestamp())
            ON CONFLICT DO NOTHING
            """,
            {
                "portal_id": portal_id,
                "bucket": bucket,
                "tokens": allowance.all,
                "background_tokens": allowance.background,
                "max_calls": call_budget.MAX_CALLS,
                "interval_s": call_budget.INTERVAL_S,
            },
        )
        row = _find_locked(conn, portal_id, bucket)
    assert row is not None
    return row


def _find_locked(conn: Conn, portal_id: int, bucket: str) -> DictRow | None:
    """The row, locked, with the clock: after a wait for the lock PostgreSQL evaluates the current row."""
    return conn.execute(
        """
        SELECT tokens, background_tokens, max_calls, interval_s, clock_timestamp() AS at,
            EXTRACT(EPOCH FROM clock_timestamp() - refilled_at)::float AS elapsed_s,
            COALESCE(EXTRACT(EPOCH FROM paused_until - clock_timestamp()), 0)::float AS paused_s,
            set_config('synchronous_commit', 'off', true)
        FROM call_budgets WHERE portal_id = %s AND bucket = %s FOR UPDATE
        """,
        (portal_id, bucket),
    ).fetchone()


def pause(conn: Conn, portal_id: int, bucket: str, seconds: float) -> None:
    """HubSpot answered 429: allow no call for `seconds`, and empty the bucket for the time after."""
    conn.execute(
        """
        UPDATE call_budgets SET tokens = 0, background_tokens = 0,
            paused_until = GREATEST(paused_until, clock_timestamp() + make_interval(secs => %(seconds)s)),
            refilled_at = GREATEST(paused_until, clock_timestamp() + make_interval(secs => %(seconds)s))
        WHERE portal_id = %(portal_id)s AND bucket = %(bucket)s
        """,
        {"portal_id": portal_id, "bucket": bucket, "seconds": seconds},
    )


def learn(conn: Conn, portal_id: int, max_calls: int, interval_s: float) -> None:
    """Store another limit of all calls, from HubSpot's headers."""
    conn.execute(
        """
        UPDATE call_budgets SET max_calls = %(max_calls)s, interval_s = %(interval_s)s
        WHERE portal_id = %(portal_id)s AND bucket = %(bucket)s
        """,
        {
            "max_calls": max_calls,
            "interval_s": interval_s,
            "portal_id": portal_id,
            "bucket": call_budget.CALLS,
        },
    )
