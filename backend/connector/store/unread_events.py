"""Events of the gateway that cannot be read: their bytes, until they are too old or their number is erased."""

from collections.abc import Sequence
from dataclasses import dataclass

from connector.domain.phone_numbers import written_forms
from connector.domain.vocabulary import GatewayEvent, ProblemCode
from connector.store.database import Conn

# Bodies that one search for a number reads at a time.
_PAGE = 100


@dataclass(frozen=True, slots=True)
class UnreadBody:
    """A body of which an event cannot be read."""

    client_id: str  # the account whose path and signature proved it
    type: GatewayEvent
    body: bytes  # as it arrived, or its beginning
    digest: bytes  # of the whole body
    fault: str


def keep(conn: Conn, unread: UnreadBody) -> bool:
    """Store the bytes. False: the same body is already stored."""
    row = conn.execute(
        """
        INSERT INTO unread_events (client_id, type, body_hash, body, fault)
        VALUES (%(client_id)s, %(type)s, %(digest)s, %(body)s, %(fault)s)
        ON CONFLICT DO NOTHING
        RETURNING 1
        """,
        {
            "client_id": unread.client_id,
            "type": unread.type,
            "digest": unread.digest,
            "body": unread.body,
            "fault": unread.fault,
        },
    ).fetchone()
    return row is not None


def count(conn: Conn, client_id: str, *, days: int) -> int:
    """The account's events of the last days that could not be read."""
    row = conn.execute(
        """
        SELECT count(*) AS n FROM unread_events
        WHERE client_id = %s AND received_at > now() - make_interval(days => %s)
        """,
        (client_id, days),
    ).fetchone()
    return int(row["n"]) if row else 0


def forget(conn: Conn, *, days: int) -> int:
    """Delete the events of all accounts that are older than this; returns their number."""
    return conn.execute(
        "DELETE FROM unread_events WHERE received_at <= now() - make_interval(days => %s)", (days,)
    ).rowcount


def shown_to(conn: Conn) -> Sequence[str]:
    """The accounts whose portals show that events could not be read."""
    rows = conn.execute(
        """
        SELECT DISTINCT l.client_id FROM problems p JOIN account_links l USING (portal_id)
        WHERE p.code = %s AND p.closed_at IS NULL AND l.unlinked_at IS NULL ORDER BY l.client_id
        """,
        (ProblemCode.GATEWAY_EVENTS_UNREAD,),
    )
    return [row["client_id"] for row in rows]


def erase(conn: Conn, client_id: str, number: str) -> int:
    """Delete the account's events whose bytes hold this number (E.164) in any notation; returns how many."""
    forms, erased, after = written_forms(number), 0, ("", b"")
    while True:
        rows = conn.execute(
            """
            SELECT type, body_hash, body FROM unread_events
            WHERE client_id = %(client_id)s AND (type, body_hash) > (%(type)s, %(body_hash)s)
            ORDER BY type, body_hash LIMIT %(limit)s
            """,
            {"client_id": client_id, "type": after[0], "body_hash": after[1], "limit": _PAGE},
        ).fetchall()
        for row in rows:
            if forms.search(bytes(row["body"])):
                erased += conn.execute(
                    """
                    DELETE FROM unread_events
                    WHERE client_id = %(client_id)s AND type = %(type)s AND body_hash = %(body_hash)s
                    """,
                    {"client_id": client_id, "type": row["type"], "body_hash": row["body_hash"]},
                ).rowcount
        if len(rows) < _PAGE:
            return erased
        after = (rows[-1]["type"], rows[-1]["body_hash"])
