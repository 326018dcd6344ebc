-- Stores new messages.
WITH
-- The new rows, from JSON.
given AS (
    {messages}
),
-- Stores them.
inserted AS (
    INSERT INTO messages ({columns}, state_at) SELECT {columns}, created_at FROM given
),
-- Begins the history of each.
logged AS (
    INSERT INTO message_states (portal_id, message_id, state, reason, cause)
    SELECT portal_id, message_id, state, reason, %(cause)s FROM given
)
SELECT
