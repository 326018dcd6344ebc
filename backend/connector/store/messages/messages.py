"""Messages: storing them, moving them from state to state, and reading them."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import get_type_hints

from psycopg import sql

from connector.domain.message import CHECK_AHEAD, RECEIPT_STATES, is_final, lane_of, sources_of
from connector.domain.vocabulary import (
    AnyCause,
    Direction,
    Encoding,
    LaneKind,
    MessageState,
    PushType,
    Reason,
    Source,
)
from connector.store.database import Conn, columns
from connector.store.json_rows import as_json, from_json
from connector.store.lanes import Entered
from connector.store.rows import reader
from connector.store.statements import compose, load_sql


@dataclass(slots=True)  # not frozen: frozen fields cost a call each, and bursts create thousands of rows
class Message:
    """One row of `messages`; the migration documents units and nulls."""

    portal_id: int
    message_id: uuid.UUID
    direction: Direction
    state: MessageState
    reason: Reason | None
    object_type_id: str
    object_id: str
    person_object_type_id: str | None
    person_object_id: str | None
    recipient: str
    recipient_raw: str
    recipient_property: str
    recipient_country: str
    source: Source
    priority: int
    user_id: int | None
    push_type: PushType
    sender: str | None
    text: str
    links: list[str]
    template_id: uuid.UUID | None
    unicode: bool
    encoding: Encoding
    parts: int
    gateway_id: str
    attempt_id: uuid.UUID | None
    ticket: str | None
    cost_credits: int | None
    created_at: datetime
    asked_at: datetime | None
    due_at: datetime
    slot_ends_at: datetime | None
    expires_at: datetime
    accepted_at: datetime | None
    read_at: datetime | None
    stop_empty_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A message after a move, and the effect of the move."""

    message: Message
    newly_accepted: bool  # the gateway's acceptance became known with this move


_FIELDS = tuple(get_type_hints(Message))
read_message = reader(Message)
COLUMNS = columns(*_FIELDS)
QUALIFIED_COLUMNS = sql.SQL(", ").join(sql.SQL("m.") + sql.Identifier(field) for field in _FIELDS)


_INSERT_MANY = load_sql(
    __file__, "insert_many", columns=COLUMNS, messages=from_json("messages", "shared", "rows")
)


def as_given(new: Sequence[Message]) -> tuple[str, str]:
    """New messages as JSON for `from_json`: their equal fields, and the rest of each."""
    return as_json(new, _FIELDS)


def due_lanes(message: Message) -> list[tuple[LaneKind, datetime]]:
    """The lanes whose row a new message is, and when each is due; a scheduled one is checked before its time."""
    if message.direction != Direction.OUTBOUND:
        return []
    delivery = (lane_of(message.priority), message.due_at)
    if message.state != MessageState.SCHEDULED:
        return [delivery]
    return [delivery, (LaneKind.CHECKS, message.due_at - CHECK_AHEAD)]


def insert(entered: Entered, message: Message, *, cause: AnyCause) -> None:
    """Store a new message and the first line of its history; one to send: `entered` for its lane."""
    insert_many(entered, [message], cause=cause)


def insert_many(entered: Entered, new: Sequence[Message], *, cause: AnyCause) -> None:
    """Store new messages, each with the first line of its history; some to send: `entered` for their lanes."""
    entered.require(*{kind for message in new for kind, _ in due_lanes(message)})
    if new:
        shared, rows = as_given(new)
        entered.conn.execute(_INSERT_MANY, {"shared": shared, "rows": rows, "cause": cause})


_GET = compose("SELECT {columns} FROM messages WHERE portal_id = %s AND message_id = %s", columns=COLUMNS)


def get(conn: Conn, portal_id: int, message_id: uuid.UUID) -> Message:
    row = conn.execute(
        _GET,
        (portal_id, message_id),
    ).fetchone()
    if row is None:
        raise LookupError(f"no message {message_id} in portal {portal_id}")
    return read_message(row)


_FIND = compose(
    """
    SELECT {columns} FROM messages
    WHERE portal_id = %s AND message_id = ANY(%s)
    ORDER BY created_at DESC, message_id DESC
    """,
    columns=COLUMNS,
)


def find(conn: Conn, portal_id: int, message_ids: list[uuid.UUID]) -> list[Message]:
    """The given messages that exist in the portal, newest first."""
    rows = conn.execute(
        _FIND,
        (portal_id, message_ids),
    ).fetchall()
    return [read_message(row) for row in rows]


_FIND_BY_GATEWAY_ID = compose(
    """
    SELECT {columns} FROM messages WHERE portal_id = %s AND gateway_id = %s
    """,
    columns=COLUMNS,
)


def find_by_gateway_id(conn: Conn, portal_id: int, gateway_id: str) -> Message | None:
    row = conn.execute(
        _FIND_BY_GATEWAY_ID,
        (portal_id, gateway_id),
    ).fetchone()
    return read_message(row) if row else None


_LATEST_TO = compose(
    """
    SELECT {columns} FROM messages
    WHERE portal_id = %s AND recipient = %s AND direction = 'outbound'
    ORDER BY created_at DESC LIMIT 1
    """,
    columns=COLUMNS,
)


def latest_to(conn: Conn, portal_id: int, recipient: str) -> Message | None:
    """The newest message the portal sent to this number."""
    row = conn.execute(
        _LATEST_TO,
        (portal_id, recipient),
    ).fetchone()
    return read_message(row) if row else None


def portal_of_gateway_id(conn: Conn, gateway_id: str) -> int | None:
    """The portal that owns this id; ids are unique over all portals (protocol P13)."""
    row = conn.execute("SELECT portal_id FROM messages WHERE gateway_id = %s", (gateway_id,)).fetchone()
    return row["portal_id"] if row else None


def hold(conn: Conn, portal_id: int, message_ids: Collection[uuid.UUID]) -> None:
    """Lock these messages until the transaction ends, in the order of their ids (protocol P26)."""
    conn.execute(
        """
        SELECT 1 FROM messages WHERE portal_id = %s AND message_id = ANY(%s)
        ORDER BY message_id FOR NO KEY UPDATE
        """,
        (portal_id, list(message_ids)),
    )


_MOVE = load_sql(__file__, "move", columns=QUALIFIED_COLUMNS)


def move(  # noqa: PLR0913 - the columns a move may fill are named one by one
    conn: Conn,
    portal_id: int,
    message_ids: list[uuid.UUID],
    state: MessageState,
    *,
    cause: AnyCause,
    reason: Reason | None = None,
    attempt_id: uuid.UUID | None = None,
    ticket: str | None = None,
    cost_credits: int | None = None,
    due_at: datetime | None = None,
    is_member: bool = True,
) -> list[Moved]:
    """Move the messages that may go to `state`; the others are unchanged.

    With `attempt_id`, only messages whose latest attempt it is: an answer of an older attempt moves nothing. A known
    ticket is never overwritten. `cost_credits` is that of one message. is_member=False: the call was accepted, but it
    is unknown whether these messages were included; `accepted_at` stays null until then (protocol P9).
    """
    accepts = is_member and state in RECEIPT_STATES
    rows = conn.execute(
        _MOVE,
        {
            "portal_id": portal_id,
            "message_ids": message_ids,
            "sources": sources_of(state),
            "state": state,
            "reason": reason,
            "cause": cause,
            "attempt_id": attempt_id,
            "ticket": ticket,
            "cost_credits": cost_credits,
            "due_at": due_at,
            "accepts": accepts,
            "is_final": is_final(state),
        },
    ).fetchall()
    moved = []
    for row in rows:
        newly_accepted = row.pop("newly_accepted")
        moved.append(Moved(read_message(row), newly_accepted))
    return moved


_CONFIRM = compose(
    """
    UPDATE messages SET accepted_at = now(), reason = NULL
    WHERE portal_id = %s AND message_id = ANY(%s) AND state = 'accepted' AND accepted_at IS NULL
    RETURNING {columns}
    """,
    columns=COLUMNS,
)


def confirm(conn: Conn, portal_id: int, message_ids: list[uuid.UUID]) -> list[Moved]:
    """Note that the gateway accepted these messages of an accepted call; others are unchanged."""
    rows = conn.execute(
        _CONFIRM,
        (portal_id, message_ids),
    ).fetchall()
    return [Moved(read_message(row), newly_accepted=True) for row in rows]


def fill_in(
    conn: Conn,
    portal_id: int,
    message_ids: list[uuid.UUID],
    *,
    ticket: str | None,
    costs: list[int | None],
) -> None:
    """Fill in unknown values from a late answer or a listing: ticket, and the cost of each message (protocol P10)."""
    conn.execute(
        """
        UPDATE messages m SET ticket = COALESCE(ticket, %(ticket)s),
            cost_credits = COALESCE(cost_credits, listed.cost)
        FROM unnest(%(message_ids)s::uuid[], %(costs)s::integer[]) AS listed (message_id, cost)
        WHERE m.portal_id = %(portal_id)s AND m.message_id = listed.message_id
        """,
        {"ticket": ticket, "message_ids": message_ids, "costs": costs, "portal_id": portal_id},
    )


_FIND_BY_GATEWAY_IDS = compose(
    """
    SELECT {columns} FROM messages WHERE portal_id = %s AND gateway_id = ANY(%s)
    """,
    columns=COLUMNS,
)


def find_by_gateway_ids(conn: Conn, portal_id: int, gateway_ids: list[str]) -> dict[str, Message]:
    """The portal's messages with these gateway ids, by id."""
    rows = conn.execute(
        _FIND_BY_GATEWAY_IDS,
        (portal_id, gateway_ids),
    ).fetchall()
    return {row["gateway_id"]: read_message(row) for row in rows}
