"""The webhooks of an account are checked at linking and while messages are out; overdue receipts are looked up."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute("""
    ALTER TABLE sms_accounts
        ADD COLUMN webhooks_due_at timestamptz,           -- no check before; null: never checked
        ADD COLUMN webhooks_wanted boolean NOT NULL DEFAULT true, -- checked even when no message is out
        ADD COLUMN webhooks_ok_at timestamptz,            -- until then no event can be missing; null: not known
        ADD COLUMN receipt_delay_s real;                  -- usual wait for a call's first receipt; null: not known
    ALTER TABLE account_webhooks
        ADD COLUMN revived_at timestamptz;                -- found paused and set live by us, once; null: not needed
    ALTER TABLE attempts
        ADD COLUMN receipt_at timestamptz;                -- first receipt for one of its messages; null: none so far
    CREATE INDEX unassigned_events_by_time ON unassigned_events (client_id, received_at);
    """)
