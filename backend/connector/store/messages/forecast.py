"""How a portal's waiting messages look: how long their queue is, which of them will grow too old, and why."""

from dataclasses import dataclass
from datetime import datetime

from connector.domain.vocabulary import Bottleneck, ProblemCode, Reason
from connector.store.database import Conn
from connector.store.messages.claims import MAX_MESSAGES
from connector.store.rows import reader
from connector.store.statements import load_sql

# A message that is due has left within this time, unless something holds it back or many are before it.
HELD_AFTER_S = 60
LOOK_AGAIN_S = 300
# What is held for a cause that may end any moment is told of when its time will be over so soon.
SOON_S = 6 * 3600
# A queue that is shorter is not worth a word: a message leaves "in a moment".
LONG_S = 3600
# Problem about messages that were dropped; it is shown for a day after the last of them.
EXPIRED, SHOWN_S = ProblemCode.MESSAGES_EXPIRED, 86_400


@dataclass(frozen=True, slots=True)
class Outlook:
    is_linked: bool  # to an account
    is_portal_paused: bool
    pause_reason: Reason | None  # of the account: gateway_no_credits, gateway_auth
    is_unreachable: bool  # the gateway, when it was last tried
    limit: Bottleneck | None  # hourly_cap or pace: which of the portal's own limits is the tighter one
    late: int  # campaign messages that their limit will not let leave in time
    soon: int  # messages whose time is over soon
    lasts_s: float  # what a campaign adds now waits so long, if nothing else holds it


_read_outlook = reader(Outlook)


def is_wanted(conn: Conn, portal_id: int) -> bool:
    """Whether messages are held back, or many, and nobody is to look at that yet."""
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
    """Reads every message that is due: at most once in LOOK_AGAIN_S, and only while some are held back."""
    row = conn.execute(_READ, {"portal_id": portal_id, "soon_s": SOON_S, "call": MAX_MESSAGES}).fetchone()
    assert row is not None, "a lane has a portal"
    return _read_outlook(row)


def save(conn: Conn, portal_id: int, lasts_s: float) -> None:
    """Keep how long the queue is for those who add to it; a short one is none."""
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
    """While messages are held back: in a while. While the problem about dropped ones is open: when its day is over."""
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
