"""Lanes (who may drain what, and when), the inbox of received events, and what is to be written to the CRM."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("""
    CREATE TABLE lanes (
        portal_id           bigint NOT NULL,
        kind                text NOT NULL,
        next_due_at         timestamptz NOT NULL,         -- 'infinity': closed
        not_before          timestamptz,                  -- end of a back-off, which new work does not cut short
        owner               text,                         -- null: nobody runs it
        fence               bigint NOT NULL DEFAULT 0,    -- grows with every turn
        lease_until         timestamptz,                  -- past: the owner is gone, the lane is simply due again
        failures            smallint NOT NULL DEFAULT 0,  -- turns in a row that ended in a back-off
        last_error          text,
        PRIMARY KEY (portal_id, kind)
    );
    CREATE INDEX lanes_by_due ON lanes (next_due_at);

    CREATE TABLE inbox (
        portal_id           bigint NOT NULL REFERENCES portals,
        event_key           text NOT NULL,                -- what makes a repeated call the same event
        inbox_id            bigint GENERATED ALWAYS AS IDENTITY,
        client_id           text NOT NULL,                -- the account whose webhook brought it
        type                text NOT NULL,                -- DLR, STOP
        payload             jsonb NOT NULL,
        received_at         timestamptz NOT NULL DEFAULT now(),
        applied_at          timestamptz,
        set_aside_reason    text,                         -- applied_at is set too: looked at, could not be used
        PRIMARY KEY (portal_id, event_key)
    );
    CREATE INDEX inbox_to_apply ON inbox (portal_id, inbox_id) WHERE applied_at IS NULL;

    -- One row a record that was ever texted: what its properties should say, and whether HubSpot knows (protocol P21).
    CREATE TABLE record_writes (
        portal_id           bigint NOT NULL REFERENCES portals,
        object_type_id      text NOT NULL,
        object_id           text NOT NULL,
        last_message        jsonb NOT NULL DEFAULT '{}',  -- property values of the newest message
        last_message_at     timestamptz NOT NULL,         -- order of messages: (accepted at, id), then state rank
        last_message_id     uuid NOT NULL,
        last_message_rank   smallint NOT NULL,
        flags               jsonb NOT NULL DEFAULT '{}',  -- is_stop, is_npai
        version             bigint NOT NULL DEFAULT 1,
        due_at              timestamptz,                  -- null: HubSpot has this version
        closed_reason       text,                         -- record_gone, or the refusal that set it aside
        PRIMARY KEY (portal_id, object_type_id, object_id)
    );
    CREATE INDEX record_writes_due ON record_writes (portal_id, due_at) WHERE due_at IS NOT NULL;

    CREATE TABLE event_writes (
        portal_id           bigint NOT NULL REFERENCES portals,
        event_type          text NOT NULL,                -- uid of the app event type
        event_id            text NOT NULL,                -- deterministic: a repeat is refused by HubSpot
        object_id           text NOT NULL,
        occurred_at         timestamptz NOT NULL,
        properties          jsonb NOT NULL,
        due_at              timestamptz,                  -- null: HubSpot has it, or it was set aside
        closed_reason       text,
        created_at          timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (portal_id, event_type, event_id)
    );
    CREATE INDEX event_writes_due ON event_writes (portal_id, due_at, event_id) WHERE due_at IS NOT NULL;
    """)
