-- Stores new executions of workflow actions of any portals, and their messages.
WITH
-- Stores the new executions, in the order of their key: two processes with the same executions cannot deadlock.
won AS (
    INSERT INTO workflow_executions ({columns})
    SELECT {columns} FROM ({executions}) AS e ORDER BY portal_id, callback_id
    ON CONFLICT DO NOTHING RETURNING portal_id, callback_id, message_id
),
-- The messages of these executions.
given AS (
    SELECT m.* FROM ({messages}) AS m JOIN won USING (portal_id, message_id)
),
-- Stores them, as `messages.insert_many.sql` does.
inserted AS (
    INSERT INTO messages ({message_columns}, state_at) SELECT {message_columns}, created_at FROM given
),
-- Begins each message's history.
logged AS (
    INSERT INTO message_states (portal_id, message_id, state, reason, cause)
    SELECT portal_id, message_id, state, reason, %(cause)s FROM given
)
SELECT portal_id, callback_id FROM won
