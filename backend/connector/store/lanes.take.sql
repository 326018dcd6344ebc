-- Leases a lane: the turn of one worker.
WITH
-- The urgent lane that is due longest, if urgent lanes come first.
urgent AS MATERIALIZED (
    SELECT portal_id, kind FROM lanes
    WHERE %(urgent_first)s AND ready_at <= now() AND urgent_at IS NOT NULL AND kind = ANY(%(kinds)s)
    ORDER BY ready_at LIMIT 1 FOR UPDATE SKIP LOCKED
),
-- Otherwise the lane due longest of all.
longest AS MATERIALIZED (
    SELECT portal_id, kind FROM lanes
    WHERE ready_at <= now() AND kind = ANY(%(kinds)s) AND NOT EXISTS (SELECT 1 FROM urgent)
    ORDER BY ready_at LIMIT 1 FOR UPDATE SKIP LOCKED
),
-- The found lane.
chosen AS (
    SELECT * FROM urgent UNION ALL SELECT * FROM longest
)
UPDATE lanes l SET owner = %(owner)s, fence = fence + 1,
                   lease_until = now() + make_interval(secs => %(lease_s)s)
FROM chosen WHERE l.portal_id = chosen.portal_id AND l.kind = chosen.kind
RETURNING l.portal_id, l.kind, l.fence, l.failures, clock_timestamp() AS taken_at
