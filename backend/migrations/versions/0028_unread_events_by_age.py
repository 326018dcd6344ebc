"""Unread events of all accounts are deleted by their age, also those of accounts that send nothing any more."""

from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.execute("CREATE INDEX unread_events_by_age ON unread_events (received_at)")
