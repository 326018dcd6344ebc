"""Positions in the reading of an account's STOP list and list of unassigned numbers, by link (protocol P14)."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from connector.domain.vocabulary import GatewayList, LaneKind
from connector.store.database import Conn
from connector.store.lanes import Entered
from connector.store.rows import member


@dataclass(frozen=True, slots=True)
class ListReading:
    link_id: uuid.UUID
    name: GatewayList  # the list being read
    offset: int  # rows of it already read
    began_at: datetime


def begin_or_resume(conn: Conn, portal_id: int) -> ListReading | None:
    """The due reading of the portal's current link; None if none is due."""
    row = conn.execute(
        """
        UPDATE account_links SET lists_began_at = COALESCE(lists_began_at, now())
        WHERE portal_id = %s AND unlinked_at IS NULL AND token_enc IS NOT NULL AND lists_due_at <= now()
        RETURNING link_id, lists_name, lists_offset, lists_began_at
        """,
        (portal_id,),
    ).fetchone()
    if row is None:
        return None
    return ListReading(
        row["link_id"], member(GatewayList, row["lists_name"]), row["lists_offset"], row["lists_began_at"]
    )


def want(entered: Entered) -> None:
    """Read the lists of the portal's current link now: `entered` for `lists`, which the caller wakes."""
    entered.require(LaneKind.LISTS)
    entered.conn.execute(
        """
        UPDATE account_links SET lists_due_at = LEAST(lists_due_at, now())
        WHERE portal_id = %s AND unlinked_at IS NULL AND token_enc IS NOT NULL
        """,
        (entered.portal_id,),
    )


def save(conn: Conn, portal_id: int, link_id: uuid.UUID, *, name: GatewayList, offset: int) -> None:
    """Store the reading's position."""
    conn.execute(
        """
        UPDATE account_links SET lists_name = %(name)s, lists_offset = %(offset)s
        WHERE portal_id = %(portal_id)s AND link_id = %(link_id)s
        """,
        {"name": name, "offset": offset, "portal_id": portal_id, "link_id": link_id},
    )


def end(conn: Conn, portal_id: int, link_id: uuid.UUID, *, next_at: datetime) -> None:
    """End the reading, after both lists; the next one begins at `next_at`."""
    conn.execute(
        """
        UPDATE account_links SET lists_due_at = %(next_at)s, lists_began_at = NULL, lists_name = 'stop',
            lists_offset = 0
        WHERE portal_id = %(portal_id)s AND link_id = %(link_id)s
        """,
        {"next_at": next_at, "portal_id": portal_id, "link_id": link_id},
    )


def next_due_at(conn: Conn, portal_id: int) -> datetime | None:
    row = conn.execute(
        """
        SELECT lists_due_at AS at FROM account_links
        WHERE portal_id = %s AND unlinked_at IS NULL AND token_enc IS NOT NULL
        """,
        (portal_id,),
    ).fetchone()
    return row["at"] if row else None
