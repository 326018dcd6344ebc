"""Lanes: "portal P has work of kind K, next at T", and the lease of whoever drains it (protocol P1-P4).

The work itself is rows of other tables. A lane only says when to look at them, so there is no second queue whose
state could disagree. Three promises are kept here:

- No lost wake-up (P1): a writer holds a shared advisory lock from before its rows until its commit; a lane is closed
  only by someone who got the exclusive form of that lock and then found, in a new statement, nothing left.
- Future rows (P2): `next_due_at` is the earliest due time; writers lower it, closing sets it.
- Lease, not lock (P3): a turn is `owner`, `fence` and `lease_until` in the row. A dead owner's lane is due again when
  the lease has run out; whatever the old owner still records fails its fence.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.store.database import Conn

CHANNEL = "lane_due"
# A lane that cannot be closed because somebody is writing to it right now is looked at again after this.
REVISIT_S = 0.05


@dataclass(slots=True)
class Turn:
    """The right to drain one lane until `lease_ends` (this process's monotonic clock, seconds)."""

    portal_id: int
    kind: str
    fence: int
    owner: str
    failures: int
    lease_ends: float = field(repr=False)

    def lease_left_s(self) -> float:
        """Seconds for which nobody else can have taken this lane; may be negative."""
        return self.lease_ends - time.monotonic()


def enter(conn: Conn, portal_id: int, *kinds: str) -> None:
    """Announce, before the first row is written, that this transaction writes work of these kinds.

    All kinds of a transaction are entered in one call: the fixed order is what rules out deadlocks.
    """
    for kind in sorted(kinds):
        conn.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, %s))", (kind, portal_id))


def wake(
    conn: Conn, portal_id: int, kind: str, due_at: datetime | None = None, *, ends_back_off: bool = False
) -> None:
    """Open the lane, or lower its due time, in the caller's transaction. `due_at` None: now.

    Costs a read when the lane is already due, which spares a burst of writers the row lock. New work does not cut
    a back-off short (the gateway is still away, HubSpot's limit still reached); what mends its cause does.
    """
    opened = conn.execute(
        """
        WITH wanted AS (SELECT COALESCE(%(due_at)s, now()) AS due_at)
        INSERT INTO lanes (portal_id, kind, next_due_at)
        SELECT %(portal_id)s, %(kind)s, wanted.due_at FROM wanted
        WHERE NOT EXISTS (SELECT 1 FROM lanes l WHERE l.portal_id = %(portal_id)s AND l.kind = %(kind)s
                          AND l.next_due_at <= wanted.due_at
                          AND (l.not_before IS NULL OR NOT %(ends_back_off)s))
        ON CONFLICT (portal_id, kind) DO UPDATE SET
            next_due_at = LEAST(lanes.next_due_at, excluded.next_due_at),
            not_before = CASE WHEN %(ends_back_off)s THEN NULL ELSE lanes.not_before END
        WHERE lanes.next_due_at > excluded.next_due_at OR (%(ends_back_off)s AND lanes.not_before IS NOT NULL)
        RETURNING 1
        """,
        {"portal_id": portal_id, "kind": kind, "due_at": due_at, "ends_back_off": ends_back_off},
    ).fetchone()
    if opened:
        conn.execute(f"NOTIFY {CHANNEL}")


def take(conn: Conn, *, owner: str, lease_s: float, kinds: Sequence[str]) -> Turn | None:
    """Lease the lane of one of these kinds that is due longest, or return None when none is due.

    A kind that this process does not know belongs to another version of it.
    """
    # Taken before the statement: our idea of the lease must end no later than the database's.
    lease_ends = time.monotonic() + lease_s
    row = conn.execute(
        """
        UPDATE lanes SET owner = %(owner)s, fence = fence + 1,
                         lease_until = now() + make_interval(secs => %(lease_s)s)
        WHERE (portal_id, kind) = (
            SELECT portal_id, kind FROM lanes
            WHERE next_due_at <= now() AND (not_before IS NULL OR not_before <= now())
              AND (lease_until IS NULL OR lease_until < now()) AND kind = ANY(%(kinds)s)
            ORDER BY next_due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING portal_id, kind, fence, failures
        """,
        {"owner": owner, "lease_s": lease_s, "kinds": list(kinds)},
    ).fetchone()
    conn.commit()
    if row is None:
        return None
    return Turn(row["portal_id"], row["kind"], row["fence"], owner, row["failures"], lease_ends)


def renew(conn: Conn, turn: Turn, lease_s: float) -> bool:
    """Lengthen the lease. False: somebody else has the lane, stop at once."""
    lease_ends = time.monotonic() + lease_s
    renewed = conn.execute(
        "UPDATE lanes SET lease_until = now() + make_interval(secs => %s)"
        " WHERE portal_id = %s AND kind = %s AND fence = %s AND lease_until > now() RETURNING 1",
        (lease_s, turn.portal_id, turn.kind, turn.fence),
    ).fetchone()
    conn.commit()
    if renewed:
        turn.lease_ends = lease_ends
    return renewed is not None


def may_close(conn: Conn, turn: Turn) -> bool:
    """Whether no writer is inside the lane; keeps writers out until this transaction ends.

    The caller looks for remaining rows in its *next* statement, which sees everything those writers committed.
    """
    row = conn.execute(
        "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, %s)) AS alone", (turn.kind, turn.portal_id)
    ).fetchone()
    return bool(row and row["alone"])


def release(conn: Conn, turn: Turn, *, next_due_at: datetime | None) -> None:
    """End the turn; the lane is due again at `next_due_at`, or closed when None."""
    conn.execute(
        "UPDATE lanes SET owner = NULL, lease_until = NULL, failures = 0, last_error = NULL, not_before = NULL,"
        " next_due_at = COALESCE(%s, 'infinity'::timestamptz)"
        " WHERE portal_id = %s AND kind = %s AND fence = %s",
        (next_due_at, turn.portal_id, turn.kind, turn.fence),
    )
    conn.commit()


def release_in(
    conn: Conn, turn: Turn, seconds: float, *, error: str | None = None, is_failure: bool = True
) -> None:
    """End the turn and be due again in `seconds` (0: at the tail of what is due now).

    With `error` the end is a back-off: new work does not end it, the next one is longer, an operator sees why.
    Unless it `is_failure`, it is a wait for its turn, and the next one is no longer for it.
    """
    conn.execute(
        """
        UPDATE lanes SET owner = NULL, lease_until = NULL, last_error = %(error)s,
            failures = CASE WHEN %(error)s::text IS NULL THEN 0
                            WHEN %(is_failure)s THEN LEAST(failures + 1, 1000) ELSE failures END,
            not_before = CASE WHEN %(error)s::text IS NULL THEN NULL
                              ELSE now() + make_interval(secs => %(seconds)s) END,
            next_due_at = now() + make_interval(secs => %(seconds)s)
        WHERE portal_id = %(portal_id)s AND kind = %(kind)s AND fence = %(fence)s
        """,
        {
            "error": error,
            "is_failure": is_failure,
            "seconds": seconds,
            "portal_id": turn.portal_id,
            "kind": turn.kind,
            "fence": turn.fence,
        },
    )
    conn.commit()


def next_due_in_s(conn: Conn, kinds: Sequence[str]) -> float | None:
    """Seconds until some lane of these kinds can be taken (<= 0: now), or None when all are closed."""
    row = conn.execute(
        "SELECT EXTRACT(EPOCH FROM min(GREATEST(next_due_at, not_before, lease_until)) - now())::float AS seconds"
        " FROM lanes WHERE next_due_at < 'infinity' AND kind = ANY(%s)",
        (list(kinds),),
    ).fetchone()
    conn.commit()
    return None if row is None else row["seconds"]
