"""Idempotency keys: same key and same content give one message for any number of requests (protocol P15, P16).

`store/messages/keyed_messages.py` binds them, in the statement that stores their messages.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from psycopg import Cursor
from psycopg.rows import DictRow

from connector.domain.vocabulary import Source
from connector.store.database import Conn
from connector.store.vault import digest


class Key(NamedTuple):
    portal_id: int
    source: Source
    key_hash: bytes


@dataclass(frozen=True, slots=True)
class BoundKey:
    message_id: uuid.UUID
    request_hash: bytes


def key_hash(key: str) -> bytes:
    """The stored form of a caller's key (protocol P15)."""
    return digest(key)


def request_hash(content: dict[str, Any]) -> bytes:
    """SHA-256 of the request's content, independent of key order."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode()).digest()


def select_bound(conn: Conn, keys: Sequence[Key]) -> Cursor[DictRow]:
    """The rows of those keys that are bound, for `read_bound`; read after the caller's pipeline ends."""
    return conn.execute(
        """
        SELECT k.portal_id, k.source, k.key_hash, k.request_hash, k.message_id
        FROM unnest(%(portal_ids)s::bigint[], %(sources)s::text[], %(key_hashes)s::bytea[])
            AS asked (portal_id, source, key_hash)
        CROSS JOIN LATERAL (
            SELECT * FROM idempotency_keys b
            WHERE b.portal_id = asked.portal_id AND b.source = asked.source AND b.key_hash = asked.key_hash
            LIMIT 1) AS k
        """,
        {
            "portal_ids": [key.portal_id for key in keys],
            "sources": [key.source for key in keys],
            "key_hashes": [key.key_hash for key in keys],
        },
    )


def select_one(conn: Conn, key: Key) -> Cursor[DictRow]:
    """`select_bound` of one key: no arrays to send."""
    return conn.execute(
        """
        SELECT portal_id, source, key_hash, request_hash, message_id FROM idempotency_keys
        WHERE portal_id = %(portal_id)s AND source = %(source)s AND key_hash = %(key_hash)s
        """,
        key._asdict(),
    )


def read_bound(rows: Iterable[DictRow]) -> dict[Key, BoundKey]:
    """The rows of `select_bound` by their keys."""
    return {
        Key(row["portal_id"], row["source"], bytes(row["key_hash"])): BoundKey(
            row["message_id"], bytes(row["request_hash"])
        )
        for row in rows
    }
