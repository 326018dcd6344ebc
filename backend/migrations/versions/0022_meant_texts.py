"""Texts as they are meant: formats of property values, the portal's currency, merge fields in a workflow's message."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.execute("""
    ALTER TABLE property_lists
        ADD COLUMN formats jsonb NOT NULL DEFAULT '{}'; -- property -> name_of_owner | rich_text | money

    ALTER TABLE portals
        ADD COLUMN currency text, -- code of the portal's currency ("EUR"); '': HubSpot names none; null: not read yet
        ADD COLUMN message_tokens text[] NOT NULL -- properties that a workflow's message may name in merge fields
            DEFAULT '{firstname,lastname,company,name}';
    """)
