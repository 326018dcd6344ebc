"""Calls accepted before 0018 whose messages have their end already do not count as overdue."""

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.execute("""
    UPDATE attempts a SET receipt_at = GREATEST(a.settled_at, ended.first_at)
    FROM (
        SELECT c.portal_id, c.attempt_id, min(m.finished_at) AS first_at
        FROM attempts c
        JOIN attempt_messages am ON am.portal_id = c.portal_id AND am.attempt_id = c.attempt_id
        JOIN messages m ON m.portal_id = am.portal_id AND m.message_id = am.message_id
        WHERE c.next_lookup_at IS NOT NULL AND c.outcome = 'accepted' AND c.receipt_at IS NULL
          AND m.state IN ('delivered', 'undelivered', 'expired')
        GROUP BY c.portal_id, c.attempt_id
    ) ended
    WHERE a.portal_id = ended.portal_id AND a.attempt_id = ended.attempt_id
    """)
