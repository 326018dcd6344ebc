"""Messages that a former version may have refused for a proxy's page; the migration marked them, nothing else does."""

import uuid

from connector.store.database import Conn


def calls_of(conn: Conn, portal_id: int, message_ids: list[uuid.UUID]) -> list[uuid.UUID]:
    """The latest calls of those of the messages that are marked."""
    rows = conn.execute(
        """
        SELECT DISTINCT m.attempt_id FROM doubted_refusals d JOIN messages m USING (portal_id, message_id)
        WHERE d.portal_id = %s AND d.message_id = ANY(%s) AND m.attempt_id IS NOT NULL ORDER BY m.attempt_id
        """,
        (portal_id, message_ids),
    )
    return [row["attempt_id"] for row in rows]


def reopen(conn: Conn, portal_id: int, attempt_ids: list[uuid.UUID], *, cause: str) -> None:
    """Make the calls and their marked messages `unknown` again, and remove the marks: it happens once."""
    conn.execute(
        """
        UPDATE attempts SET outcome = 'unknown', settled_at = NULL
        WHERE portal_id = %s AND attempt_id = ANY(%s) AND outcome = 'refused'
        """,
        (portal_id, attempt_ids),
    )
    conn.execute(
        """
        WITH taken AS (
            DELETE FROM doubted_refusals d USING attempt_messages am
            WHERE d.portal_id = %(portal_id)s AND am.portal_id = d.portal_id AND am.message_id = d.message_id
              AND am.attempt_id = ANY(%(attempt_ids)s)
            RETURNING d.message_id
        ), reopened AS (
            UPDATE messages m SET state = 'unknown', reason = NULL, state_at = now(), finished_at = NULL
            FROM taken WHERE m.portal_id = %(portal_id)s AND m.message_id = taken.message_id
              AND m.state = 'refused' AND m.attempt_id = ANY(%(attempt_ids)s)
            RETURNING m.message_id
        )
        INSERT INTO message_states (portal_id, message_id, state, cause)
        SELECT %(portal_id)s, message_id, 'unknown', %(cause)s FROM reopened
        """,
        {"portal_id": portal_id, "attempt_ids": attempt_ids, "cause": cause},
    )
