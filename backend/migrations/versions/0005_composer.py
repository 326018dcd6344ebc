"""What the whole composer needs: templates, short links, scheduling within legal hours, the consent ledger."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("""
    ALTER TABLE portals
        ADD COLUMN company_phone_properties text[] NOT NULL DEFAULT '{phone}',
        -- What an opted-out number still gets: nothing (block), or alerts (allow). Marketing is always blocked.
        ADD COLUMN alert_rule text NOT NULL DEFAULT 'block' CHECK (alert_rule IN ('block', 'allow')),
        ADD COLUMN calendar_start_hour smallint NOT NULL DEFAULT 8,
        ADD COLUMN calendar_end_hour smallint NOT NULL DEFAULT 20,
        ADD COLUMN alsace_moselle boolean NOT NULL DEFAULT false,
        ADD COLUMN allowed_countries text[],              -- null: every country the gateway serves
        -- Right -> HubSpot user ids that have it; a right that is not named is everybody's.
        ADD COLUMN rights jsonb NOT NULL DEFAULT '{}';

    ALTER TABLE messages
        ADD COLUMN person_object_type_id text,            -- for a deal: the contact or company texted; else null
        ADD COLUMN person_object_id text,
        ADD COLUMN recipient_country text NOT NULL DEFAULT 'FR', -- whose legal hours count
        ADD COLUMN asked_at timestamptz,                  -- when the user wanted it to leave; null: at once
        ADD COLUMN slot_ends_at timestamptz,              -- end of the legal window of due_at; null: no window
        ADD COLUMN template_id uuid,
        ADD COLUMN links text[] NOT NULL DEFAULT '{}',    -- targets of the text's short links, in order
        ADD COLUMN read_at timestamptz;                   -- of a reply: when somebody opened it
    CREATE INDEX messages_scheduled ON messages (portal_id, due_at) WHERE state = 'scheduled';
    CREATE INDEX messages_scheduled_of_number ON messages (portal_id, recipient, due_at) WHERE state = 'scheduled';
    CREATE INDEX messages_scheduled_of_record ON messages (portal_id, object_type_id, object_id, due_at)
        WHERE state = 'scheduled';
    CREATE INDEX messages_unread ON messages (portal_id, recipient)
        WHERE direction = 'inbound' AND read_at IS NULL;

    CREATE TABLE templates (
        portal_id           bigint NOT NULL REFERENCES portals,
        template_id         uuid NOT NULL,
        name                text NOT NULL,
        version             integer NOT NULL,             -- of the newest row in template_versions
        deleted_at          timestamptz,                  -- null: in use
        deleted_by_user_id  bigint,
        PRIMARY KEY (portal_id, template_id)
    );
    CREATE UNIQUE INDEX templates_by_name ON templates (portal_id, lower(name)) WHERE deleted_at IS NULL;

    -- Every change is a new row: what was once sent can always be read again.
    CREATE TABLE template_versions (
        portal_id           bigint NOT NULL,
        template_id         uuid NOT NULL,
        version             integer NOT NULL,
        name                text NOT NULL,
        text                text NOT NULL,
        links               text[] NOT NULL,
        push_type           text NOT NULL,
        sender              text,
        unicode             boolean NOT NULL,
        user_id             bigint,
        saved_at            timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (portal_id, template_id, version),
        FOREIGN KEY (portal_id, template_id) REFERENCES templates
    );

    -- Who, when, why, in which words: both directions. opt_outs holds what is in force.
    CREATE TABLE consent_events (
        portal_id           bigint NOT NULL REFERENCES portals,
        recipient           text NOT NULL,
        event_id            bigint GENERATED ALWAYS AS IDENTITY,
        event               text NOT NULL CHECK (event IN ('opted_out', 'consented')),
        source              text NOT NULL,                -- stop, import, card
        user_id             bigint,
        text                text NOT NULL DEFAULT '',     -- the person's words, or the reason given
        at                  timestamptz NOT NULL,
        PRIMARY KEY (portal_id, recipient, event_id)
    );
    INSERT INTO consent_events (portal_id, recipient, event, source, text, at)
        SELECT portal_id, recipient, 'opted_out', source, text, opted_out_at FROM opt_outs;

    -- Numbers known to be unassigned (NPAI): from the gateway's list or a receipt.
    CREATE TABLE unassigned_numbers (
        portal_id           bigint NOT NULL REFERENCES portals,
        recipient           text NOT NULL,
        source              text NOT NULL,                -- import, receipt
        found_at            timestamptz NOT NULL DEFAULT now(), -- or last seen on the gateway's list
        PRIMARY KEY (portal_id, recipient)
    );

    -- Clicks on the short links of a message.
    CREATE TABLE link_clicks (
        portal_id           bigint NOT NULL,
        message_id          uuid NOT NULL,
        url                 text NOT NULL,
        clicks              integer NOT NULL,
        first_at            timestamptz NOT NULL,
        last_at             timestamptz NOT NULL,
        PRIMARY KEY (portal_id, message_id, url)
    );

    -- The account's STOP list and its list of unassigned numbers are read at linking and every night (protocol P14),
    -- a page at a time: this is where the reading stands.
    ALTER TABLE account_links
        ADD COLUMN lists_due_at timestamptz NOT NULL DEFAULT now(),
        ADD COLUMN lists_began_at timestamptz,            -- null: no reading is under way
        ADD COLUMN lists_name text NOT NULL DEFAULT 'stop' CHECK (lists_name IN ('stop', 'unassigned')),
        ADD COLUMN lists_offset integer NOT NULL DEFAULT 0;
    INSERT INTO lanes (portal_id, kind, next_due_at)
        SELECT portal_id, 'lists', now() FROM account_links WHERE unlinked_at IS NULL AND token_enc IS NOT NULL
        ON CONFLICT DO NOTHING;

    -- The gateway's id of the STOP entry, to take it off again; null: not listed when its list was last read.
    ALTER TABLE opt_outs ADD COLUMN gateway_entry_id text;

    ALTER TABLE sms_accounts
        ADD COLUMN balance_due_at timestamptz,            -- the worker asks for the balance then; null: it need not
        ADD COLUMN balance_asked_at timestamptz,          -- when that was last wanted: it bounds how often
        ADD COLUMN balance_is_stale boolean NOT NULL DEFAULT false; -- something was sent whose answer told no balance

    -- Replies that no portal can be found for: kept, shown to nobody by guess (protocol P13).
    CREATE TABLE unassigned_events (
        client_id           text NOT NULL REFERENCES sms_accounts,
        event_key           text NOT NULL,
        type                text NOT NULL,
        payload             jsonb NOT NULL,
        received_at         timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (client_id, event_key)
    );

    -- The portal's property definitions: what tokens can be made of, and how their values read.
    CREATE TABLE property_lists (
        portal_id           bigint NOT NULL REFERENCES portals,
        object_type         text NOT NULL,
        properties          jsonb NOT NULL,               -- [{"name", "label", "type", "options"}], by label
        read_at             timestamptz NOT NULL,
        PRIMARY KEY (portal_id, object_type)
    );
    """)
