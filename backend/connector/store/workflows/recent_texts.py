"""The latest SMS of workflows with each number and text, for portals that send a text to a number once (F3.5)."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from connector.store.database import Conn
from connector.store.messages.messages import Message

# Rows removed for each new one: more than are added, so that the table holds little beyond the window.
_REMOVED_PER_ROW: Final = 2

# In the order of the key. Rows in force are left as they are.
CLAIM = b"""
    INSERT INTO recent_texts AS r (portal_id, digest, message_id, leaves_at)
    SELECT %(portal_id)s, digest, message_id, leaves_at
    FROM unnest(%(digests)s::bytea[], %(message_ids)s::uuid[], %(leaves_at)s::timestamptz[])
        AS new (digest, message_id, leaves_at)
    ORDER BY digest
    ON CONFLICT (portal_id, digest) DO UPDATE SET message_id = excluded.message_id, leaves_at = excluded.leaves_at
    WHERE excluded.leaves_at >= r.leaves_at + %(within)s OR excluded.leaves_at <= r.leaves_at - %(within)s
        OR EXISTS (
            SELECT 1 FROM messages m WHERE m.portal_id = r.portal_id AND m.message_id = r.message_id
              AND m.state IN ('refused', 'blocked', 'cancelled', 'too_late'))
    RETURNING message_id
    """

REMOVE = b"""
    DELETE FROM recent_texts WHERE portal_id = %(portal_id)s AND digest IN (
        SELECT digest FROM recent_texts WHERE portal_id = %(portal_id)s AND leaves_at < now() - %(within)s
        ORDER BY leaves_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
    """


def digest_of(message: Message) -> bytes:
    """Digest of the recipient and the text with its short links; sender and push type do not matter."""
    parts = [message.recipient, message.text, *message.links]
    return hashlib.sha256("\0".join(parts).encode()).digest()


def claim(conn: Conn, portal_id: int, new: Sequence[Message], *, within: timedelta) -> set[uuid.UUID]:
    """Claim number and text for these messages; returns those that may leave.

    Each message of `new` comes before those that repeat it. A message repeats another if both leave less than `within`
    apart; one that never left, because it was refused or stopped, does not count. A rival transaction with the same
    number and text is waited for. The executions of the messages are locked before (protocol P26).
    """
    digests = [digest_of(message) for message in new]
    first = {digest: message for digest, message in reversed(list(zip(digests, new, strict=True)))}
    values = values_of(portal_id, first, within=within)
    rows = conn.execute(CLAIM, values).fetchall()
    conn.execute(REMOVE, values)
    return {row["message_id"] for row in rows}


def values_of(portal_id: int, first: Mapping[bytes, Message], *, within: timedelta) -> dict[str, Any]:
    """The parameters of both statements; `first`: the first message of each digest."""
    return {
        "portal_id": portal_id,
        "digests": list(first),
        "message_ids": [message.message_id for message in first.values()],
        "leaves_at": [message.due_at for message in first.values()],
        "within": within,
        "limit": _REMOVED_PER_ROW * len(first),
    }
