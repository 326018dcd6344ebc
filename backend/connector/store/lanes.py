"""Lanes: "portal P has work of kind K, next at T", and the lease of its worker (protocol P1-P4).

The work is in rows of other tables. A lane only has the time to look at them, so there is no second queue whose state
could disagree. This file makes three promises:

- No lost wake-up (P1): a writer holds a shared advisory lock from before its rows until its commit; a worker closes a
  lane only with the exclusive form of that lock, after a new statement found nothing left.
- Future rows (P2): `next_due_at` is the earliest due time; writers lower it, closing sets it.
- Lease, not lock (P3): a turn is `owner`, `fence` and `lease_until` in the row. A dead owner's lane is due again when
  the lease ends; late results of the old owner fail the fence.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from connector.domain.message import DELIVERY_LANES
from connector.domain.vocabulary import LaneKind
from connector.store.database import Conn
from connector.store.rows import member
from connector.store.session import Last
from connector.store.statements import load_sql

CHANNEL = "lane_due"
# A lane that cannot be closed because of a present writer is looked at again after this time.
REVISIT_S = 0.05
# Kinds whose lane is taken before others when work comes to a closed one.
FRESH_FIRST = frozenset(DELIVERY_LANES)


@dataclass(slots=True)
class Turn:
    """The right to drain one lane until `lease_ends` (this process's monotonic clock, seconds)."""

    portal_id: int
    kind: LaneKind
    fence: int
    owner: str
    failures: int
    taken_at: datetime  # the database's clock
    lease_ends: float = field(repr=False)

    def lease_left_s(self) -> float:
        """Seconds in which no other worker can take this lane; may be negative."""
        return self.lease_ends - time.monotonic()


class LaneNotEntered(RuntimeError):
    """Work of a kind is about to be written in a transaction that has not entered that kind's lane."""


@dataclass(frozen=True, slots=True)
class Entered:
    """A transaction that has announced work of these kinds (protocol P1); only `enter` makes one.

    A function that writes rows of a lane takes this as an argument, so that a forgotten `enter` is a type error.
    """

    conn: Conn
    portal_id: int
    kinds: frozenset[LaneKind]

    def require(self, *kinds: LaneKind) -> None:
        """Raises LaneNotEntered unless all of these were entered."""
        missing = sorted(set(kinds) - self.kinds)
        if missing:
            raise LaneNotEntered(f"not entered: {', '.join(missing)}")


def enter(conn: Conn, portal_id: int, *kinds: LaneKind) -> Entered:
    """Announce that this transaction writes work of these kinds, before it writes or wakes.

    Writers share the lock and runners only try for it (ADR 10), so a second call in a transaction cannot deadlock.
    """
    for kind in sorted(kinds):
        conn.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, %s))", (kind, portal_id))
    return Entered(conn, portal_id, frozenset(kinds))


def enter_all(conn: Conn, kinds: Mapping[int, Collection[LaneKind]]) -> dict[int, Entered]:
    """Enter lanes of several portals (portal -> kinds) in one statement, in the order of portal and kind."""
    wanted = sorted((portal_id, kind) for portal_id, its_kinds in kinds.items() for kind in its_kinds)
    if wanted:
        conn.execute(
            """
            SELECT pg_advisory_xact_lock_shared(hashtextextended(kind, portal_id)) FROM (
                SELECT portal_id, kind FROM unnest(%s::bigint[], %s::text[]) WITH ORDINALITY AS l (portal_id, kind, n)
                ORDER BY n) AS ordered
            """,
            ([portal_id for portal_id, _ in wanted], [kind for _, kind in wanted]),
        )
    return {
        portal_id: Entered(conn, portal_id, frozenset(its_kinds)) for portal_id, its_kinds in kinds.items()
    }


@dataclass(frozen=True, slots=True)
class _Wake:
    """Opening one lane, or lowering its due time: the last step of a transaction that wrote its rows."""

    portal_id: int
    kind: LaneKind
    due_at: datetime | None  # None: now
    ends_back_off: bool
    urgent: bool

    def __call__(self, conn: Conn) -> None:
        conn.execute(
            """
            WITH wanted AS (SELECT COALESCE(%(due_at)s, now()) AS due_at), opened AS (
            INSERT INTO lanes (portal_id, kind, next_due_at, urgent_at)
            SELECT %(portal_id)s, %(kind)s, wanted.due_at,
                CASE WHEN %(urgent)s OR %(fresh_first)s THEN clock_timestamp() END FROM wanted
            WHERE NOT EXISTS (SELECT 1 FROM lanes l WHERE l.portal_id = %(portal_id)s AND l.kind = %(kind)s
                              AND l.next_due_at <= wanted.due_at AND NOT %(urgent)s
                              AND (l.not_before IS NULL OR NOT %(ends_back_off)s))
            ON CONFLICT (portal_id, kind) DO UPDATE SET
                next_due_at = LEAST(lanes.next_due_at, excluded.next_due_at),
                urgent_at = CASE WHEN %(urgent)s OR lanes.next_due_at = 'infinity'
                                 THEN COALESCE(excluded.urgent_at, lanes.urgent_at) ELSE lanes.urgent_at END,
                not_before = CASE WHEN %(ends_back_off)s THEN NULL ELSE lanes.not_before END
            WHERE lanes.next_due_at > excluded.next_due_at OR %(urgent)s
                OR (%(ends_back_off)s AND lanes.not_before IS NOT NULL)
            RETURNING 1)
            SELECT pg_notify(%(channel)s, '') FROM opened
            """,
            {**asdict(self), "fresh_first": self.kind in FRESH_FIRST, "channel": CHANNEL},
        )

    def with_(self, other: "_Wake") -> "_Wake":
        """One opening that does what both do."""
        dues = (self.due_at, other.due_at)
        return replace(
            self,
            due_at=None if None in dues else min(due for due in dues if due is not None),
            ends_back_off=self.ends_back_off or other.ends_back_off,
            urgent=self.urgent or other.urgent,
        )


def wake(
    entered: Entered,
    kind: LaneKind,
    due_at: datetime | None = None,
    *,
    ends_back_off: bool = False,
    urgent: bool = False,
) -> None:
    """Open the lane, or lower its due time, when the caller's transaction commits. `due_at` None: now.

    Costs a read if the lane is already due, which spares a burst of writers the row lock. New work does not end a
    back-off (the gateway is still unavailable, HubSpot's limit still reached); `ends_back_off` does. `urgent`: a user
    waits for the work; the lane's next turn comes before those of other lanes (protocol P4). A closed lane of
    FRESH_FIRST becomes urgent as well: its new work may be a single message. Lanes are a transaction's last rows
    (protocol P26).
    """
    entered.require(kind)
    new = _Wake(entered.portal_id, kind, due_at, ends_back_off, urgent)
    key = (Last.LANES, entered.portal_id, kind)
    before = entered.conn.put_off_step(key)
    entered.conn.put_off(key, before.with_(new) if isinstance(before, _Wake) else new)


#: A lane to wake: its portal's transaction, its kind, its due time (None: now).
Wake = tuple[Entered, LaneKind, datetime | None]

WAKE_ALL = load_sql(__file__, "wake_all")


def wake_all(wakes: Sequence[Wake], *, urgent: bool = False) -> None:
    """`wake` for all lanes that a transaction wakes. Those of several portals take one statement."""
    if len({entered.portal_id for entered, _, _ in wakes}) <= 1:
        for entered, kind, due_at in wakes:
            wake(entered, kind, due_at, urgent=urgent)
        return
    for entered, kind, _ in wakes:
        entered.require(kind)
    values = {
        "portal_ids": [entered.portal_id for entered, _, _ in wakes],
        "kinds": [kind for _, kind, _ in wakes],
        "due_ats": [due_at for _, _, due_at in wakes],
        "urgent": urgent,
        "fresh_first": list(FRESH_FIRST),
        "channel": CHANNEL,
    }
    wakes[0][0].conn.put_off((Last.LANES, 0, ""), lambda conn: _run(conn, values))


def _run(conn: Conn, values: Mapping[str, object]) -> None:
    conn.execute(WAKE_ALL, values)


TAKE = load_sql(__file__, "take")


def take(
    conn: Conn, *, owner: str, lease_s: float, kinds: Sequence[LaneKind], urgent_first: bool = True
) -> Turn | None:
    """Lease a lane of one of these kinds, or return None if none is due.

    It is the lane due longest; with `urgent_first` an urgent lane comes before it. Kinds unknown to this process
    belong to another version of it.
    """
    # Computed before the statement: our copy of the lease must end no later than the database's.
    lease_ends = time.monotonic() + lease_s
    row = conn.execute(
        TAKE, {"owner": owner, "lease_s": lease_s, "kinds": list(kinds), "urgent_first": urgent_first}
    ).fetchone()
    conn.commit()
    if row is None:
        return None
    return Turn(**{**row, "kind": member(LaneKind, row["kind"])}, owner=owner, lease_ends=lease_ends)


def others_wait(conn: Conn, kinds: Sequence[LaneKind]) -> bool:
    """Whether another lane of these kinds could be taken right now."""
    row = conn.execute(
        "SELECT EXISTS (SELECT 1 FROM lanes WHERE ready_at <= now() AND kind = ANY(%s)) AS found",
        (list(kinds),),
    ).fetchone()
    conn.commit()
    return bool(row and row["found"])


def last_error(conn: Conn, portal_id: int, kind: str) -> str | None:
    """The reason that the lane's newest turn ended early; None: it did not, or there was none."""
    row = conn.execute(
        "SELECT last_error FROM lanes WHERE portal_id = %s AND kind = %s", (portal_id, kind)
    ).fetchone()
    return row["last_error"] if row else None


def renew(conn: Conn, turn: Turn, lease_s: float) -> bool:
    """Lengthen the lease. False: another worker has the lane, stop at once."""
    lease_ends = time.monotonic() + lease_s
    renewed = conn.execute(
        """
        UPDATE lanes SET lease_until = now() + make_interval(secs => %(lease_s)s)
        WHERE portal_id = %(portal_id)s AND kind = %(kind)s AND fence = %(fence)s AND lease_until > now()
        RETURNING 1
        """,
        {"lease_s": lease_s, "portal_id": turn.portal_id, "kind": turn.kind, "fence": turn.fence},
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


def release(
    conn: Conn,
    turn: Turn,
    *,
    next_due_at: datetime | None,
    stays_urgent: bool = False,
    gathers_s: float = 0.0,
) -> None:
    """End the turn; the lane is due again at `next_due_at`, or closed when None.

    `stays_urgent`: a user is still waiting for it. `gathers_s`: delay of new work, to gather more.
    """
    conn.execute(
        """
        UPDATE lanes SET owner = NULL, lease_until = NULL, failures = 0, last_error = NULL,
            not_before = CASE WHEN %(gathers_s)s > 0 THEN now() + make_interval(secs => %(gathers_s)s) END,
            urgent_at = CASE WHEN %(stays_urgent)s THEN COALESCE(urgent_at, now())
                             WHEN urgent_at > %(taken_at)s THEN urgent_at END,
            next_due_at = COALESCE(%(next_due_at)s, 'infinity'::timestamptz)
        WHERE portal_id = %(portal_id)s AND kind = %(kind)s AND fence = %(fence)s
        """,
        {
            "gathers_s": gathers_s,
            "stays_urgent": stays_urgent,
            "taken_at": turn.taken_at,
            "next_due_at": next_due_at,
            "portal_id": turn.portal_id,
            "kind": turn.kind,
            "fence": turn.fence,
        },
    )
    conn.commit()


def release_in(
    conn: Conn,
    turn: Turn,
    seconds: float,
    *,
    error: str | None = None,
    is_failure: bool = True,
    stays_urgent: bool = False,
) -> None:
    """End the turn; the lane is due again in `seconds` (0: behind all lanes due now); `stays_urgent` as in `release`.

    With `error` this begins a back-off: new work does not end it, the next one is longer, operators see the reason.
    Without `is_failure` the lane only waits for its turn, which does not lengthen the next back-off.
    """
    conn.execute(
        """
        UPDATE lanes SET owner = NULL, lease_until = NULL, last_error = %(error)s,
            urgent_at = CASE WHEN %(stays_urgent)s THEN COALESCE(urgent_at, now())
                             WHEN urgent_at > %(taken_at)s THEN urgent_at END,
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
            "taken_at": turn.taken_at,
            "stays_urgent": stays_urgent,
            "portal_id": turn.portal_id,
            "kind": turn.kind,
            "fence": turn.fence,
        },
    )
    conn.commit()


def next_due_in_s(conn: Conn, kinds: Sequence[LaneKind]) -> float | None:
    """Seconds until a lane of these kinds can be taken (<= 0: now), or None when all are closed."""
    row = conn.execute(
        """
        SELECT EXTRACT(EPOCH FROM min(ready_at) - now())::float AS seconds FROM lanes
        WHERE ready_at < 'infinity' AND kind = ANY(%s)
        """,
        (list(kinds),),
    ).fetchone()
    conn.commit()
    return None if row is None else row["seconds"]
