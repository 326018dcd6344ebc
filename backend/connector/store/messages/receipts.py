"""Receipts of calls: when the first one came, and which calls have waited for one too long (protocol P10)."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from connector.store.database import Conn
from connector.store.rows import reader

# Calls that one look reads: the newest ones of a portal.
NEWEST_CALLS = 200


@dataclass(frozen=True, slots=True)
class AcceptedCall:
    """An accepted call whose receipts are still awaited, or were until lately."""

    attempt_id: uuid.UUID
    settled_at: datetime
    age_s: float  # since then
    delay_s: float | None  # from acceptance to its first receipt; None: there was none
    lookups: int


_read_call = reader(AcceptedCall)


def note(conn: Conn, portal_id: int, attempt_ids: list[uuid.UUID]) -> None:
    """A receipt has come for a message of each of these calls; all of them are locked, in the order of their ids."""
    conn.execute(
        """
        WITH held AS (
            SELECT attempt_id, receipt_at FROM attempts
            WHERE portal_id = %(portal_id)s AND attempt_id = ANY(%(attempt_ids)s)
            ORDER BY attempt_id FOR NO KEY UPDATE
        )
        UPDATE attempts a SET receipt_at = now() FROM held
        WHERE held.receipt_at IS NULL AND a.portal_id = %(portal_id)s AND a.attempt_id = held.attempt_id
        """,
        {"portal_id": portal_id, "attempt_ids": attempt_ids},
    )


def newest_calls(conn: Conn, portal_id: int, *, older_than_s: float, receipts_s: float) -> list[AcceptedCall]:
    """The newest accepted calls of at least this age, newest first.

    Each has its look-up planned `receipts_s` after its acceptance, so the index of look-ups gives them in order.
    """
    rows = conn.execute(
        """
        SELECT attempt_id, settled_at, lookups, EXTRACT(EPOCH FROM now() - settled_at)::float AS age_s,
            EXTRACT(EPOCH FROM receipt_at - settled_at)::float AS delay_s
        FROM attempts
        WHERE portal_id = %(portal_id)s AND outcome = 'accepted' AND NOT is_membership_pending
          AND next_lookup_at > now()
          AND next_lookup_at <= now() + make_interval(secs => %(receipts_s)s - %(older_than_s)s)
        ORDER BY next_lookup_at DESC LIMIT %(limit)s
        """,
        {
            "portal_id": portal_id,
            "receipts_s": receipts_s,
            "older_than_s": older_than_s,
            "limit": NEWEST_CALLS,
        },
    )
    return [_read_call(row) for row in rows]


def look_up_now(conn: Conn, portal_id: int, attempt_ids: list[uuid.UUID]) -> None:
    """Make the look-ups of these calls due."""
    conn.execute(
        "UPDATE attempts SET next_lookup_at = now() WHERE portal_id = %s AND attempt_id = ANY(%s)",
        (portal_id, attempt_ids),
    )
