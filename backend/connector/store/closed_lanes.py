"""Closed lanes, portal by portal: the reads of the second net (protocol P1)."""

from collections.abc import Sequence

from connector.domain.vocabulary import LaneKind
from connector.store.database import Conn


def next_portals(conn: Conn, after: int, limit: int) -> list[int]:
    """The ids of up to `limit` portals above `after`, lowest first."""
    rows = conn.execute(
        "SELECT portal_id FROM portals WHERE portal_id > %s ORDER BY portal_id LIMIT %s", (after, limit)
    )
    return [row["portal_id"] for row in rows]


def closed(conn: Conn, portal_ids: Sequence[int], kinds: Sequence[LaneKind]) -> list[tuple[int, LaneKind]]:
    """(portal, kind) of every lane of these portals and kinds that is closed or was never opened."""
    rows = conn.execute(
        """
        SELECT p.portal_id, k.kind
        FROM unnest(%(portal_ids)s::bigint[]) AS p (portal_id) CROSS JOIN unnest(%(kinds)s::text[]) AS k (kind)
        WHERE NOT EXISTS (SELECT 1 FROM lanes l WHERE l.portal_id = p.portal_id AND l.kind = k.kind
                          AND l.next_due_at < 'infinity')
        """,
        {"portal_ids": list(portal_ids), "kinds": list(kinds)},
    )
    return [(row["portal_id"], LaneKind(row["kind"])) for row in rows]


def is_closed(conn: Conn, portal_id: int, kind: LaneKind) -> bool:
    """Whether this lane is closed or was never opened."""
    row = conn.execute(
        "SELECT 1 FROM lanes WHERE portal_id = %s AND kind = %s AND next_due_at < 'infinity'",
        (portal_id, kind),
    ).fetchone()
    return row is None
