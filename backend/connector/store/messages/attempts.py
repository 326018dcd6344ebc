"""Attempts: calls to the gateway, and what is known of each since its claim was committed (protocol P6, P9, P11)."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from connector.domain.vocabulary import AnyCause, AttemptOutcome, MessageState
from connector.store.database import Conn
from connector.store.lanes import Turn
from connector.store.rows import reader


@dataclass(frozen=True, slots=True)
class Attempt:
    portal_id: int
    attempt_id: uuid.UUID
    link_id: uuid.UUID
    outcome: AttemptOutcome  # unknown: is it there? | accepted, moderated: what became of it?
    claimed_at: datetime
    age_s: float
    lookups: int
    absent_at: datetime | None
    absent_since_s: float | None  # how long ago `absent_at` was
    ticket: str | None
    sent_count: int | None  # recipients the gateway said it sends to; None: no answer said so
    counters: dict[str, int] | None  # why it left others out
    is_membership_pending: bool  # accepted, and nobody knows yet whom it left out (protocol P9)


_read_attempt = reader(Attempt)


def settle(
    conn: Conn,
    portal_id: int,
    attempt_id: uuid.UUID,
    outcome: AttemptOutcome,
    cause: AnyCause | None = None,
    *,
    lookup_in_s: float | None = None,
) -> None:
    """What came of the call. It may replace `unknown` and `moderated`; nothing replaces a definite outcome.

    `lookup_in_s`: when to ask the gateway after receipts that have not come.
    """
    conn.execute(
        """
        UPDATE attempts SET outcome = %(outcome)s, cause = %(cause)s, settled_at = now(),
            next_lookup_at = now() + make_interval(secs => %(lookup_in_s)s)
        WHERE portal_id = %(portal_id)s AND attempt_id = %(attempt_id)s
          AND (outcome IS NULL OR outcome IN ('unknown', 'moderated'))
        """,
        {
            "outcome": outcome,
            "cause": cause,
            "lookup_in_s": lookup_in_s,
            "portal_id": portal_id,
            "attempt_id": attempt_id,
        },
    )


def doubt(conn: Conn, portal_id: int, attempt_id: uuid.UUID, cause: AnyCause, *, lookup_in_s: float) -> None:
    """The call was asked and not answered: look it up, first in `lookup_in_s`."""
    conn.execute(
        """
        UPDATE attempts SET outcome = 'unknown', cause = %(cause)s,
            next_lookup_at = now() + make_interval(secs => %(lookup_in_s)s)
        WHERE portal_id = %(portal_id)s AND attempt_id = %(attempt_id)s AND outcome IS NULL
        """,
        {"cause": cause, "lookup_in_s": lookup_in_s, "portal_id": portal_id, "attempt_id": attempt_id},
    )


def note_answer(
    conn: Conn,
    portal_id: int,
    attempt_id: uuid.UUID,
    *,
    ticket: str | None,
    sent_count: int | None,
    counters: Mapping[str, int] | None,
) -> int | None:
    """Keep what an answer, a receipt or a listing tells of the call; what is known already stays.

    Returns the number of recipients the gateway sends to, as far as any answer ever told.
    """
    row = conn.execute(
        """
        UPDATE attempts SET ticket = COALESCE(ticket, %(ticket)s),
            sent_count = COALESCE(sent_count, %(sent_count)s), counters = COALESCE(counters, %(counters)s)
        WHERE portal_id = %(portal_id)s AND attempt_id = %(attempt_id)s RETURNING sent_count
        """,
        {
            "ticket": ticket,
            "sent_count": sent_count,
            "counters": None if counters is None else Jsonb(dict(counters)),
            "portal_id": portal_id,
            "attempt_id": attempt_id,
        },
    ).fetchone()
    return row["sent_count"] if row else None


def await_membership(conn: Conn, portal_id: int, attempt_id: uuid.UUID, *, lookup_in_s: float) -> None:
    """The accepted call left some out, and the listing has to tell whom."""
    conn.execute(
        """
        UPDATE attempts SET is_membership_pending = true, absent_at = NULL,
            next_lookup_at = now() + make_interval(secs => %(lookup_in_s)s)
        WHERE portal_id = %(portal_id)s AND attempt_id = %(attempt_id)s AND outcome = 'accepted'
          AND NOT is_membership_pending
        """,
        {"lookup_in_s": lookup_in_s, "portal_id": portal_id, "attempt_id": attempt_id},
    )


def end_membership(conn: Conn, portal_id: int, attempt_id: uuid.UUID, *, lookup_in_s: float) -> None:
    """It is known who was sent to; `lookup_in_s` as in `settle`, from the claim on."""
    conn.execute(
        """
        UPDATE attempts SET is_membership_pending = false,
            next_lookup_at = claimed_at + make_interval(secs => %(lookup_in_s)s)
        WHERE portal_id = %(portal_id)s AND attempt_id = %(attempt_id)s AND is_membership_pending
        """,
        {"lookup_in_s": lookup_in_s, "portal_id": portal_id, "attempt_id": attempt_id},
    )


def abandoned(conn: Conn, turn: Turn) -> list[uuid.UUID]:
    """Attempts of earlier turns of this lane that nobody settled: their process is gone, the call may have left."""
    rows = conn.execute(
        "SELECT attempt_id FROM attempts WHERE portal_id = %s AND outcome IS NULL AND fence < %s",
        (turn.portal_id, turn.fence),
    )
    return [row["attempt_id"] for row in rows]


def message_ids(conn: Conn, portal_id: int, attempt_id: uuid.UUID) -> list[uuid.UUID]:
    """Every message the call carried."""
    rows = conn.execute(
        """
        SELECT message_id FROM attempt_messages
        WHERE portal_id = %s AND attempt_id = %s ORDER BY message_id
        """,
        (portal_id, attempt_id),
    )
    return [row["message_id"] for row in rows]


@dataclass(frozen=True, slots=True)
class Member:
    """A message of a call, as far as a look-up needs it."""

    attempt_id: uuid.UUID
    message_id: uuid.UUID
    gateway_id: str
    recipient: str
    state: MessageState
    is_latest: bool  # the call is the message's latest one
    is_final: bool
    is_pending: bool  # in an accepted call, but nobody knows whether the gateway left it out


_read_member = reader(Member)


def members(conn: Conn, portal_id: int, attempt_ids: list[uuid.UUID]) -> list[Member]:
    """Every message that these calls carried."""
    rows = conn.execute(
        """
        SELECT am.attempt_id, m.message_id, m.gateway_id, m.recipient, m.state,
            m.attempt_id = am.attempt_id AS is_latest, m.finished_at IS NOT NULL AS is_final,
            m.state = 'accepted' AND m.accepted_at IS NULL AS is_pending
        FROM attempt_messages am JOIN messages m USING (portal_id, message_id)
        WHERE am.portal_id = %s AND am.attempt_id = ANY(%s)
        """,
        (portal_id, attempt_ids),
    )
    return [_read_member(row) for row in rows]


def to_look_up(conn: Conn, portal_id: int, *, window_s: float, limit: int) -> list[Attempt]:
    """The attempt whose look-up is due longest, and those due that were made with the same link around its time.

    `window_s`: how far apart the claims may be.
    """
    rows = conn.execute(
        """
        WITH first AS (
            SELECT link_id, claimed_at FROM attempts WHERE portal_id = %(portal_id)s AND next_lookup_at <= now()
            ORDER BY next_lookup_at LIMIT 1)
        SELECT a.portal_id, a.attempt_id, a.link_id, a.outcome, a.claimed_at, a.lookups, a.absent_at,
            EXTRACT(EPOCH FROM now() - a.claimed_at)::float AS age_s,
            EXTRACT(EPOCH FROM now() - a.absent_at)::float AS absent_since_s,
            a.ticket, a.sent_count, a.counters, a.is_membership_pending
        FROM attempts a JOIN first USING (link_id)
        WHERE a.portal_id = %(portal_id)s AND a.next_lookup_at <= now()
          AND a.claimed_at BETWEEN first.claimed_at - make_interval(secs => %(window_s)s)
              AND first.claimed_at + make_interval(secs => %(window_s)s)
        ORDER BY a.next_lookup_at LIMIT %(limit)s
        """,
        {"portal_id": portal_id, "window_s": window_s, "limit": limit},
    )
    return [_read_attempt(row) for row in rows]


def look_up_again(
    conn: Conn, portal_id: int, attempt_id: uuid.UUID, *, in_s: float, absent: bool = False
) -> None:
    """Plan the next look-up; `absent` notes the first late, complete one that did not show the call."""
    conn.execute(
        """
        UPDATE attempts SET next_lookup_at = now() + make_interval(secs => %(in_s)s), lookups = lookups + 1,
            absent_at = CASE WHEN %(absent)s THEN COALESCE(absent_at, now()) ELSE absent_at END
        WHERE portal_id = %(portal_id)s AND attempt_id = %(attempt_id)s AND next_lookup_at IS NOT NULL
        """,
        {"in_s": in_s, "absent": absent, "portal_id": portal_id, "attempt_id": attempt_id},
    )


def end_lookups(conn: Conn, portal_id: int, attempt_id: uuid.UUID) -> None:
    conn.execute(
        "UPDATE attempts SET next_lookup_at = NULL WHERE portal_id = %s AND attempt_id = %s",
        (portal_id, attempt_id),
    )


def next_lookup_at(conn: Conn, portal_id: int) -> datetime | None:
    row = conn.execute(
        """
        SELECT min(next_lookup_at) AS at FROM attempts
        WHERE portal_id = %s AND next_lookup_at IS NOT NULL
        """,
        (portal_id,),
    ).fetchone()
    return row["at"] if row else None
