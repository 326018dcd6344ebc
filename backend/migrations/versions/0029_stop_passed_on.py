"""An opt-out property that was read as empty is not read again before its first write."""

from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.execute("""
    ALTER TABLE messages
        -- when the opt-out property of the record with the number was read, and was empty; null: it was not
        ADD COLUMN stop_empty_at timestamptz;
    ALTER TABLE record_writes
        -- the newest such time of the record's messages
        ADD COLUMN stop_empty_at timestamptz;
    """)
