-- Binds the keys of new messages of any portals, and stores the messages whose key was free.
WITH
-- Binds them in the order of the keys: two processes with the same keys cannot deadlock.
won AS (
    INSERT INTO idempotency_keys (portal_id, source, key_hash, request_hash, message_id)
    SELECT * FROM unnest(%(portal_ids)s::bigint[], %(sources)s::text[], %(key_hashes)s::bytea[],
                         %(request_hashes)s::bytea[], %(message_ids)s::uuid[])
        AS k (portal_id, source, key_hash, request_hash, message_id)
    ORDER BY portal_id, source, key_hash
    ON CONFLICT DO NOTHING RETURNING portal_id, message_id
),
-- The messages of these keys.
given AS (
    SELECT m.* FROM ({messages}) AS m JOIN won USING (portal_id, message_id)
),
-- Stores them, as `messages.insert_many.sql` does.
inserted AS (
    INSERT INTO messages ({columns}, state_at) SELECT {columns}, created_at FROM given
),
-- Begins each message's history; the cause is its source.
logged AS (
    INSERT INTO message_states (portal_id, message_id, state, reason, cause)
    SELECT portal_id, message_id, state, reason, source FROM given
)
SELECT message_id FROM won
