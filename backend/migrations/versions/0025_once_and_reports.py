"""Two choices of a portal: equal texts of workflows within some hours, and report links of batches in events."""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.execute("""
    ALTER TABLE portals
        ADD COLUMN once_within_h smallint, -- a workflow sends a text to a number once within these hours; null: always
        ADD COLUMN hide_batch_reports boolean NOT NULL -- events of batched calls carry no link to the campaign's report
            DEFAULT true;

    -- The latest SMS of workflows with each number and text, in portals with once_within_h. Older rows are removed by
    -- the calls that add new ones. The digest of number and text outlives no window, so it needs no erasure of its own.
    CREATE TABLE recent_texts (
        portal_id           bigint NOT NULL REFERENCES portals,
        digest              bytea NOT NULL,
        message_id          uuid NOT NULL,
        leaves_at           timestamptz NOT NULL,         -- when the SMS was to leave, as of its acceptance
        PRIMARY KEY (portal_id, digest)
    );
    CREATE INDEX recent_texts_age ON recent_texts (portal_id, leaves_at);
    """)
