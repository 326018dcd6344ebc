"""The data that decides whether and when a portal may text numbers: settings, account, opt-outs, in one round-trip."""

from collections.abc import Collection, Mapping
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
        EXISTS (SELECT 1 FROM account_links l WHERE l.portal_id = p.portal_id AND l.unlinked_at IS NULL) AS is_linked
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
    WHERE p.portal_id = ANY(%s) AND p.state = 'installed'
    """,
    columns=COLUMNS,
)


def read_sending(conn: Conn, portal_id: int, recipients: Collection[str]) -> Sending | None:
    """Read the data for these numbers (E.164). None: the portal has not installed the app."""
    return read_all(conn, {portal_id: recipients}).get(portal_id)


def read_all(conn: Conn, recipients: Mapping[int, Collection[str]]) -> dict[int, Sending]:
    """The same for several portals (portal -> numbers) in one round-trip; portals without the app are left out."""
    pairs = [(portal_id, number) for portal_id, numbers in recipients.items() for number in numbers]
    with conn.pipeline():
        portal_rows = conn.execute(_READ, (list(recipients),))
        opted_out_rows = opt_outs.select_pairs(conn, pairs)
    opted_out: dict[int, set[str]] = {portal_id: set() for portal_id in recipients}
    for row in opted_out_rows:
        opted_out[row["portal_id"]].add(row["recipient"])
    found = {}
    for row in portal_rows:
        portal_id, is_linked, held = row["portal_id"], row.pop("is_linked"), row.pop("held")
        found[portal_id] = Sending(
            read_portal(row),
            is_linked,
            frozenset(recipients[portal_id]),
            frozenset(opted_out[portal_id]),
            member(Hold, held) if held else None,
        )
    return found


def look_up_all(
    conn: Conn, sendings: Mapping[int, Sending], recipients: Mapping[int, Collection[str]]
) -> dict[int, Sending]:
    """The same, with the consent of more numbers (portal -> numbers)."""
    more = [
        (portal_id, number)
        for portal_id, numbers in recipients.items()
        for number in set(numbers) - sendings[portal_id].looked_up
    ]
    if not more:
        return dict(sendings)
    opted_out = {(row["portal_id"], row["recipient"]) for row in opt_outs.select_pairs(conn, more)}
    return {
        portal_id: replace(
            sending,
            looked_up=sending.looked_up | {number for owner, number in more if owner == portal_id},
            opted_out=sending.opted_out | {number for owner, number in opted_out if owner == portal_id},
        )
        for portal_id, sending in sendings.items()
    }
