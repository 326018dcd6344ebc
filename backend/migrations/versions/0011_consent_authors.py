"""Who recorded consent, by the address HubSpot tells of its users: an id alone says nothing to a colleague."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute("""
    ALTER TABLE consent_events ADD COLUMN user_email text; -- null: nobody's doing, HubSpot did not say, or from before
    """)
