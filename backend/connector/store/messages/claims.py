"""Claims: the one statement that decides which messages leave now, in one call (protocol P4, P8, P11)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_type_hints

from psycopg import sql

from connector.store.database import Conn
from connector.store.lanes import Turn
from connector.store.messages.messages import QUALIFIED_COLUMNS, Message, read_message

# Most messages of one call; the adapter's own limit is checked by `SendCall`.
MAX_MESSAGES = 500

# A lane is woken a little after its slot; so much of that is made up for, else the account's pace is never reached.
CATCH_UP_S = 0.2

# A workflow enrols hundreds a second, of which each call would find some: once a call has carried so many and left
# nothing behind, the portal's next campaign call waits so long (seconds), and carries what has come meanwhile. A
# person's message never waits for it.
GATHER_FROM, GATHER_S = 25, 1.0

# State, consent, age, legal window, account, pause, pace, the portal's limits and the turn's fence are all checked by
# what claims. The head is the first message of the first class that has one; what may share its call has equal content.
# It is compared outside of the part that follows the index: so many conditions at once look so rare to the planner that
# it would read and sort the whole queue. `link` locks the account's row: claims of portals that share it take turns, so
# that together they keep its pace.
CLAIM = sql.SQL("""
WITH link AS (
    SELECT l.link_id, a.client_id, a.calls_per_s, LEAST(a.call_limit, %(limit)s) AS room
    FROM account_links l JOIN sms_accounts a USING (client_id)
    WHERE l.portal_id = %(portal_id)s AND l.unlinked_at IS NULL AND l.token_enc IS NOT NULL
      AND (a.paused_until IS NULL OR a.paused_until <= now()) AND a.next_call_at <= now()
      AND EXISTS (SELECT 1 FROM lanes WHERE portal_id = %(portal_id)s AND kind = %(kind)s AND fence = %(fence)s
                  AND lease_until > now())
    FOR UPDATE OF a
), guard AS (
    SELECT p.alert_rule, p.allowed_countries, link.room,
        LEAST(link.room,
            o.hourly_cap - CASE WHEN o.hour_at = date_trunc('hour', now(), 'UTC') THEN o.hour_count ELSE 0 END,
            CASE WHEN o.next_campaign_at > now() THEN 0 WHEN o.pace_per_minute IS NULL THEN link.room
                 ELSE GREATEST(1, o.pace_per_minute / 12) END) AS campaign_room
    FROM portals p CROSS JOIN link LEFT JOIN outgoing o USING (portal_id)
    WHERE p.portal_id = %(portal_id)s AND o.paused_at IS NULL
), head AS (
    SELECT m.*, guard.alert_rule, guard.allowed_countries,
        CASE WHEN m.priority = 0 THEN guard.room ELSE guard.campaign_room END AS room
    FROM guard CROSS JOIN unnest(%(classes)s::smallint[]) WITH ORDINALITY AS c (priority, place)
    CROSS JOIN LATERAL (
        SELECT q.priority, q.content_key, q.text, q.sender, q.push_type, q.unicode, q.links FROM messages q
        WHERE q.portal_id = %(portal_id)s AND q.state = 'queued' AND q.priority = c.priority
          AND q.due_at <= now() AND q.expires_at > now()
          AND (q.slot_ends_at IS NULL OR q.slot_ends_at > now() + make_interval(secs => %(call_s)s))
        ORDER BY q.due_at, q.message_id LIMIT 1) AS m
    WHERE c.priority = 0 OR guard.campaign_room > 0
    ORDER BY c.place LIMIT 1
), met AS (
    SELECT m.message_id, m.recipient, m.due_at,
        EXISTS (SELECT 1 FROM opt_outs o WHERE o.portal_id = %(portal_id)s AND o.recipient = m.recipient)
            AND NOT (head.push_type = 'alert' AND head.alert_rule = 'allow') AS is_opted_out,
        m.recipient_country <> ALL (head.allowed_countries) IS TRUE AS is_barred,
        head.push_type = 'marketing' AND m.recipient_country = ANY (%(closed)s) AS is_closed
    FROM head CROSS JOIN LATERAL (
        SELECT q.message_id, q.recipient, q.recipient_country, q.due_at, q.text, q.sender, q.push_type, q.unicode,
            q.links
        FROM messages q
        WHERE q.portal_id = %(portal_id)s AND q.state = 'queued' AND q.content_key = head.content_key
          AND q.priority = head.priority AND q.due_at <= now() AND q.expires_at > now()
          AND (q.slot_ends_at IS NULL OR q.slot_ends_at > now() + make_interval(secs => %(call_s)s))
        ORDER BY q.due_at, q.message_id LIMIT head.room FOR UPDATE SKIP LOCKED) AS m
    WHERE m.text = head.text AND m.sender IS NOT DISTINCT FROM head.sender AND m.push_type = head.push_type
      AND m.unicode = head.unicode AND m.links = head.links
), picked AS (
    SELECT DISTINCT ON (recipient) message_id FROM met WHERE NOT (is_opted_out OR is_barred OR is_closed)
    ORDER BY recipient, due_at, message_id
), attempt AS (
    INSERT INTO attempts (portal_id, attempt_id, link_id, fence)
    SELECT %(portal_id)s, %(attempt_id)s, link.link_id, %(fence)s FROM link WHERE EXISTS (SELECT 1 FROM picked)
    RETURNING attempt_id, link_id
), paced AS (
    UPDATE sms_accounts a SET next_call_at =
        GREATEST(a.next_call_at, now() - make_interval(secs => %(catch_up_s)s))
        + make_interval(secs => 1 / a.calls_per_s)
    FROM link, attempt WHERE a.client_id = link.client_id
), counted AS (
    INSERT INTO outgoing AS o (portal_id, hour_at, hour_count, next_campaign_at)
    SELECT %(portal_id)s, date_trunc('hour', now(), 'UTC'), n.picked, now() + make_interval(secs =>
        CASE WHEN n.picked >= %(gather_from)s AND n.picked < head.room AND n.picked >= (
            SELECT count(*) FROM (
                SELECT 1 FROM messages q WHERE q.portal_id = %(portal_id)s AND q.state = 'queued'
                AND q.priority = head.priority AND q.due_at <= now()
                ORDER BY q.due_at, q.message_id LIMIT n.picked + 1) AS due)
        THEN %(gather_s)s ELSE 0 END)
    FROM head, (SELECT count(*) AS picked FROM picked) AS n WHERE head.priority > 0 AND n.picked > 0
    ON CONFLICT (portal_id) DO UPDATE SET hour_at = excluded.hour_at,
        hour_count = excluded.hour_count + CASE WHEN o.hour_at = excluded.hour_at THEN o.hour_count ELSE 0 END,
        next_campaign_at = GREATEST(excluded.next_campaign_at,
            now() + make_interval(secs => COALESCE(60.0 * excluded.hour_count / o.pace_per_minute, 0)))
), membership AS (
    INSERT INTO attempt_messages (portal_id, attempt_id, message_id)
    SELECT %(portal_id)s, attempt.attempt_id, picked.message_id FROM attempt, picked
), logged AS (
    INSERT INTO message_states (portal_id, message_id, state, cause)
    SELECT %(portal_id)s, message_id, 'sending', 'claim' FROM picked
), claimed AS (
    UPDATE messages m SET state = 'sending', state_at = now(), reason = NULL, attempt_id = attempt.attempt_id
    FROM picked, attempt WHERE m.portal_id = %(portal_id)s AND m.message_id = picked.message_id
    RETURNING {columns}, attempt.link_id
)
SELECT (SELECT array_agg(message_id) FROM met WHERE is_opted_out) AS opted_out,
    (SELECT array_agg(message_id) FROM met WHERE is_barred AND NOT is_opted_out) AS barred,
    (SELECT array_agg(message_id) FROM met WHERE is_closed AND NOT (is_opted_out OR is_barred)) AS closed, claimed.*
FROM (VALUES (1)) AS always (one) LEFT JOIN claimed ON true
""").format(columns=QUALIFIED_COLUMNS)


_FIELDS = frozenset(get_type_hints(Message))


@dataclass(frozen=True, slots=True)
class Claim:
    """Messages of equal content, no number twice; committed before their call leaves."""

    attempt_id: uuid.UUID
    link_id: uuid.UUID
    messages: list[Message]


@dataclass(frozen=True, slots=True)
class Claimed:
    claim: Claim | None  # None: nothing may leave now
    # Met on the way, still queued: they must not leave.
    opted_out: list[uuid.UUID]
    barred: list[uuid.UUID]  # to a country that the portal allowed when they were written, and no longer
    closed: list[uuid.UUID]  # outside the legal hours as they are now


def claim(
    conn: Conn,
    turn: Turn,
    *,
    call_s: float,
    closed: Sequence[str] = (),
    classes: Sequence[int] = (0, 1, 2),
    limit: int = MAX_MESSAGES,
) -> Claimed:
    """Claim what leaves now, for one call of at most `call_s` seconds and `limit` messages.

    `closed`: countries where no marketing may be on its way for the length of a call. `classes`: priorities in the
    order in which they are tried. Commit before the call is made. A call that could end after the legal window is not
    begun.
    """
    values = values_of(turn, call_s=call_s, closed=closed, classes=classes, limit=limit)
    rows = conn.execute(CLAIM, values).fetchall()
    opted_out, barred, shut = (rows[0][name] or [] for name in ("opted_out", "barred", "closed"))
    if rows[0]["message_id"] is None:
        return Claimed(None, opted_out, barred, shut)
    link_id = rows[0]["link_id"]
    messages = [read_message({k: v for k, v in row.items() if k in _FIELDS}) for row in rows]
    return Claimed(Claim(values["attempt_id"], link_id, messages), opted_out, barred, shut)


def values_of(
    turn: Turn, *, call_s: float, closed: Sequence[str], classes: Sequence[int], limit: int
) -> dict[str, Any]:
    """What CLAIM is given, for an attempt of its own."""
    return {
        "portal_id": turn.portal_id,
        "kind": turn.kind,
        "fence": turn.fence,
        "attempt_id": uuid.uuid4(),
        "call_s": call_s,
        "closed": list(closed),
        "classes": list(classes),
        "limit": limit,
        "catch_up_s": CATCH_UP_S,
        "gather_from": GATHER_FROM,
        "gather_s": GATHER_S,
    }
