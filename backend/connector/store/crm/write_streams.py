"""Streams of writes that can share a call: one object type, one event type, or outcomes of workflow executions.

A stream is quiet for a while after each call: writes planned meanwhile share the next call. It is paused while HubSpot
refuses all of it (protocol P22); the first accepted call ends the pause.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from psycopg import sql

from connector.domain.refusals import Code
from connector.domain.vocabulary import ProblemCode
from connector.store.database import Conn
from connector.store.rows import member
from connector.store.statements import compose

# A write waits this long, so that the acceptance and the receipt of one SMS often share one call ...
COALESCE_S: Final = 1.0
# ... and this long if at least this many are planned at once: receipts of a campaign take seconds to come.
MANY: Final = 50
COALESCE_MANY_S: Final = 10.0
# Quiet after a call: 3 s when it carried one record, 20 s when it carried ten or more. A campaign at 4 SMS/s then
# fills its calls, and a single SMS reaches its record within seconds.
QUIET_LEAST_S: Final = 1.0
QUIET_EACH_S: Final = 2.0
QUIET_MOST_S: Final = 20.0


#: The reason of a stream's pause: a problem shown to users, or a missing property, which the set-up creates.
PauseReason = ProblemCode | Literal[Code.PROPERTY_MISSING]


@dataclass(frozen=True, slots=True)
class Stream:
    """The first stream of a table, and when it may be written."""

    name: str
    due_at: datetime
    is_due: bool


def coalesce_s(count: int) -> float:
    """Wait of `count` rows planned at once for more rows, in seconds."""
    return COALESCE_MANY_S if count >= MANY else COALESCE_S


def first(conn: Conn, portal_id: int, *, table: str, column: str) -> Stream | None:
    """The stream of `table` that is due longest, or will be next; None if nothing is planned."""
    # Streams are few and rows are many, so the query jumps along the index instead of reading it.
    query = compose(
        """
        WITH RECURSIVE streams AS (
            (SELECT {stream} AS name FROM {table} WHERE portal_id = %(portal_id)s AND due_at IS NOT NULL
             ORDER BY {stream} LIMIT 1)
            UNION ALL
            SELECT (SELECT {stream} FROM {table} WHERE portal_id = %(portal_id)s AND due_at IS NOT NULL
                    AND {stream} > streams.name ORDER BY {stream} LIMIT 1)
            FROM streams WHERE streams.name IS NOT NULL
        )
        SELECT streams.name, at AS due_at, at <= now() AS is_due
        FROM streams
        CROSS JOIN LATERAL (SELECT due_at FROM {table} WHERE portal_id = %(portal_id)s AND {stream} = streams.name
                            AND due_at IS NOT NULL ORDER BY due_at LIMIT 1) AS first
        LEFT JOIN write_streams s ON s.portal_id = %(portal_id)s AND s.stream = streams.name
        CROSS JOIN LATERAL (SELECT GREATEST(first.due_at, s.paused_until) AS at) AS found
        WHERE streams.name IS NOT NULL ORDER BY at, streams.name LIMIT 1
        """,
        table=sql.Identifier(table),
        stream=sql.Identifier(column),
    )
    row = conn.execute(query, {"portal_id": portal_id}).fetchone()
    return Stream(**row) if row else None


def is_quiet(conn: Conn, portal_id: int, stream: str) -> bool:
    """Whether writes planned now wait for more, to share a call."""
    row = conn.execute(
        "SELECT quiet_until > now() AS is_quiet FROM write_streams WHERE portal_id = %s AND stream = %s",
        (portal_id, stream),
    ).fetchone()
    return bool(row and row["is_quiet"])


def note_call(
    conn: Conn, portal_id: int, stream: str, count: int, *, is_full: bool = False
) -> PauseReason | None:
    """HubSpot accepted a call with `count` rows: end a pause, and begin the quiet time.

    There is no quiet time after a call that `is_full`, because rows may be left. Returns the reason of the ended
    pause, if no other stream has it too.
    """
    quiet_s = 0.0 if is_full else min(QUIET_MOST_S, QUIET_LEAST_S + QUIET_EACH_S * count)
    row = conn.execute(
        """
        WITH before AS (SELECT pause_reason FROM write_streams WHERE portal_id = %(portal_id)s AND stream = %(stream)s),
        noted AS (
            INSERT INTO write_streams (portal_id, stream, quiet_until, taken_at)
            VALUES (%(portal_id)s, %(stream)s, now() + make_interval(secs => %(quiet_s)s), now())
            ON CONFLICT (portal_id, stream) DO UPDATE SET quiet_until = excluded.quiet_until,
                taken_at = excluded.taken_at, paused_until = NULL, pause_reason = NULL)
        SELECT pause_reason FROM before WHERE pause_reason IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM write_streams s WHERE s.portal_id = %(portal_id)s AND s.stream <> %(stream)s
            AND s.pause_reason = before.pause_reason)
        """,
        {"portal_id": portal_id, "stream": stream, "quiet_s": quiet_s},
    ).fetchone()
    return _pause_reason(row["pause_reason"]) if row else None


def pause(
    conn: Conn, portal_id: int, stream: str, reason: PauseReason | None, seconds: float
) -> PauseReason | None:
    """Pause the stream for `seconds`; `reason` None: there is nothing that a user can do.

    Returns the former pause's reason, if no call was accepted since.
    """
    row = conn.execute(
        """
        WITH before AS (SELECT pause_reason FROM write_streams WHERE portal_id = %(portal_id)s AND stream = %(stream)s)
        INSERT INTO write_streams (portal_id, stream, quiet_until, paused_until, pause_reason)
        VALUES (%(portal_id)s, %(stream)s, now(), now() + make_interval(secs => %(seconds)s), %(reason)s)
        ON CONFLICT (portal_id, stream) DO UPDATE SET paused_until = excluded.paused_until,
            pause_reason = excluded.pause_reason
        RETURNING (SELECT pause_reason FROM before) AS before
        """,
        {"portal_id": portal_id, "stream": stream, "reason": reason, "seconds": seconds},
    ).fetchone()
    return _pause_reason(row["before"]) if row else None


def end_pauses(conn: Conn, portal_id: int) -> None:
    """The causes of pauses may be fixed: make the streams due at once. The reasons stay until a call is accepted."""
    conn.execute(
        "UPDATE write_streams SET paused_until = now() WHERE portal_id = %s AND paused_until > now()",
        (portal_id,),
    )


def _pause_reason(word: str | None) -> PauseReason | None:
    if word is None or word == Code.PROPERTY_MISSING:
        return Code.PROPERTY_MISSING if word else None
    return member(ProblemCode, word)
