"""Attempts: calls to the gateway, and the known facts about each since its claim (protocol P6, P9, P11)."""

import uuid
from collections.abc import Collection, Mapping
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
    outcome: AttemptOutcome  # unknown: does it exist? | accepted, moderated: which result?
    claimed_at: datetime
    age_s: float
    lookups: int
    absent_at: datetime | None
    absent_since_s: float | None  # time since `absent_at`
    ticket: str | None
    sent_count: int | None  # recipients that the gateway reported; None: no answer had a number
    counters: dict[str, int] | None  # reasons for the left-out ones
    is_membership_pending: bool  # accepted, but left-out messages are not known yet (protocol P9)


_read_attempt = reader(Attempt)


def hold(conn: Conn, portal_id: int, attempt_ids: Collection[uuid.UUID]) -> None:
    """Lock these attempts until the transaction ends, in the order of their ids (protocol P26)."""
    conn.execute(
        """
        SELECT 1 FROM attempts WHERE portal_id = %s AND attempt_id = ANY(%s)
        ORDER BY attempt_id FOR NO KEY UPDATE
        """,
        (portal_id, list(attempt_ids)),
    )


def batched_and_hidden(conn: Conn, portal_id: int, attempt_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the calls that had several recipients, if the portal hides the reports of such calls."""
    rows = conn.execute(
        """
        SELECT a.attempt_id FROM portals p, unnest(%(attempt_ids)s::uuid[]) AS a (attempt_id), LATERAL (
            SELECT 1 FROM attempt_messages am
            WHERE am.portal_id = p.portal_id AND am.attempt_id = a.attempt_id OFFSET 1 LIMIT 1) AS second
        WHERE p.portal_id = %(portal_id)s AND p.hide_batch_reports
        """,
        {"portal_id": portal_id, "attempt_ids": list(attempt_ids)},
    )
    return {row["attempt_id"] for row in rows}


def settle(
    conn: Conn,
    portal_id: int,
    attempt_id: uuid.UUID,
    outcome: AttemptOutcome,
    cause: AnyCause | None = None,
    *,
    lookup_in_s: float | None = None,
) -> None:
    """Record the call's outcome. It may replace `unknown` and `moderated`; nothing replaces a definite outcome.

    `lookup_in_s`: time until the gateway is asked about missing receipts.
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
    """Record that the call has no answer; the first look-up is due in `lookup_in_s`."""
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
    """Store the facts about the call from an answer, a receipt or a listing; known values are not changed.

    Returns the number of recipients that the gateway sends to, if any answer gave it.
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
    """The accepted call left messages out, and a look-up in the listing must identify them."""
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
    """The call's recipients are known; `lookup_in_s` as in `settle`, from the claim on."""
    conn.execute(
        """
        UPDATE attempts SET is_membership_pending = false,
            next_lookup_at = claimed_at + make_interval(secs => %(lookup_in_s)s)
        WHERE portal_id = %(portal_id)s AND attempt_id = %(attempt_id)s AND is_membership_pending
        """,
        {"lookup_in_s": lookup_in_s, "portal_id": portal_id, "attempt_id": attempt_id},
    )


def abandoned(conn: Conn, turn: Turn) -> list[uuid.UUID]:
    """Unsettled attempts of earlier turns of this lane: their process is lost, but the call may have left.

    The portal's other delivery lane has fences of its own, and its calls may be under way.
    """
    rows = conn.execute(
        """
        SELECT attempt_id FROM attempts
        WHERE portal_id = %(portal_id)s AND outcome IS NULL AND lane_kind = %(kind)s AND fence < %(fence)s
        ORDER BY attempt_id
        """,
        {"portal_id": turn.portal_id, "kind": turn.kind, "fence": turn.fence},
    )
    return [row["attempt_id"] for row in rows]


def message_ids(conn: Conn, portal_id: int, *attempt_ids: uuid.UUID) -> list[uuid.UUID]:
    """Every message of these calls, each once."""
    rows = conn.execute(
        """
        SELECT DISTINCT message_id FROM attempt_messages
        WHERE portal_id = %s AND attempt_id = ANY(%s) ORDER BY message_id
        """,
        (portal_id, list(attempt_ids)),
    )
    return [row["message_id"] for row in rows]


@dataclass(frozen=True, slots=True)
class Member:
    """The fields of a call's message that a look-up needs."""

    attempt_id: uuid.UUID
    message_id: uuid.UUID
    gateway_id: str
    recipient: str
    state: MessageState
    is_latest: bool  # the call is the message's latest one
    is_final: bool
    is_pending: bool  # in an accepted call, but possibly left out by the gateway


_read_member = reader(Member)


def members(conn: Conn, portal_id: int, attempt_ids: list[uuid.UUID]) -> list[Member]:
    """Every message of these calls."""
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
    """The attempt whose look-up is due longest, and other due ones with the same link and around the same time.

    `window_s`: maximum distance of the claims, in seconds.
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
    """Plan the next look-up; `absent` notes the first late, complete look-up without the call."""
    conn.execute(
        """
        UPDATE attempts SET next_lookup_at = now() + make_interval(secs => %(in_s)s), lookups = lookups + 1,
            absent_at = CASE WHEN %(absent)s THEN COALESCE(absent_at, now()) ELSE absent_at END
        WHERE portal_id = %(portal_id)s AND attempt_id = %(attempt_id)s AND next_lookup_at IS NOT NULL
        """,
        {"in_s": in_s, "absent": absent, "portal_id": portal_id, "attempt_id": attempt_id},
    )


def end_early_lookup(conn: Conn, portal_id: int, attempt_id: uuid.UUID, *, receipts_s: float) -> None:
    """An accepted call was looked up early: the look-up `receipts_s` after its claim is planned again."""
    conn.execute(
        """
        UPDATE attempts SET next_lookup_at = claimed_at + make_interval(secs => %(receipts_s)s), lookups = lookups + 1
        WHERE portal_id = %(portal_id)s AND attempt_id = %(attempt_id)s
        """,
        {"receipts_s": receipts_s, "portal_id": portal_id, "attempt_id": attempt_id},
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
