"""Idempotency keys: same key and same content give one message for any number of requests (protocol P15, P16)."""

import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Any

from connector.domain.vocabulary import Source
from connector.store.database import Conn
from connector.store.vault import digest


@dataclass(frozen=True, slots=True)
class BoundKey:
    message_id: uuid.UUID
    request_hash: bytes


def request_hash(content: dict[str, Any]) -> bytes:
    """SHA-256 of the request's content, independent of key order."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode()).digest()


def find(conn: Conn, portal_id: int, source: Source, key: str) -> BoundKey | None:
    row = conn.execute(
        """
        SELECT message_id, request_hash FROM idempotency_keys
        WHERE portal_id = %(portal_id)s AND source = %(source)s AND key_hash = %(key_hash)s
        """,
        {"portal_id": portal_id, "source": source, "key_hash": digest(key)},
    ).fetchone()
    return BoundKey(row["message_id"], bytes(row["request_hash"])) if row else None


def bind(
    conn: Conn, portal_id: int, source: Source, key: str, *, content_hash: bytes, message_id: uuid.UUID
) -> bool:
    """Bind the key to a message about to be stored. False: an equal request was faster; read again with `find`.

    The insert waits for a rival that has not committed yet, so the `find` that follows sees its row.
    """
    row = conn.execute(
        """
        INSERT INTO idempotency_keys (portal_id, source, key_hash, request_hash, message_id)
        VALUES (%(portal_id)s, %(source)s, %(key_hash)s, %(content_hash)s, %(message_id)s)
        ON CONFLICT DO NOTHING
        RETURNING 1
        """,
        {
            "portal_id": portal_id,
            "source": source,
            "key_hash": digest(key),
            "content_hash": content_hash,
            "message_id": message_id,
        },
    ).fetchone()
    return row is not None
