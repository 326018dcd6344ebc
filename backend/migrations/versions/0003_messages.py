"""Messages, their history, the attempts that carried them, idempotency keys, opt-outs and counters."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("""
    CREATE TABLE messages (
        portal_id           bigint NOT NULL REFERENCES portals,
        message_id          uuid NOT NULL,
        direction           text NOT NULL CHECK (direction IN ('outbound', 'inbound')),
        state               text NOT NULL CHECK (state IN (
            'resolving', 'scheduled', 'queued', 'sending', 'accepted', 'moderated', 'delivered', 'undelivered',
            'expired', 'refused', 'unknown', 'unresolved', 'cancelled', 'blocked', 'too_late')),
        state_at            timestamptz NOT NULL,
        reason              text,                         -- code of why it is in this state; null: nothing to explain
        object_type_id      text NOT NULL,                -- record it was sent from
        object_id           text NOT NULL,
        recipient           text NOT NULL,                -- E.164
        recipient_raw       text NOT NULL,                -- as the CRM had it
        recipient_property  text NOT NULL,
        source              text NOT NULL CHECK (source IN ('card', 'workflow', 'reply', 'bulk')),
        priority            smallint NOT NULL,            -- claim order: 0 card and reply, 1 alert, 2 marketing
        user_id             bigint,                       -- null: no person behind it
        push_type           text NOT NULL CHECK (push_type IN ('alert', 'marketing')),
        sender              text,                         -- null: the gateway's short code
        text                text NOT NULL,
        unicode             boolean NOT NULL,             -- whether the gateway is told to send Unicode
        encoding            text NOT NULL CHECK (encoding IN ('gsm7', 'ucs2')),
        parts               smallint NOT NULL,            -- our estimate; cost_credits is the truth
        gateway_id          text NOT NULL UNIQUE,         -- gsmsmsid; a repeated send keeps it (protocol P6)
        attempt_id          uuid,                         -- latest attempt; null: never claimed
        ticket              text,                         -- the gateway's campaign id
        cost_credits        integer,                      -- null: not told
        created_at          timestamptz NOT NULL,
        due_at              timestamptz NOT NULL,         -- not claimed before
        expires_at          timestamptz NOT NULL,         -- not claimed after (maximum age of its source)
        accepted_at         timestamptz,
        finished_at         timestamptz,                  -- first moment in a final state
        PRIMARY KEY (portal_id, message_id)
    );
    CREATE INDEX messages_to_claim ON messages (portal_id, priority, due_at, message_id) WHERE state = 'queued';
    CREATE INDEX messages_due ON messages (portal_id, due_at) WHERE state = 'queued';
    CREATE INDEX messages_in_doubt ON messages (portal_id, attempt_id) WHERE state IN ('sending', 'unknown');
    CREATE INDEX messages_of_record ON messages (portal_id, object_type_id, object_id, created_at DESC);
    CREATE INDEX messages_of_number ON messages (portal_id, recipient, created_at DESC);

    CREATE TABLE message_states (
        portal_id           bigint NOT NULL,
        message_id          uuid NOT NULL,
        sequence            bigint GENERATED ALWAYS AS IDENTITY,
        state               text NOT NULL,
        reason              text,
        cause               text NOT NULL,                -- what moved it: card, claim, answer, receipt, look-up ...
        at                  timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (portal_id, message_id, sequence)
    );

    -- One row per call to the gateway, committed before its first byte leaves.
    CREATE TABLE attempts (
        portal_id           bigint NOT NULL,
        attempt_id          uuid NOT NULL,
        link_id             uuid NOT NULL,                -- the account and token that make the call
        fence               bigint NOT NULL,              -- of the lane turn that claimed
        claimed_at          timestamptz NOT NULL DEFAULT now(),
        outcome             text CHECK (outcome IN ('accepted', 'moderated', 'refused', 'not_sent', 'unknown', 'absent',
                                                    'unresolved')), -- null: under way
        cause               text,
        settled_at          timestamptz,
        next_lookup_at      timestamptz,                  -- null: nothing to look up
        lookups             smallint NOT NULL DEFAULT 0,
        absent_at           timestamptz,                  -- first complete look-up, late enough, that did not show it
        PRIMARY KEY (portal_id, attempt_id),
        FOREIGN KEY (portal_id, link_id) REFERENCES account_links
    );
    CREATE INDEX attempts_to_look_up ON attempts (portal_id, next_lookup_at) WHERE next_lookup_at IS NOT NULL;

    CREATE TABLE attempt_messages (
        portal_id           bigint NOT NULL,
        attempt_id          uuid NOT NULL,
        message_id          uuid NOT NULL,
        PRIMARY KEY (portal_id, attempt_id, message_id)
    );

    -- Outlives the messages it speaks of (protocol P15), so it holds nothing personal.
    CREATE TABLE idempotency_keys (
        portal_id           bigint NOT NULL,
        source              text NOT NULL,
        key_hash            bytea NOT NULL,
        request_hash        bytea NOT NULL,               -- of every input with portal, record and user
        message_id          uuid NOT NULL,
        created_at          timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (portal_id, source, key_hash)
    );

    CREATE TABLE opt_outs (
        portal_id           bigint NOT NULL REFERENCES portals,
        recipient           text NOT NULL,                -- E.164
        source              text NOT NULL,                -- stop
        text                text NOT NULL DEFAULT '',     -- what the person wrote
        opted_out_at        timestamptz NOT NULL,
        PRIMARY KEY (portal_id, recipient)
    );

    -- Kept by every acceptance, so that no view ever counts a history.
    CREATE TABLE recipient_counts (
        portal_id           bigint NOT NULL REFERENCES portals,
        recipient           text NOT NULL,
        sent_count          bigint NOT NULL,
        PRIMARY KEY (portal_id, recipient)
    );
    """)
