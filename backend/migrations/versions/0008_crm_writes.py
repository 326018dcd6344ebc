"""Writing to the CRM at scale: call budgets, streams of writes, and which records a number belongs to."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("""
    -- Token buckets for calls to HubSpot, shared by all processes (protocol P23). No foreign key: the first call for
    -- a portal is made while it installs.
    CREATE TABLE call_budgets (
        portal_id           bigint NOT NULL,
        bucket              text NOT NULL,                -- calls, search, associations
        tokens              double precision NOT NULL,    -- calls that may be made, as of refilled_at
        background_tokens   double precision NOT NULL,    -- of them by lanes; the rest is for what people wait for
        max_calls           integer NOT NULL,             -- HubSpot's limit for all calls, as its headers tell it
        interval_s          double precision NOT NULL,
        refilled_at         timestamptz NOT NULL,
        paused_until        timestamptz,                  -- HubSpot answered 429; null: never
        PRIMARY KEY (portal_id, bucket)
    );

    -- Writes that share calls: those of one object type, or of one event type.
    CREATE TABLE write_streams (
        portal_id           bigint NOT NULL REFERENCES portals,
        stream              text NOT NULL,                -- "0-1" ..., or the uid of an event type
        quiet_until         timestamptz NOT NULL,         -- what is planned before waits until then, to share a call
        paused_until        timestamptz,                  -- HubSpot refuses all of them; null: it does not
        pause_reason        text,                         -- code of the problem that explains the pause
        PRIMARY KEY (portal_id, stream)
    );

    -- Which records a number was texted from: whose marks follow when it opts out or turns out unassigned.
    CREATE TABLE record_numbers (
        portal_id           bigint NOT NULL REFERENCES portals,
        recipient           text NOT NULL,                -- E.164
        object_type_id      text NOT NULL,
        object_id           text NOT NULL,
        PRIMARY KEY (portal_id, recipient, object_type_id, object_id)
    );
    CREATE INDEX record_numbers_of_record ON record_numbers (portal_id, object_type_id, object_id);
    INSERT INTO record_numbers
        SELECT DISTINCT portal_id, recipient, object_type_id, object_id FROM messages
        WHERE direction = 'outbound' AND accepted_at IS NOT NULL
        UNION SELECT portal_id, recipient, person_object_type_id, person_object_id FROM messages
        WHERE direction = 'outbound' AND accepted_at IS NOT NULL AND person_object_id IS NOT NULL;

    -- Each stream is read on its own.
    DROP INDEX record_writes_due;
    CREATE INDEX record_writes_due ON record_writes (portal_id, object_type_id, due_at, object_id)
        WHERE due_at IS NOT NULL;
    DROP INDEX event_writes_due;
    CREATE INDEX event_writes_due ON event_writes (portal_id, event_type, due_at, event_id) WHERE due_at IS NOT NULL;
    -- Events of one call whose outcome nobody knows: it is repeated unchanged (protocol P20).
    ALTER TABLE event_writes ADD COLUMN batch_id uuid;    -- null: not in such a call
    CREATE INDEX event_writes_in_doubt ON event_writes (portal_id, event_type, batch_id, event_id)
        WHERE due_at IS NOT NULL AND batch_id IS NOT NULL;
    CREATE INDEX event_writes_of_object ON event_writes (portal_id, object_id) WHERE due_at IS NOT NULL;
    CREATE INDEX record_writes_partly ON record_writes (portal_id) WHERE closed_reason = 'property_unusable';

    ALTER TABLE problems ADD COLUMN seen_at timestamptz NOT NULL DEFAULT now(); -- latest time the fault was met
    """)
