"""How long a portal's queue is, as it looks: what a workflow is told of an SMS that will not leave in a moment."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute("""
    ALTER TABLE outgoing ADD COLUMN busy_until timestamptz; -- what a campaign adds now leaves then; null: about now
    """)
