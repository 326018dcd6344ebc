"""When HubSpot last took a record's values: an opt-out found there later is a user's own."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.execute("""
    ALTER TABLE record_writes ADD COLUMN written_at timestamptz; -- null: not since this column exists
    """)
