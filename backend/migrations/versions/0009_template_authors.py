"""Who changed a template, by the address HubSpot tells of its users: an id alone says nothing to a colleague."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("""
    ALTER TABLE template_versions ADD COLUMN user_email text; -- null: HubSpot did not say, or saved before
    """)
