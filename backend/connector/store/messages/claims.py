"""Claims: the one statement that decides which messages leave now, in one call (protocol P4, P8, P11)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_type_hints

from connector.domain.message import CLASSES_OF_LANE
from connector.store.database import Conn
from connector.store.lanes import Turn
from connector.store.messages.messages import QUALIFIED_COLUMNS, Message, read_message
from connector.store.statements import load_sql

# Most messages of one call; the adapter's own limit is checked by `SendCall`.
MAX_MESSAGES = 500

# A lane is woken slightly after its slot; up to this much of the delay is caught up, else the pace is never reached.
CATCH_UP_S = 0.2

# A workflow enrols hundreds a second, and each call would find a few: after a call with at least GATHER_FROM messages
# that left nothing behind, the portal's next campaign call waits GATHER_S seconds for more. A user's message never
# waits for this.
GATHER_FROM, GATHER_S = 25, 1.0

CLAIM = load_sql(__file__, "claim", columns=QUALIFIED_COLUMNS)
_FIELDS = frozenset(get_type_hints(Message))


@dataclass(frozen=True, slots=True)
class Claim:
    """Messages of equal content, no number twice; committed before their call leaves."""

    attempt_id: uuid.UUID
    link_id: uuid.UUID
    messages: list[Message]


@dataclass(frozen=True, slots=True)
class Claimed:
    claim: Claim | None  # None: nothing may leave now
    # Messages met by the claim and still queued: they must not leave.
    opted_out: list[uuid.UUID]
    barred: list[uuid.UUID]  # to a country that the portal no longer allows
    closed: list[uuid.UUID]  # outside the present legal hours


def claim(
    conn: Conn,
    turn: Turn,
    *,
    call_s: float,
    closed: Sequence[str] = (),
    classes: Sequence[int] | None = None,
    limit: int = MAX_MESSAGES,
) -> Claimed:
    """Claim messages for one call of at most `call_s` seconds and `limit` messages.

    `closed`: countries where marketing would leave the legal hours during the call. `classes`: those of the turn's
    lane in the order of trial. Commit before the call is made. A call that could end after the legal window is not
    begun.
    """
    classes = CLASSES_OF_LANE[turn.kind] if classes is None else classes
    values = values_of(turn, call_s=call_s, closed=closed, classes=classes, limit=limit)
    rows = conn.execute(CLAIM, values).fetchall()
    opted_out, barred, shut = (rows[0][name] or [] for name in ("opted_out", "barred", "closed"))
    if rows[0]["message_id"] is None:
        return Claimed(None, opted_out, barred, shut)
    link_id = rows[0]["link_id"]
    messages = [read_message({k: v for k, v in row.items() if k in _FIELDS}) for row in rows]
    return Claimed(Claim(values["attempt_id"], link_id, messages), opted_out, barred, shut)


def values_of(
    turn: Turn, *, call_s: float, closed: Sequence[str], classes: Sequence[int], limit: int
) -> dict[str, Any]:
    """The parameters of the claim's statement, with a new attempt id."""
    return {
        "portal_id": turn.portal_id,
        "kind": turn.kind,
        "fence": turn.fence,
        "attempt_id": uuid.uuid4(),
        "call_s": call_s,
        "closed": list(closed),
        "classes": list(classes),
        "limit": limit,
        "catch_up_s": CATCH_UP_S,
        "gather_from": GATHER_FROM,
        "gather_s": GATHER_S,
    }
