-- Opens lanes of any portals, or lowers their due times, and notifies the workers.
WITH
-- The lanes to wake.
wanted AS (
    SELECT portal_id, kind, COALESCE(due_at, now()) AS due_at
    FROM unnest(%(portal_ids)s::bigint[], %(kinds)s::text[], %(due_ats)s::timestamptz[]) AS w (portal_id, kind, due_at)
),
-- Those that are not due already, which spares a burst of writers the row locks.
needed AS (
    SELECT w.portal_id, w.kind, w.due_at FROM wanted w
    WHERE (SELECT 1 FROM lanes l WHERE l.portal_id = w.portal_id AND l.kind = w.kind
           AND l.next_due_at <= w.due_at AND NOT %(urgent)s) IS NULL
),
-- Writes them in one order: two writers cannot deadlock.
opened AS (
    INSERT INTO lanes (portal_id, kind, next_due_at, urgent_at)
    SELECT portal_id, kind, due_at,
        CASE WHEN %(urgent)s OR kind = ANY(%(fresh_first)s::text[]) THEN clock_timestamp() END
    FROM needed ORDER BY portal_id, kind
    ON CONFLICT (portal_id, kind) DO UPDATE SET
        next_due_at = LEAST(lanes.next_due_at, excluded.next_due_at),
        urgent_at = CASE WHEN %(urgent)s OR lanes.next_due_at = 'infinity'
                         THEN COALESCE(excluded.urgent_at, lanes.urgent_at) ELSE lanes.urgent_at END
    WHERE lanes.next_due_at > excluded.next_due_at OR %(urgent)s
    RETURNING 1
)
SELECT pg_notify(%(channel)s, '') FROM opened LIMIT 1
