"""Messages that wait to leave: due ones, ones that may no longer leave, and cancelling one."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from connector.domain.message import CLASSES_OF_LANE
from connector.domain.vocabulary import LaneKind, PushType
from connector.store.database import Conn

BATCH = 500

# A lane with at most FEW messages is soon done, unless the oldest has waited FRESH_S seconds: then there are more such
# lanes than workers, and serving them first would make users and other kinds wait.
FEW, FRESH_S = 20, 2.0

# A campaign begins its call this much after the account's slot, so that a user's message can take the slot first.
_CAMPAIGN_YIELDS_S = 0.02


def come_due(conn: Conn, portal_id: int, classes: Sequence[int]) -> list[uuid.UUID]:
    """Scheduled messages of these classes that are due and whose record was read again.

    A message whose record could not be read in time is queued at its maximum age, where `too_old` finds it.
    """
    rows = conn.execute(
        """
        (SELECT message_id FROM messages
         WHERE portal_id = %(portal_id)s AND state = 'scheduled' AND checked_at IS NOT NULL
           AND priority = ANY(%(classes)s) AND due_at <= now() ORDER BY due_at, message_id LIMIT %(batch)s)
        UNION ALL
        (SELECT message_id FROM messages
         WHERE portal_id = %(portal_id)s AND state = 'scheduled' AND checked_at IS NULL
           AND priority = ANY(%(classes)s) AND expires_at <= now() ORDER BY expires_at LIMIT %(batch)s)
        """,
        {"portal_id": portal_id, "classes": list(classes), "batch": BATCH},
    )
    return [row["message_id"] for row in rows]


def too_old(conn: Conn, portal_id: int, classes: Sequence[int]) -> list[uuid.UUID]:
    """Queued messages of these classes beyond their maximum age."""
    rows = conn.execute(
        """
        SELECT message_id FROM messages
        WHERE portal_id = %(portal_id)s AND state = 'queued' AND priority = ANY(%(classes)s) AND expires_at <= now()
        ORDER BY expires_at LIMIT %(batch)s
        """,
        {"portal_id": portal_id, "classes": list(classes), "batch": BATCH},
    )
    return [row["message_id"] for row in rows]


def out_of_hours(conn: Conn, portal_id: int, *, call_s: float) -> dict[str, list[uuid.UUID]]:
    """Queued messages whose legal window closes within `call_s`, by the recipient's country."""
    rows = conn.execute(
        """
        SELECT message_id, recipient_country FROM messages
        WHERE portal_id = %(portal_id)s AND state = 'queued'
          AND slot_ends_at <= now() + make_interval(secs => %(call_s)s) AND due_at <= now() AND expires_at > now()
        ORDER BY slot_ends_at LIMIT %(batch)s
        """,
        {"portal_id": portal_id, "call_s": call_s, "batch": BATCH},
    )
    found: dict[str, list[uuid.UUID]] = {}
    for row in rows:
        found.setdefault(row["recipient_country"], []).append(row["message_id"])
    return found


def move_slot(
    conn: Conn,
    portal_id: int,
    message_ids: list[uuid.UUID],
    *,
    due_at: datetime,
    slot_ends_at: datetime | None,
) -> None:
    """Let queued messages wait for the next legal window; their maximum age counts from its start."""
    conn.execute(
        """
        UPDATE messages m SET due_at = %(due_at)s, slot_ends_at = %(slot_ends_at)s, reason = 'legal_hours',
            checked_at = NULL, expires_at = expires_at + (%(due_at)s - due_at)
        FROM (SELECT message_id FROM messages
              WHERE portal_id = %(portal_id)s AND message_id = ANY(%(message_ids)s) AND state = 'queued'
              ORDER BY message_id FOR NO KEY UPDATE) AS held
        WHERE m.portal_id = %(portal_id)s AND m.message_id = held.message_id
        """,
        {"portal_id": portal_id, "message_ids": message_ids, "due_at": due_at, "slot_ends_at": slot_ends_at},
    )


def next_delivery_at(conn: Conn, portal_id: int, *, kind: LaneKind) -> datetime | None:
    """The time at which a delivery lane must run again, from every condition of the claim that ends with time.

    While the portal is paused or has no account, only messages that become due or too old count: resuming and linking
    open the lane. None: nothing waits.
    """
    row = conn.execute(
        """
        WITH gate AS (
            SELECT GREATEST(a.paused_until, a.next_call_at) AS free_at,
                GREATEST(o.next_campaign_at,
                         CASE WHEN o.hour_count >= o.hourly_cap THEN o.hour_at + interval '1 h' END) AS campaign_at
            FROM account_links l JOIN sms_accounts a USING (client_id) LEFT JOIN outgoing o USING (portal_id)
            WHERE l.portal_id = %(portal_id)s AND l.unlinked_at IS NULL AND l.token_enc IS NOT NULL
              AND o.paused_at IS NULL
        ), class AS (
            SELECT c.priority, (SELECT min(m.due_at) FROM messages m WHERE m.portal_id = %(portal_id)s
                                AND m.state = 'queued' AND m.priority = c.priority) AS due_at,
                (SELECT min(m.expires_at) FROM messages m WHERE m.portal_id = %(portal_id)s
                 AND m.state = 'queued' AND m.priority = c.priority) AS expires_at,
                (SELECT min(m.due_at) FROM messages m WHERE m.portal_id = %(portal_id)s
                 AND m.state = 'scheduled' AND m.checked_at IS NOT NULL AND m.priority = c.priority) AS scheduled_at,
                (SELECT min(m.expires_at) FROM messages m WHERE m.portal_id = %(portal_id)s
                 AND m.state = 'scheduled' AND m.checked_at IS NULL AND m.priority = c.priority) AS unchecked_at
            FROM unnest(%(classes)s::smallint[]) AS c (priority)
        )
        SELECT LEAST(
            (SELECT min(CASE WHEN priority = 0 THEN GREATEST(due_at, free_at)
                        ELSE GREATEST(due_at, free_at + make_interval(secs => %(yields_s)s), campaign_at) END)
             FROM class, gate WHERE due_at IS NOT NULL),
            (SELECT LEAST(min(expires_at), min(scheduled_at), min(unchecked_at)) FROM class),
            (SELECT min(claimed_at) + interval '10 min' FROM attempts
             WHERE portal_id = %(portal_id)s AND outcome IS NULL AND lane_kind = %(kind)s)) AS at
        """,
        {
            "portal_id": portal_id,
            "kind": kind,
            "classes": list(CLASSES_OF_LANE[kind]),
            "yields_s": _CAMPAIGN_YIELDS_S,
        },
    ).fetchone()
    return row["at"] if row else None


def does_a_person_wait(conn: Conn, portal_id: int) -> bool:
    """Whether a user waits for a due message (card, reply)."""
    row = conn.execute(
        """
        SELECT EXISTS (SELECT 1 FROM messages WHERE portal_id = %s AND state = 'queued' AND priority = 0
                       AND due_at <= now()) AS waits
        """,
        (portal_id,),
    ).fetchone()
    return bool(row and row["waits"])


def is_soon_done(conn: Conn, portal_id: int) -> bool:
    """Whether so few messages of workflows and bulk sends are due that they cost almost nothing.

    Such a lane is served before a lane with a long queue, which hardly suffers (protocol P4).
    """
    row = conn.execute(
        """
        SELECT count(*) BETWEEN 1 AND %(few)s AND min(due_at) > now() - make_interval(secs => %(fresh_s)s) AS soon
        FROM (SELECT due_at FROM messages WHERE portal_id = %(portal_id)s AND state = 'queued'
              AND priority = ANY('{1,2}') AND due_at <= now() LIMIT %(few)s + 1) AS first
        """,
        {"portal_id": portal_id, "few": FEW, "fresh_s": FRESH_S},
    ).fetchone()
    return bool(row and row["soon"])


def count(conn: Conn, portal_id: int) -> dict[str, int]:
    """The numbers of waiting messages, by state.

    `queued`: waiting for their turn, credits or the end of a pause. `scheduled`: waiting for their time, as
    domain.message.waits_for_its_time. `resolving`: executions that become a message once HubSpot has returned
    recipient and values.
    """
    row = conn.execute(
        """
        SELECT count(*) FILTER (WHERE NOT waits) AS queued, count(*) FILTER (WHERE waits) AS scheduled,
            (SELECT count(*) FROM workflow_executions WHERE portal_id = %(portal_id)s AND state = 'resolving')
                AS resolving
        FROM (SELECT state = 'scheduled' OR (reason = 'legal_hours' AND due_at > now()) IS TRUE AS waits
              FROM messages WHERE portal_id = %(portal_id)s AND state IN ('queued', 'scheduled')) AS unsent
        """,
        {"portal_id": portal_id},
    ).fetchone()
    assert row is not None
    return dict(row)


def to_numbers(
    conn: Conn, portal_id: int, recipients: list[str], *, push_types: list[PushType]
) -> list[uuid.UUID]:
    """Unclaimed messages to these numbers, of these push types."""
    rows = conn.execute(
        """
        SELECT message_id FROM messages
        WHERE portal_id = %(portal_id)s AND recipient = ANY(%(recipients)s) AND push_type = ANY(%(push_types)s)
          AND state IN ('resolving', 'scheduled', 'held', 'queued')
        ORDER BY message_id
        """,
        {"portal_id": portal_id, "recipients": recipients, "push_types": push_types},
    )
    return [row["message_id"] for row in rows]
