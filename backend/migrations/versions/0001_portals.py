"""Portals, their HubSpot tokens, and OAuth round-trips under way."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute("""
    CREATE TABLE portals (
        portal_id           bigint PRIMARY KEY,           -- HubSpot's hub_id
        state               text NOT NULL CHECK (state IN ('installed', 'uninstalled')),
        scopes              text[] NOT NULL DEFAULT '{}', -- granted, not asked
        time_zone           text NOT NULL DEFAULT 'Europe/Paris',
        ui_domain           text,                         -- null until the account details were read
        language            text NOT NULL DEFAULT 'fr' CHECK (language IN ('fr', 'en')), -- of property labels
        default_country     text NOT NULL DEFAULT 'FR',   -- for numbers written the national way
        default_push_type   text NOT NULL DEFAULT 'alert' CHECK (default_push_type IN ('alert', 'marketing')),
        default_sender      text,                         -- null: the gateway's short code
        phone_properties    text[] NOT NULL DEFAULT '{mobilephone,phone}',
        sent_count          bigint NOT NULL DEFAULT 0,    -- accepted by the gateway, ever; survives retention
        installed_by_user_id bigint,                      -- null: the token answer did not name the user
        setup_wanted        integer NOT NULL DEFAULT 0,   -- set-ups asked for, ever
        setup_done          integer NOT NULL DEFAULT 0,   -- how many of them were asked for when the last one began
        installed_at        timestamptz NOT NULL,
        uninstalled_at      timestamptz
    );

    CREATE TABLE hubspot_tokens (
        portal_id           bigint PRIMARY KEY REFERENCES portals,
        access_token_enc    text NOT NULL,
        refresh_token_enc   text NOT NULL,
        key_id              text NOT NULL,                -- which of our keys encrypted the two
        expires_at          timestamptz NOT NULL,
        refreshing_until    timestamptz,                  -- lease of the one process that refreshes
        revoked_at          timestamptz                   -- HubSpot said the install is gone
    );

    CREATE TABLE oauth_states (
        state_hash          bytea PRIMARY KEY,            -- SHA-256; the value lives in the browser only
        created_at          timestamptz NOT NULL DEFAULT now()
    );
    """)
