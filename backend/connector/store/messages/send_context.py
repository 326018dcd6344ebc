"""The data that decides whether and when a portal may text numbers: settings, account, opt-outs, in one round-trip."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from connector.domain.vocabulary import Hold
from connector.store.consent import opt_outs
from connector.store.database import Conn
from connector.store.portals.portals import COLUMNS, Portal, read_portal
from connector.store.rows import member
from connector.store.statements import compose


@dataclass(frozen=True, slots=True)
class Sending:
    portal: Portal
    is_linked: bool  # has an account to send with
    looked_up: frozenset[str]  # numbers whose consent was checked
    opted_out: frozenset[str]  # the checked numbers that have opted out
    held: Hold | None  # the reason that an SMS of a workflow will not leave at once; None: it will


_READ = compose(
    """
    SELECT {columns}, held,
        EXISTS (SELECT 1 FROM account_links l WHERE l.portal_id = p.portal_id AND l.unlinked_at IS NULL) AS is_linked,
        ARRAY(SELECT o.recipient FROM opt_outs o WHERE o.portal_id = p.portal_id AND o.recipient = ANY(%(recipients)s))
            AS opted_out
    FROM portals p CROSS JOIN LATERAL (
        SELECT CASE WHEN g.paused_at IS NOT NULL THEN 'portal_paused'
            WHEN a.pause_reason IS NOT NULL OR d.last_error = 'gateway_unreachable' THEN 'gateway_waits'
            WHEN g.busy_until > now() + interval '1 hour' THEN 'long_queue'
            WHEN g.hour_count >= g.hourly_cap AND g.hour_at = date_trunc('hour', now(), 'UTC') THEN 'hourly_cap'
            ELSE '' END AS held
        FROM (VALUES (1)) AS always (filler)
        LEFT JOIN outgoing g ON g.portal_id = p.portal_id
        LEFT JOIN lanes d ON d.portal_id = p.portal_id AND d.kind = 'deliver'
        LEFT JOIN account_links k ON k.portal_id = p.portal_id AND k.unlinked_at IS NULL
        LEFT JOIN sms_accounts a ON a.client_id = k.client_id
        LIMIT 1) AS queue
    WHERE p.portal_id = %(portal_id)s AND p.state = 'installed'
    """,
    columns=COLUMNS,
)


def read_sending(conn: Conn, portal_id: int, recipients: Collection[str]) -> Sending | None:
    """Read the data for these numbers (E.164). None: the portal has not installed the app."""
    row = conn.execute(_READ, {"portal_id": portal_id, "recipients": list(recipients)}).fetchone()
    if row is None:
        return None
    is_linked, opted_out, held = (row.pop(name) for name in ("is_linked", "opted_out", "held"))
    return Sending(
        read_portal(row),
        is_linked,
        frozenset(recipients),
        frozenset(opted_out),
        member(Hold, held) if held else None,
    )


def look_up(conn: Conn, sending: Sending, recipients: Collection[str]) -> Sending:
    """The same, with the consent of more numbers."""
    more = set(recipients) - sending.looked_up
    if not more:
        return sending
    found = opt_outs.opted_out(conn, sending.portal.portal_id, sorted(more))
    return replace(sending, looked_up=sending.looked_up | more, opted_out=sending.opted_out | found)
