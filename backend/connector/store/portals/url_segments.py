"""Use of the segments in the addresses that HubSpot's services call: a hash of each, a count, the last time."""

from collections.abc import Collection, Mapping

from connector.store.database import Conn


def add_uses(conn: Conn, uses: Mapping[bytes, int], *, listed: Collection[bytes]) -> None:
    """Count uses; a segment that is not `listed` gets no new row, because an operator may have deleted it.

    The commit does not wait for the disk: a crash may lose a count, no accepted work.
    """
    conn.execute("SET LOCAL synchronous_commit = off")
    hashes = sorted(uses)  # one order of locks in all processes
    conn.execute(
        """
        INSERT INTO url_segments AS s (segment_hash, uses)
        SELECT * FROM unnest(%(hashes)s::bytea[], %(uses)s::bigint[]) AS u (segment_hash, uses)
        WHERE u.segment_hash = ANY(%(listed)s::bytea[])
           OR EXISTS (SELECT 1 FROM url_segments known WHERE known.segment_hash = u.segment_hash)
        ON CONFLICT (segment_hash) DO UPDATE SET uses = s.uses + excluded.uses, last_used_at = now()
        """,
        {"hashes": hashes, "uses": [uses[hashed] for hashed in hashes], "listed": list(listed)},
    )


def used_lately(conn: Conn) -> frozenset[bytes]:
    """Hashes of the segments used in the last 30 days."""
    rows = conn.execute(
        "SELECT segment_hash FROM url_segments WHERE last_used_at > now() - interval '30 days'"
    ).fetchall()
    return frozenset(row["segment_hash"] for row in rows)
