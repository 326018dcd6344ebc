"""Who paused a portal's messages, by the address HubSpot tells of its users: an id says nothing to a colleague."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("""
    ALTER TABLE outgoing ADD COLUMN paused_by_email text; -- null: not paused, or HubSpot did not say
    """)
