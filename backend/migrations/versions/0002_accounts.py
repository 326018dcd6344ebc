"""SMSFactor accounts (keyed by the gateway's client id, protocol P13) and the portals linked to them."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("""
    CREATE TABLE sms_accounts (
        client_id           text PRIMARY KEY,             -- the gateway's id; several portals may link to it
        email               text NOT NULL DEFAULT '',
        first_name          text NOT NULL DEFAULT '',
        last_name           text NOT NULL DEFAULT '',
        company             text NOT NULL DEFAULT '',
        balance_mode        text CHECK (balance_mode IN ('prepaid', 'postpaid', 'unlimited')),
        balance_credits     bigint,                       -- null: not known right now
        balance_at          timestamptz,
        webhook_path_hash   bytea NOT NULL UNIQUE,        -- SHA-256 of the unguessable part of our webhook URLs
        webhook_path_enc    text NOT NULL,
        webhook_secret_enc  text NOT NULL,                -- expected in X-SMSFactor-Signature
        key_id              text NOT NULL,
        paused_until        timestamptz,                  -- no call leaves before; null: not paused
        pause_reason        text,
        created_at          timestamptz NOT NULL DEFAULT now()
    );

    -- A link is never overwritten: an attempt is looked up with the token that made it (protocol P7).
    CREATE TABLE account_links (
        portal_id           bigint NOT NULL REFERENCES portals,
        link_id             uuid NOT NULL,
        client_id           text NOT NULL REFERENCES sms_accounts,
        token_enc           text,                         -- null: deleted, nothing can be asked with it any more
        key_id              text NOT NULL,
        linked_by_user_id   bigint,
        linked_at           timestamptz NOT NULL DEFAULT now(),
        unlinked_at         timestamptz,                  -- null: the portal's current link
        PRIMARY KEY (portal_id, link_id)
    );
    CREATE UNIQUE INDEX account_links_current ON account_links (portal_id) WHERE unlinked_at IS NULL;
    CREATE INDEX account_links_of_account ON account_links (client_id);

    CREATE TABLE account_webhooks (
        client_id           text NOT NULL REFERENCES sms_accounts,
        type                text NOT NULL,                -- DLR, STOP ... as the gateway spells it
        webhook_id          text NOT NULL,
        url_hash            bytea NOT NULL,               -- registered URL; a changed origin registers anew
        registered_at       timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (client_id, type)
    );

    -- Lasting faults the portal's admin has to mend; one row a key, reopened when it comes back.
    CREATE TABLE problems (
        portal_id           bigint NOT NULL REFERENCES portals,
        code                text NOT NULL,
        params              jsonb NOT NULL DEFAULT '{}',
        opened_at           timestamptz NOT NULL DEFAULT now(),
        closed_at           timestamptz,
        PRIMARY KEY (portal_id, code)
    );
    """)
