"""Delivery in batches: calls that share a text, pace and pauses of accounts, limits of portals, fair lanes."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("""
    -- Messages of equal content may share one call. The key only finds them: the claim compares the content itself, so
    -- two texts with one hash never meet. Generated, so that every version that inserts has it; array_to_string is
    -- "stable" for other element types only.
    CREATE FUNCTION message_content_key(text, text, text, boolean, text[]) RETURNS uuid
        LANGUAGE sql IMMUTABLE PARALLEL SAFE
        AS $$ SELECT md5(concat_ws(chr(31), $2, $3, $4::text, array_to_string($5, chr(31)), $1))::uuid $$;

    ALTER TABLE messages ADD COLUMN content_key uuid
        GENERATED ALWAYS AS (message_content_key(text, sender, push_type, unicode, links)) STORED;
    CREATE INDEX messages_by_content ON messages (portal_id, content_key, priority, due_at, message_id)
        WHERE state = 'queued';
    CREATE INDEX messages_to_expire ON messages (portal_id, expires_at) WHERE state = 'queued';
    CREATE INDEX messages_slot_ends ON messages (portal_id, slot_ends_at)
        WHERE state = 'queued' AND slot_ends_at IS NOT NULL;
    DROP INDEX messages_due;                              -- what read it reads the three above

    ALTER TABLE attempts
        ADD COLUMN ticket text,                           -- the gateway's campaign id; null: not told (yet)
        ADD COLUMN sent_count integer,                    -- recipients it said it sends to; null: no answer said so
        ADD COLUMN counters jsonb,                        -- why it left others out: {"npai": 2}; null: as above
        -- accepted, but nobody knows yet which of its messages the gateway left out (protocol P9)
        ADD COLUMN is_membership_pending boolean NOT NULL DEFAULT false;
    CREATE INDEX attempts_under_way ON attempts (portal_id, fence) WHERE outcome IS NULL;

    ALTER TABLE sms_accounts
        ADD COLUMN calls_per_s real NOT NULL DEFAULT 5 CHECK (calls_per_s > 0),
        ADD COLUMN next_call_at timestamptz NOT NULL DEFAULT '-infinity', -- pace: no call is begun before
        ADD COLUMN call_limit smallint,                   -- messages of the next call at most, after -3; null: no limit
        ADD COLUMN pause_step smallint NOT NULL DEFAULT 0; -- pauses since the last call that was taken: each is longer

    ALTER TABLE portals
        -- Hours a message may wait past its time, by source; then it is too_late.
        ADD COLUMN max_ages_h jsonb NOT NULL DEFAULT '{"card": 24, "reply": 24, "workflow": 24, "bulk": 24}';

    -- How much of a portal may leave, and whether (blast guard). No row: no limit, not paused.
    CREATE TABLE outgoing (
        portal_id           bigint PRIMARY KEY REFERENCES portals,
        paused_at           timestamptz,                  -- null: not paused
        paused_by_user_id   bigint,
        hourly_cap          integer CHECK (hourly_cap > 0), -- a clock hour, workflows and bulk sends; null: no cap
        pace_per_minute     integer CHECK (pace_per_minute > 0), -- of the same messages; null: the account's pace alone
        hour_at             timestamptz,                  -- the clock hour that hour_count belongs to
        hour_count          integer NOT NULL DEFAULT 0,
        next_campaign_at    timestamptz NOT NULL DEFAULT '-infinity' -- pace: none of them is claimed before
    );

    -- When a lane can be taken, in one indexed value: waiting, backing-off and running lanes are never even read.
    ALTER TABLE lanes
        ADD COLUMN ready_at timestamptz GENERATED ALWAYS AS (GREATEST(next_due_at, not_before, lease_until)) STORED,
        ADD COLUMN urgent_at timestamptz;                 -- a person waits since; null: nobody does
    DROP INDEX lanes_by_due;
    CREATE INDEX lanes_by_ready ON lanes (ready_at);
    CREATE INDEX lanes_urgent ON lanes (ready_at) WHERE urgent_at IS NOT NULL;
    -- A few thousand rows that change all day long: kept small.
    ALTER TABLE lanes SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
    """)
