"""The opt-out property of records: « Non » is written once, and never over a user's « Oui »."""

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.execute("""
    ALTER TABLE record_writes
        -- when smsfactor_is_stop was last written or read; null: not yet, or a consent's « Non » is to be written
        ADD COLUMN stop_at timestamptz;
    UPDATE record_writes SET stop_at = COALESCE(written_at, now())
        WHERE due_at IS NULL AND flags @> '{"smsfactor_is_stop": "false"}';
    """)
