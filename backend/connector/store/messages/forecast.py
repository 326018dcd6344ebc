"""The forecast of a portal's queue: its length, and messages that will grow too old with the causes."""

from dataclasses import dataclass
from datetime import datetime

from connector.domain.vocabulary import Bottleneck, ProblemCode, Reason
from connector.store.database import Conn
from connector.store.messages.claims import MAX_MESSAGES
from connector.store.rows import reader
from connector.store.statements import load_sql

# A due message leaves within this time, unless a limit holds it back or many are ahead of it.
HELD_AFTER_S = 60
LOOK_AGAIN_S = 300
# Messages held by a cause that may end at any moment are reported when this close to their maximum age.
SOON_S = 6 * 3600
# A shorter queue is not reported: a message leaves "in a moment".
LONG_S = 3600
# Problem about messages that were dropped; it is shown for a day after the last of them.
EXPIRED, SHOWN_S = ProblemCode.MESSAGES_EXPIRED, 86_400


@dataclass(frozen=True, slots=True)
class Outlook:
    is_linked: bool  # to an account
    is_portal_paused: bool
    pause_reason: Reason | None  # the account's: gateway_no_credits, gateway_auth
    is_unreachable: bool  # the gateway, at the last try
    limit: Bottleneck | None  # hourly_cap or pace: the tighter of the portal's own limits
    late: int  # campaign messages that their limit will not let leave in time
    soon: int  # messages near their maximum age
    lasts_s: float  # wait of a campaign's new message, without other causes


_read_outlook = reader(Outlook)


def is_wanted(conn: Conn, portal_id: int) -> bool:
    """Whether messages are held back, or many, and no look is scheduled yet."""
    row = conn.execute(
        """
        SELECT EXISTS (SELECT 1 FROM messages WHERE portal_id = %(portal_id)s AND state = 'queued'
                       AND priority = ANY('{0,1,2}') AND due_at <= now() - make_interval(secs => %(held_s)s))
            AND NOT EXISTS (SELECT 1 FROM lanes WHERE portal_id = %(portal_id)s AND kind = 'outlook'
                            AND next_due_at < 'infinity') AS wanted
        """,
        {"portal_id": portal_id, "held_s": HELD_AFTER_S},
    ).fetchone()
    return bool(row and row["wanted"])


_READ = load_sql(__file__, "read")


def read(conn: Conn, portal_id: int) -> Outlook:
    """Read the forecast from every due message: at most once in LOOK_AGAIN_S, and only while some are held back."""
    row = conn.execute(_READ, {"portal_id": portal_id, "soon_s": SOON_S, "call": MAX_MESSAGES}).fetchone()
    assert row is not None, "a lane has a portal"
    return _read_outlook(row)


def save(conn: Conn, portal_id: int, lasts_s: float) -> None:
    """Store the queue's length for new messages; a short queue counts as none."""
    conn.execute(
        """
        INSERT INTO outgoing AS o (portal_id, busy_until)
        VALUES (%(portal_id)s,
            CASE WHEN %(lasts_s)s >= %(long_s)s THEN now() + make_interval(secs => %(lasts_s)s) END)
        ON CONFLICT (portal_id) DO UPDATE SET busy_until = excluded.busy_until
        WHERE o.busy_until IS DISTINCT FROM excluded.busy_until
        """,
        {"portal_id": portal_id, "lasts_s": lasts_s, "long_s": LONG_S},
    )


def next_due_at(conn: Conn, portal_id: int) -> datetime | None:
    """The time of the next look: while messages are held back, or when the problem about dropped ones may be closed."""
    row = conn.execute(
        """
        SELECT LEAST(
            (SELECT now() + make_interval(secs => %(again_s)s) WHERE EXISTS (
                SELECT 1 FROM messages WHERE portal_id = %(portal_id)s AND state = 'queued'
                AND priority = ANY('{0,1,2}') AND due_at <= now() - make_interval(secs => %(held_s)s))),
            (SELECT seen_at + make_interval(secs => %(shown_s)s) FROM problems
             WHERE portal_id = %(portal_id)s AND code = %(expired)s AND closed_at IS NULL)) AS at
        """,
        {
            "portal_id": portal_id,
            "again_s": LOOK_AGAIN_S,
            "held_s": HELD_AFTER_S,
            "shown_s": SHOWN_S,
            "expired": EXPIRED,
        },
    ).fetchone()
    return row["at"] if row else None
