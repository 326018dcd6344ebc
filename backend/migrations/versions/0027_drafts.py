"""The text that a user is writing to a record."""

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.execute("""
    -- One draft for each user and record. It expires 24 hours after it was saved; saving removes expired ones.
    -- Erasing a person finds their drafts by record and by number.
    CREATE TABLE drafts (
        portal_id           bigint NOT NULL REFERENCES portals,
        user_id             bigint NOT NULL,               -- HubSpot's id of the writer
        object_type_id      text NOT NULL,
        object_id           text NOT NULL,
        content             jsonb,                         -- null: sent or thrown away, kept against late saves
        recipient           text,                          -- E.164; null: no number is chosen, or content is null
        written_at          timestamptz NOT NULL,          -- the last change, on the writer's clock, not in the future
        saved_at            timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (portal_id, user_id, object_type_id, object_id)
    );
    CREATE INDEX drafts_record ON drafts (portal_id, object_type_id, object_id);
    CREATE INDEX drafts_recipient ON drafts (portal_id, recipient) WHERE recipient IS NOT NULL;
    CREATE INDEX drafts_age ON drafts (saved_at);
    """)
