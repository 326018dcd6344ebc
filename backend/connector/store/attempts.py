"""Attempts: the claim that is committed before a call leaves, and what is known of the call since (P6, P11)."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql

from connector.store.database import Conn
from connector.store.lanes import Turn
from connector.store.messages import QUALIFIED_COLUMNS, Message


@dataclass(frozen=True, slots=True)
class Attempt:
    portal_id: int
    attempt_id: uuid.UUID
    link_id: uuid.UUID
    outcome: str  # unknown: is it there? | accepted, moderated: what became of it?
    claimed_at: datetime
    age_s: float
    lookups: int
    absent_at: datetime | None
    absent_since_s: float | None  # how long ago `absent_at` was


# One statement: state, consent, age, account, pause and the turn's fence are all checked by what claims (P11).
_CLAIM = sql.SQL("""
WITH link AS (
    SELECT l.link_id FROM account_links l JOIN sms_accounts a USING (client_id)
    WHERE l.portal_id = %(portal_id)s AND l.unlinked_at IS NULL AND l.token_enc IS NOT NULL
      AND (a.paused_until IS NULL OR a.paused_until <= now())
      AND EXISTS (SELECT 1 FROM lanes WHERE portal_id = %(portal_id)s AND kind = %(kind)s AND fence = %(fence)s
                  AND lease_until > now())
), picked AS (
    SELECT m.message_id FROM messages m
    WHERE m.portal_id = %(portal_id)s AND m.state = 'queued' AND m.due_at <= now() AND m.expires_at > now()
      AND EXISTS (SELECT 1 FROM link)
      AND (m.slot_ends_at IS NULL OR m.slot_ends_at > now() + make_interval(secs => %(call_s)s))
      AND (NOT EXISTS (SELECT 1 FROM opt_outs o WHERE o.portal_id = m.portal_id AND o.recipient = m.recipient)
           OR (m.push_type = 'alert'
               AND EXISTS (SELECT 1 FROM portals p WHERE p.portal_id = m.portal_id AND p.alert_rule = 'allow')))
    ORDER BY m.priority, m.due_at, m.message_id LIMIT 1 FOR UPDATE OF m SKIP LOCKED
), attempt AS (
    INSERT INTO attempts (portal_id, attempt_id, link_id, fence)
    SELECT %(portal_id)s, %(attempt_id)s, link.link_id, %(fence)s FROM link WHERE EXISTS (SELECT 1 FROM picked)
    RETURNING attempt_id, link_id
), membership AS (
    INSERT INTO attempt_messages (portal_id, attempt_id, message_id)
    SELECT %(portal_id)s, attempt.attempt_id, picked.message_id FROM attempt, picked
), logged AS (
    INSERT INTO message_states (portal_id, message_id, state, cause)
    SELECT %(portal_id)s, message_id, 'sending', 'claim' FROM picked
)
UPDATE messages m SET state = 'sending', state_at = now(), reason = NULL, attempt_id = attempt.attempt_id
FROM picked, attempt WHERE m.portal_id = %(portal_id)s AND m.message_id = picked.message_id
RETURNING {columns}, attempt.link_id
""").format(columns=QUALIFIED_COLUMNS)


@dataclass(frozen=True, slots=True)
class Claim:
    attempt_id: uuid.UUID
    link_id: uuid.UUID
    messages: list[Message]


def claim(conn: Conn, turn: Turn, *, call_s: float) -> Claim | None:
    """Claim what leaves now, for one call of at most `call_s` seconds; None when nothing may.

    Commit before the call is made. A call that could end after the legal window is not begun.
    """
    attempt_id = uuid.uuid4()
    rows = conn.execute(
        _CLAIM,
        {
            "portal_id": turn.portal_id,
            "kind": turn.kind,
            "fence": turn.fence,
            "attempt_id": attempt_id,
            "call_s": call_s,
        },
    ).fetchall()
    if not rows:
        return None
    link_id = rows[0]["link_id"]
    messages = [Message(**{k: v for k, v in row.items() if k != "link_id"}) for row in rows]
    return Claim(attempt_id, link_id, messages)


def settle(
    conn: Conn,
    portal_id: int,
    attempt_id: uuid.UUID,
    outcome: str,
    cause: str | None = None,
    *,
    lookup_in_s: float | None = None,
) -> None:
    """What came of the call. It may replace `unknown` and `moderated`; nothing replaces a definite outcome.

    `lookup_in_s`: when to ask the gateway after receipts that have not come.
    """
    conn.execute(
        "UPDATE attempts SET outcome = %s, cause = %s, settled_at = now(),"
        " next_lookup_at = now() + make_interval(secs => %s)"
        " WHERE portal_id = %s AND attempt_id = %s AND (outcome IS NULL OR outcome IN ('unknown', 'moderated'))",
        (outcome, cause, lookup_in_s, portal_id, attempt_id),
    )


def doubt(conn: Conn, portal_id: int, attempt_id: uuid.UUID, cause: str, *, lookup_in_s: float) -> None:
    """The call was asked and not answered: look it up, first in `lookup_in_s`."""
    conn.execute(
        "UPDATE attempts SET outcome = 'unknown', cause = %s, next_lookup_at = now() + make_interval(secs => %s)"
        " WHERE portal_id = %s AND attempt_id = %s AND outcome IS NULL",
        (cause, lookup_in_s, portal_id, attempt_id),
    )


def abandoned(conn: Conn, turn: Turn) -> list[uuid.UUID]:
    """Attempts of earlier turns of this lane that nobody settled: their process is gone, the call may have left."""
    rows = conn.execute(
        "SELECT DISTINCT a.attempt_id FROM messages m JOIN attempts a USING (portal_id, attempt_id)"
        " WHERE m.portal_id = %s AND m.state = 'sending' AND a.outcome IS NULL AND a.fence < %s",
        (turn.portal_id, turn.fence),
    )
    return [row["attempt_id"] for row in rows]


def message_ids(conn: Conn, portal_id: int, attempt_id: uuid.UUID) -> list[uuid.UUID]:
    """Every message the call carried."""
    rows = conn.execute(
        "SELECT message_id FROM attempt_messages WHERE portal_id = %s AND attempt_id = %s ORDER BY message_id",
        (portal_id, attempt_id),
    )
    return [row["message_id"] for row in rows]


def gateway_ids(conn: Conn, portal_id: int, attempt_id: uuid.UUID) -> set[str]:
    """The ids under which the gateway would list the call's messages; not those that have reached a final state."""
    rows = conn.execute(
        "SELECT gateway_id FROM attempt_messages JOIN messages USING (portal_id, message_id)"
        " WHERE portal_id = %s AND attempt_messages.attempt_id = %s AND finished_at IS NULL",
        (portal_id, attempt_id),
    )
    return {row["gateway_id"] for row in rows}


def next_to_look_up(conn: Conn, portal_id: int) -> Attempt | None:
    row = conn.execute(
        "SELECT portal_id, attempt_id, link_id, outcome, claimed_at, lookups, absent_at,"
        " EXTRACT(EPOCH FROM now() - claimed_at)::float AS age_s,"
        " EXTRACT(EPOCH FROM now() - absent_at)::float AS absent_since_s"
        " FROM attempts WHERE portal_id = %s AND next_lookup_at <= now() ORDER BY next_lookup_at LIMIT 1",
        (portal_id,),
    ).fetchone()
    return Attempt(**row) if row else None


def look_up_again(
    conn: Conn, portal_id: int, attempt_id: uuid.UUID, *, in_s: float, absent: bool = False
) -> None:
    """Plan the next look-up; `absent` notes the first late, complete one that did not show the call."""
    conn.execute(
        "UPDATE attempts SET next_lookup_at = now() + make_interval(secs => %s), lookups = lookups + 1,"
        " absent_at = CASE WHEN %s THEN COALESCE(absent_at, now()) ELSE absent_at END"
        " WHERE portal_id = %s AND attempt_id = %s AND next_lookup_at IS NOT NULL",
        (in_s, absent, portal_id, attempt_id),
    )


def end_lookups(conn: Conn, portal_id: int, attempt_id: uuid.UUID) -> None:
    conn.execute(
        "UPDATE attempts SET next_lookup_at = NULL WHERE portal_id = %s AND attempt_id = %s",
        (portal_id, attempt_id),
    )


def next_lookup_at(conn: Conn, portal_id: int) -> datetime | None:
    row = conn.execute(
        "SELECT min(next_lookup_at) AS at FROM attempts WHERE portal_id = %s AND next_lookup_at IS NOT NULL",
        (portal_id,),
    ).fetchone()
    return row["at"] if row else None


def next_delivery_at(conn: Conn, portal_id: int) -> datetime | None:
    """When the deliver lane has to run again: the next due message, or the end of the account's pause.

    None when nothing waits, or when what waits has no account to leave with (linking opens the lane again).
    """
    row = conn.execute(
        """
        SELECT GREATEST(min(m.due_at), max(a.paused_until)) AS at
        FROM messages m JOIN account_links l ON l.portal_id = m.portal_id AND l.unlinked_at IS NULL
            AND l.token_enc IS NOT NULL
        JOIN sms_accounts a USING (client_id)
        WHERE m.portal_id = %s AND m.state IN ('queued', 'scheduled')
        """,
        (portal_id,),
    ).fetchone()
    return row["at"] if row else None
