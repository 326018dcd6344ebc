"""Lock the rows that a transaction will move, before it moves the first one (protocol P26)."""

import uuid
from collections.abc import Collection

from connector.store.database import Conn
from connector.store.messages import attempts, messages
from connector.store.workflows import executions


def hold_messages(conn: Conn, portal_id: int, message_ids: Collection[uuid.UUID]) -> None:
    """Lock messages and the executions that wait for them, for a transaction that moves them in several steps.

    A single move locks its own rows in this order.
    """
    if message_ids:
        messages.hold(conn, portal_id, message_ids)
        executions.hold_waiting(conn, portal_id, message_ids)


def hold_attempts(
    conn: Conn,
    portal_id: int,
    attempt_ids: Collection[uuid.UUID],
    message_ids: Collection[uuid.UUID] = (),
) -> list[uuid.UUID]:
    """Lock calls, then their messages and others, as `hold_messages`; returns the calls' messages."""
    if attempt_ids:
        attempts.hold(conn, portal_id, attempt_ids)
    carried = attempts.message_ids(conn, portal_id, *attempt_ids) if attempt_ids else []
    hold_messages(conn, portal_id, {*carried, *message_ids})
    return carried
