"""Proofs of callers: the use of secret addresses, and the OAuth round-trips that have ended."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute("""
    CREATE TABLE url_segments (
        segment_hash        bytea PRIMARY KEY,            -- SHA-256 of a segment of HUBSPOT_URL_SEGMENTS
        uses                bigint NOT NULL,              -- proved calls, ever; a crash loses up to a minute of them
        first_used_at       timestamptz NOT NULL DEFAULT now(),
        last_used_at        timestamptz NOT NULL DEFAULT now() -- 30 days later it is no longer accepted, unless listed
    );

    -- Its successor below stores nothing before HubSpot answers. The former version still uses this one.
    COMMENT ON TABLE oauth_states IS 'unused since 0019, to be dropped in a later release';

    CREATE TABLE used_oauth_nonces (
        nonce_hash          bytea PRIMARY KEY,            -- SHA-256 of the nonce in a signed state
        expires_at          timestamptz NOT NULL          -- the state is refused from then on, so the row may go
    );
    CREATE INDEX used_oauth_nonces_expiry ON used_oauth_nonces (expires_at);
    """)
