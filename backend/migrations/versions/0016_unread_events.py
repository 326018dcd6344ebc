"""Events of the gateway that cannot be read: their bytes, for a person to look at. Deleted after 30 days."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute("""
    CREATE TABLE unread_events (
        client_id           text NOT NULL REFERENCES sms_accounts, -- the account whose path and secret proved it
        type                text NOT NULL,                -- DLR, STOP ...: from the address
        body_hash           bytea NOT NULL,               -- SHA-256: a repeated body is stored once
        body                bytea NOT NULL,               -- as it arrived; may hold numbers and texts
        fault               text NOT NULL,                -- why it could not be read; nothing personal
        received_at         timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (client_id, type, body_hash)
    );
    CREATE INDEX unread_events_by_time ON unread_events (client_id, received_at);
    """)
