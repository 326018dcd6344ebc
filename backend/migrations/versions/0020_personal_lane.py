"""A person's messages have a delivery lane of their own."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.execute("""
    -- Kind of the lane whose turn claimed; fences of two lanes do not compare. Attempts of the former version are of
    -- the only delivery lane that it has.
    ALTER TABLE attempts ADD COLUMN lane_kind text NOT NULL DEFAULT 'deliver';

    -- Each lane asks when messages of its own classes are due. The former version reads these indexes too, in a longer
    -- way.
    DROP INDEX messages_to_expire;
    CREATE INDEX messages_to_expire ON messages (portal_id, priority, expires_at) WHERE state = 'queued';
    DROP INDEX messages_scheduled;
    CREATE INDEX messages_scheduled ON messages (portal_id, priority, due_at) WHERE state = 'scheduled';

    -- Messages of persons that wait already: their new lane is due now and sets its own time.
    INSERT INTO lanes (portal_id, kind, next_due_at, urgent_at)
    SELECT DISTINCT portal_id, 'deliver_personal', now(), now() FROM messages
    WHERE state IN ('queued', 'scheduled') AND priority = 0
    ON CONFLICT (portal_id, kind) DO NOTHING;
    """)
