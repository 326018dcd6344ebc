"""Scheduled messages whose record is read again before their time, and the state of those that a user must decide."""

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.execute("""
    ALTER TABLE messages
        ADD COLUMN checked_at timestamptz, -- a scheduled one's record was read again; null: not yet, or never scheduled
        DROP CONSTRAINT messages_state_check,
        ADD CONSTRAINT messages_state_check CHECK (state IN (
            'resolving', 'scheduled', 'held', 'queued', 'sending', 'accepted', 'moderated', 'delivered', 'undelivered',
            'expired', 'refused', 'unknown', 'unresolved', 'cancelled', 'blocked', 'too_late')) NOT VALID;
    ALTER TABLE messages VALIDATE CONSTRAINT messages_state_check;
    CREATE INDEX messages_to_check ON messages (portal_id, due_at) WHERE state = 'scheduled' AND checked_at IS NULL;
    CREATE INDEX messages_unchecked ON messages (portal_id, priority, expires_at)
        WHERE state = 'scheduled' AND checked_at IS NULL;
    CREATE INDEX messages_checked ON messages (portal_id, priority, due_at)
        WHERE state = 'scheduled' AND checked_at IS NOT NULL;
    CREATE INDEX messages_held ON messages (portal_id, object_type_id, object_id, due_at) WHERE state = 'held';
    -- Those that are scheduled already.
    INSERT INTO lanes (portal_id, kind, next_due_at)
        SELECT portal_id, 'checks', min(due_at) - interval '5 min' FROM messages
        WHERE state = 'scheduled' GROUP BY portal_id
        ON CONFLICT (portal_id, kind) DO NOTHING;
    """)
