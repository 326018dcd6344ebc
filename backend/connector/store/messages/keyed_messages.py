"""New messages that a caller's key identifies: the key is bound, and the message stored, only if the key is free."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg import Cursor
from psycopg.rows import DictRow

from connector.store.idempotency import Key
from connector.store.json_rows import from_json
from connector.store.lanes import Entered
from connector.store.messages import messages
from connector.store.messages.messages import Message, as_given
from connector.store.statements import load_sql


@dataclass(frozen=True, slots=True)
class KeyedMessage:
    key: Key
    request_hash: bytes
    message: Message


_INSERT_KEYED = load_sql(
    __file__, "insert_keyed", columns=messages.COLUMNS, messages=from_json("messages", "shared", "rows")
)


def insert_keyed(entered: Mapping[int, Entered], new: Sequence[KeyedMessage]) -> Cursor[DictRow]:
    """Store messages of some portals whose keys are free; `entered` for their lanes.

    Returns the `message_id` of each stored one, to be read after the caller's pipeline ends. It waits for rivals that
    have not committed yet: a new statement then sees their keys (protocol P16).
    """
    for keyed in new:
        entered[keyed.key.portal_id].require(*(kind for kind, _ in messages.due_lanes(keyed.message)))
    shared, rows = as_given([keyed.message for keyed in new])
    return next(iter(entered.values())).conn.execute(
        _INSERT_KEYED,
        {
            "portal_ids": [keyed.key.portal_id for keyed in new],
            "sources": [keyed.key.source for keyed in new],
            "key_hashes": [keyed.key.key_hash for keyed in new],
            "request_hashes": [keyed.request_hash for keyed in new],
            "message_ids": [keyed.message.message_id for keyed in new],
            "shared": shared,
            "rows": rows,
        },
    )
