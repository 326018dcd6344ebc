"""What is known of telling HubSpot an outcome: when HubSpot was answered BLOCK last, and what a refused call did."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("""
    ALTER TABLE workflow_executions
        ADD COLUMN answered_at timestamptz, -- the latest BLOCK; null: at created_at
        ADD COLUMN doubted_at timestamptz;  -- a call with others was refused that may have told it; null: none was
    ALTER TABLE write_streams ADD COLUMN taken_at timestamptz; -- the latest call that HubSpot took; null: none so far
    """)
