"""The consent ledger: the numbers that must not be texted, and every change with its author (B3).

`opt_outs` has the opt-outs in force, and the claim reads it; `consent_events` is the history.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from psycopg import Cursor
from psycopg.rows import DictRow

from connector.domain.vocabulary import ConsentSource
from connector.store.database import Conn


@dataclass(frozen=True, slots=True)
class ListedStop:
    """A number on the gateway's STOP list."""

    recipient: str  # E.164
    entry_id: str | None  # the gateway's; None: it refused a listed number without its entry
    at: datetime


@dataclass(frozen=True, slots=True)
class Author:
    """The user of the portal who recorded a change."""

    user_id: int | None
    user_email: str | None  # identifies the author to colleagues; None: not given by HubSpot


@dataclass(frozen=True, slots=True)
class OptOut:
    """An opt-out in force, as it was read."""

    portal_id: int
    recipient: str  # E.164
    at: datetime
    gateway_entry_id: str | None  # its entry at the last reading of the gateway's STOP list; None: unknown


def add(
    conn: Conn,
    portal_id: int,
    recipient: str,
    *,
    source: ConsentSource,
    text: str,
    at: datetime,
) -> bool:
    """Record the opt-out. False: one of that time or later was already in force, nothing changed.

    A newer opt-out replaces an older one, so that consent given in between cannot end it (`end`). Its entry at the
    gateway may differ, so the stored entry is cleared.
    """
    added = conn.execute(
        """
        INSERT INTO opt_outs AS o (portal_id, recipient, source, text, opted_out_at)
        VALUES (%(portal_id)s, %(recipient)s, %(source)s, %(text)s, %(at)s)
        ON CONFLICT (portal_id, recipient) DO UPDATE SET source = excluded.source, text = excluded.text,
            opted_out_at = excluded.opted_out_at, gateway_entry_id = NULL
        WHERE o.opted_out_at < excluded.opted_out_at RETURNING 1
        """,
        {"portal_id": portal_id, "recipient": recipient, "source": source, "text": text, "at": at},
    ).fetchone()
    if added:
        conn.execute(
            """
            INSERT INTO consent_events (portal_id, recipient, event, source, text, at)
            VALUES (%(portal_id)s, %(recipient)s, 'opted_out', %(source)s, %(text)s, %(at)s)
            """,
            {"portal_id": portal_id, "recipient": recipient, "source": source, "text": text, "at": at},
        )
    return added is not None


def add_new(
    conn: Conn,
    portal_id: int,
    recipients: list[str],
    *,
    source: ConsentSource,
    text: str,
    author: Author | None,
    at: datetime,
) -> list[str]:
    """Record opt-outs of the numbers that have none in force, and return these numbers."""
    rows = conn.execute(
        """
        WITH added AS (
            INSERT INTO opt_outs (portal_id, recipient, source, text, opted_out_at)
            SELECT %(portal_id)s, recipient, %(source)s, %(text)s, %(at)s
            FROM unnest(%(recipients)s::text[]) AS recipient ORDER BY recipient
            ON CONFLICT DO NOTHING RETURNING recipient
        )
        INSERT INTO consent_events (portal_id, recipient, event, source, user_id, user_email, text, at)
        SELECT %(portal_id)s, recipient, 'opted_out', %(source)s, %(user_id)s, %(user_email)s, %(text)s, %(at)s
        FROM added RETURNING recipient
        """,
        {
            "portal_id": portal_id,
            "recipients": recipients,
            "source": source,
            "text": text,
            "at": at,
            "user_id": author.user_id if author else None,
            "user_email": author.user_email if author else None,
        },
    ).fetchall()
    return [row["recipient"] for row in rows]


def end(
    conn: Conn,
    opt_out: OptOut,
    *,
    source: ConsentSource,
    reason: str,
    user_id: int | None,
    user_email: str | None,
    at: datetime,
) -> bool:
    """Record that the person consents again. False: this opt-out is no longer in force; a newer one may be."""
    portal_id, recipient = opt_out.portal_id, opt_out.recipient
    ended = conn.execute(
        """
        DELETE FROM opt_outs
        WHERE portal_id = %(portal_id)s AND recipient = %(recipient)s AND opted_out_at = %(at)s
        RETURNING 1
        """,
        {"portal_id": portal_id, "recipient": recipient, "at": opt_out.at},
    ).fetchone()
    if ended:
        conn.execute(
            """
            INSERT INTO consent_events (portal_id, recipient, event, source, user_id, user_email, text, at)
            VALUES (%(portal_id)s, %(recipient)s, 'consented', %(source)s, %(user_id)s, %(user_email)s, %(reason)s,
                %(at)s)
            """,
            {
                "portal_id": portal_id,
                "recipient": recipient,
                "source": source,
                "user_id": user_id,
                "user_email": user_email,
                "reason": reason,
                "at": at,
            },
        )
    return ended is not None


def add_imported(
    conn: Conn, portal_id: int, stops: list[ListedStop], *, unless_consented_since: datetime
) -> list[str]:
    """Add the numbers of the gateway's STOP list that the ledger lacks, and return them.

    Known numbers get the entry's id, if it is given. Left out: numbers whose consent was recorded since
    `unless_consented_since`.
    """
    rows = conn.execute(
        """
        WITH listed AS (
            SELECT DISTINCT ON (recipient) recipient, entry_id, at
            FROM unnest(%(recipients)s::text[], %(entry_ids)s::text[], %(ats)s::timestamptz[])
                AS entry (recipient, entry_id, at)
            WHERE NOT EXISTS (SELECT 1 FROM consent_events c WHERE c.portal_id = %(portal_id)s
                AND c.recipient = entry.recipient AND c.event = 'consented' AND c.at >= %(since)s)
            ORDER BY recipient, at
        ), stored AS (
            INSERT INTO opt_outs (portal_id, recipient, source, opted_out_at, gateway_entry_id)
            SELECT %(portal_id)s, recipient, 'import', at, entry_id FROM listed ORDER BY recipient
            ON CONFLICT (portal_id, recipient) DO UPDATE SET gateway_entry_id = excluded.gateway_entry_id
                WHERE excluded.gateway_entry_id IS NOT NULL
                  AND opt_outs.gateway_entry_id IS DISTINCT FROM excluded.gateway_entry_id
            RETURNING recipient, opted_out_at, xmax = 0 AS is_new -- xmax: 0 for a row that was inserted
        )
        INSERT INTO consent_events (portal_id, recipient, event, source, at)
        SELECT %(portal_id)s, recipient, 'opted_out', 'import', opted_out_at FROM stored WHERE is_new
        RETURNING recipient
        """,
        {
            "portal_id": portal_id,
            "recipients": [stop.recipient for stop in stops],
            "entry_ids": [stop.entry_id for stop in stops],
            "ats": [stop.at for stop in stops],
            "since": unless_consented_since,
        },
    ).fetchall()
    return [row["recipient"] for row in rows]


def find(conn: Conn, portal_id: int, recipient: str) -> OptOut | None:
    """The opt-out in force; None: there is none."""
    row = conn.execute(
        """
        SELECT portal_id, recipient, opted_out_at AS at, gateway_entry_id FROM opt_outs
        WHERE portal_id = %s AND recipient = %s
        """,
        (portal_id, recipient),
    ).fetchone()
    return OptOut(**row) if row else None


def opted_out(conn: Conn, portal_id: int, recipients: list[str]) -> set[str]:
    """The given numbers that have opted out."""
    rows = conn.execute(
        "SELECT recipient FROM opt_outs WHERE portal_id = %s AND recipient = ANY(%s)", (portal_id, recipients)
    )
    return {row["recipient"] for row in rows}


def select_pairs(conn: Conn, pairs: Collection[tuple[int, str]]) -> Cursor[DictRow]:
    """The rows (portal_id, recipient) of those pairs that have opted out; read after the caller's pipeline ends."""
    return conn.execute(
        """
        SELECT portal_id, recipient FROM unnest(%s::bigint[], %s::text[]) AS asked (portal_id, recipient)
        WHERE (SELECT true FROM opt_outs o WHERE o.portal_id = asked.portal_id AND o.recipient = asked.recipient)
        """,
        ([portal_id for portal_id, _ in pairs], [recipient for _, recipient in pairs]),
    )
