"""How a portal's waiting messages look: how long their queue is, which of them will grow too old, and why."""

from dataclasses import dataclass
from datetime import datetime

from connector.domain.vocabulary import Bottleneck, ProblemCode, Reason
from connector.store.database import Conn
from connector.store.messages.claims import MAX_MESSAGES
from connector.store.rows import reader

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


# The place of a message in the queue and the rate of the limit say when it leaves; close enough for a warning.
_READ = """
WITH due AS MATERIALIZED (
    SELECT message_id, due_at, expires_at, priority, content_key, reason FROM messages
    WHERE portal_id = %(portal_id)s AND state = 'queued' AND due_at <= now()
), limits AS (
    SELECT o.paused_at IS NOT NULL AS is_portal_paused,
        o.hourly_cap / 3600.0 AS by_cap, o.pace_per_minute / 60.0 AS by_pace -- messages a second
    FROM portals p LEFT JOIN outgoing o USING (portal_id) WHERE p.portal_id = %(portal_id)s
), account AS (
    SELECT a.calls_per_s, a.pause_reason
    FROM account_links l JOIN sms_accounts a USING (client_id)
    WHERE l.portal_id = %(portal_id)s AND l.unlinked_at IS NULL
), placed AS (
    SELECT expires_at, row_number() OVER (ORDER BY due_at, message_id) AS place FROM due WHERE priority > 0
), calls AS (
    SELECT COALESCE(sum(ceil(n / %(call)s::numeric)), 0) AS n
    FROM (SELECT count(*) AS n FROM due WHERE priority > 0 GROUP BY content_key) AS texts
)
SELECT EXISTS (SELECT 1 FROM account) AS is_linked, limits.is_portal_paused,
    (SELECT pause_reason FROM account) AS pause_reason,
    EXISTS (SELECT 1 FROM due WHERE reason = 'gateway_unreachable') AS is_unreachable,
    CASE WHEN LEAST(by_cap, by_pace) IS NULL THEN NULL WHEN by_pace <= by_cap OR by_cap IS NULL THEN 'pace'
         ELSE 'hourly_cap' END AS "limit",
    (SELECT count(*) FROM placed
     WHERE place > LEAST(by_cap, by_pace) * EXTRACT(EPOCH FROM GREATEST(expires_at - now(), interval '0'))) AS late,
    (SELECT count(*) FROM due WHERE expires_at <= now() + make_interval(secs => %(soon_s)s)) AS soon,
    GREATEST((SELECT count(*) FROM placed) / LEAST(by_cap, by_pace),
             (SELECT n FROM calls) / (SELECT calls_per_s FROM account), 0)::float AS lasts_s
FROM limits
"""


def read(conn: Conn, portal_id: int) -> Outlook:
    """Reads every message that is due: at most once in LOOK_AGAIN_S, and only while some are held back."""
    row = conn.execute(_READ, {"portal_id": portal_id, "soon_s": SOON_S, "call": MAX_MESSAGES}).fetchone()
    assert row is not None, "a lane has a portal"
    return _read_outlook(row)


def save(conn: Conn, portal_id: int, lasts_s: float) -> None:
    """Keep how long the queue is for those who add to it; a short one is none."""
    conn.execute(
        "INSERT INTO outgoing AS o (portal_id, busy_until) VALUES (%(portal_id)s,"
        " CASE WHEN %(lasts_s)s >= %(long_s)s THEN now() + make_interval(secs => %(lasts_s)s) END)"
        " ON CONFLICT (portal_id) DO UPDATE SET busy_until = excluded.busy_until"
        " WHERE o.busy_until IS DISTINCT FROM excluded.busy_until",
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
