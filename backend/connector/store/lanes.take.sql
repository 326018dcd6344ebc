-- Leases a lane: the turn of one worker.
WITH
-- The lane that a person waits for, if such lanes are to come first; the one due longest of them.
urgent AS MATERIALIZED (
    SELECT portal_id, kind FROM lanes
    WHERE %(urgent_first)s AND ready_at <= now() AND urgent_at IS NOT NULL AND kind = ANY(%(kinds)s)
    ORDER BY ready_at LIMIT 1 FOR UPDATE SKIP LOCKED
),
-- If there is none: the lane due longest of all.
longest AS MATERIALIZED (
    SELECT portal_id, kind FROM lanes
    WHERE ready_at <= now() AND kind = ANY(%(kinds)s) AND NOT EXISTS (SELECT 1 FROM urgent)
    ORDER BY ready_at LIMIT 1 FOR UPDATE SKIP LOCKED
),
-- The one of the two that was found.
chosen AS (
    SELECT * FROM urgent UNION ALL SELECT * FROM longest
)
UPDATE lanes l SET owner = %(owner)s, fence = fence + 1,
                   lease_until = now() + make_interval(secs => %(lease_s)s)
FROM chosen WHERE l.portal_id = chosen.portal_id AND l.kind = chosen.kind
RETURNING l.portal_id, l.kind, l.fence, l.failures, clock_timestamp() AS taken_at
