-- Moves messages to another state, if the move is allowed, and records it in their history.
WITH
-- The messages whose present state allows the move, locked in one order, which rules out deadlocks.
before AS (
    SELECT message_id, accepted_at FROM messages
    WHERE portal_id = %(portal_id)s AND message_id = ANY(%(message_ids)s) AND state = ANY(%(sources)s)
      AND (%(attempt_id)s::uuid IS NULL OR attempt_id = %(attempt_id)s)
    ORDER BY message_id FOR UPDATE
),
-- Moves them. The time of the gateway's acceptance is set once.
moved AS (
    UPDATE messages m SET state = %(state)s, reason = %(reason)s, state_at = now(),
        ticket = COALESCE(m.ticket, %(ticket)s), cost_credits = COALESCE(%(cost_credits)s, m.cost_credits),
        due_at = COALESCE(%(due_at)s, m.due_at),
        accepted_at = CASE WHEN %(accepts)s THEN COALESCE(m.accepted_at, now()) ELSE m.accepted_at END,
        finished_at = CASE WHEN %(is_final)s THEN now() END
    FROM before WHERE m.portal_id = %(portal_id)s AND m.message_id = before.message_id
    RETURNING {columns}, before.accepted_at IS NULL AND %(accepts)s AS newly_accepted
),
-- Adds a line to the history of each message that was moved.
logged AS (
    INSERT INTO message_states (portal_id, message_id, state, reason, cause)
    SELECT portal_id, message_id, %(state)s, %(reason)s, %(cause)s FROM moved
)
SELECT * FROM moved ORDER BY message_id
