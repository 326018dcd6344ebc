"""What waits for its time on a card: scheduled messages, and marketing that the legal hours hold back."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("""
    CREATE INDEX messages_waiting_of_number ON messages (portal_id, recipient, due_at)
        WHERE state = 'scheduled' OR (state = 'queued' AND reason = 'legal_hours');
    CREATE INDEX messages_waiting_of_record ON messages (portal_id, object_type_id, object_id, due_at)
        WHERE state = 'scheduled' OR (state = 'queued' AND reason = 'legal_hours');
    -- The former version's card reads them; the few minutes until it is gone it does with messages_scheduled.
    DROP INDEX messages_scheduled_of_number;
    DROP INDEX messages_scheduled_of_record;
    """)
