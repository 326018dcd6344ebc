"""Executions of workflow actions: what HubSpot asked, what it was answered, and what it is still to be told."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("""
    -- The primary key is the idempotency key of an execution: HubSpot repeats it for days. The row outlives its
    -- message; erasure empties `request` and `outputs`, which are all that is personal in it (protocol P15).
    CREATE TABLE workflow_executions (
        portal_id           bigint NOT NULL REFERENCES portals,
        callback_id         text NOT NULL,                -- HubSpot's id of the execution
        action              text NOT NULL CHECK (action IN ('send_sms', 'send_sms_deal')),
        workflow_id         text,                         -- null: HubSpot did not tell
        object_type_id      text NOT NULL,                -- enrolled record
        object_id           text NOT NULL,
        -- resolving: recipient or text is being found; waiting: for what becomes of the message; due: the outcome is
        -- known and HubSpot is to be told; done: nothing is owed to HubSpot; expired: it could not be told in time
        state               text NOT NULL CHECK (state IN ('resolving', 'waiting', 'due', 'done', 'expired')),
        request             jsonb,                        -- inputs as they came, while `resolving`; else null
        message_id          uuid,                         -- null: none was stored (not yet, or refused)
        outputs             jsonb,                        -- output fields as answered or to be told; null: erased
        wait_for            text NOT NULL DEFAULT 'no' CHECK (wait_for IN ('no', 'delivered', 'replied', 'clicked')),
        wait_s              integer,                      -- from hand-over to the gateway (protocol P18); null: no wait
        is_blocked          boolean NOT NULL,             -- HubSpot was answered BLOCK and waits for a callback
        blocked_until       timestamptz,                  -- when HubSpot stops waiting; null: not blocked
        timer_at            timestamptz,                  -- our own, earlier end of the wait; null: none
        check_at            timestamptz,                  -- when the callbacks lane has to look; null: nothing to do
        callback_failures   smallint NOT NULL DEFAULT 0,
        -- of the latest callback: HubSpot's refusal, or 'unanswered' as long as nobody knows whether HubSpot took it
        last_error          text,
        created_at          timestamptz NOT NULL DEFAULT now(),
        done_at             timestamptz,
        PRIMARY KEY (portal_id, callback_id)
    );
    CREATE INDEX executions_to_resolve ON workflow_executions (portal_id, created_at, callback_id)
        WHERE state = 'resolving';
    CREATE INDEX executions_to_check ON workflow_executions (portal_id, check_at) WHERE check_at IS NOT NULL;
    CREATE INDEX executions_of_message ON workflow_executions (portal_id, message_id) WHERE state = 'waiting';

    -- The senders a portal has used, offered in the actions: distinct values are read by leaps through this index.
    CREATE INDEX messages_by_sender ON messages (portal_id, sender)
        WHERE direction = 'outbound' AND sender IS NOT NULL;
    """)
