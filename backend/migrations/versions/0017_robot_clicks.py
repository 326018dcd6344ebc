"""Clicks of preview robots are counted apart: they end no wait."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute("""
    ALTER TABLE link_clicks
        ADD COLUMN robots integer NOT NULL DEFAULT 0,     -- of `clicks`, those without a device
        ADD COLUMN has_person boolean NOT NULL DEFAULT true; -- a click named a device; rows of former versions count
    """)
