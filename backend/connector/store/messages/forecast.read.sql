-- Forecasts a portal's queue. A message's place in the queue and the rate of the tightest limit give its time, which
-- is accurate enough for a warning.
WITH
-- Every message that is due, read once.
due AS MATERIALIZED (
    SELECT message_id, due_at, expires_at, priority, content_key, reason FROM messages
    WHERE portal_id = %(portal_id)s AND state = 'queued' AND due_at <= now()
),
-- The portal's own limits, in messages a second.
limits AS (
    SELECT o.paused_at IS NOT NULL AS is_portal_paused,
        o.hourly_cap / 3600.0 AS by_cap, o.pace_per_minute / 60.0 AS by_pace
    FROM portals p LEFT JOIN outgoing o USING (portal_id) WHERE p.portal_id = %(portal_id)s
),
-- The account to send with, and the reason of its pause.
account AS (
    SELECT a.calls_per_s, a.pause_reason
    FROM account_links l JOIN sms_accounts a USING (client_id)
    WHERE l.portal_id = %(portal_id)s AND l.unlinked_at IS NULL
),
-- Campaign messages with their place in the queue.
placed AS (
    SELECT expires_at, row_number() OVER (ORDER BY due_at, message_id) AS place FROM due WHERE priority > 0
),
-- The number of calls that they need: messages with equal content share a call.
calls AS (
    SELECT COALESCE(sum(ceil(n / %(call)s::numeric)), 0) AS n
    FROM (SELECT count(*) AS n FROM due WHERE priority > 0 GROUP BY content_key) AS texts
)
SELECT EXISTS (SELECT 1 FROM account) AS is_linked, limits.is_portal_paused,
    (SELECT pause_reason FROM account) AS pause_reason,
    EXISTS (SELECT 1 FROM due WHERE reason = 'gateway_unreachable') AS is_unreachable,
    CASE WHEN LEAST(by_cap, by_pace) IS NULL THEN NULL WHEN by_pace <= by_cap OR by_cap IS NULL THEN 'pace'
         ELSE 'hourly_cap' END AS "limit",
    (SELECT count(*) FROM placed
     WHERE place > LEAST(by_cap, by_pace) * EXTRACT(EPOCH FROM GREATEST(expires_at - now(), interval '0'))) AS late,
    (SELECT count(*) FROM due WHERE expires_at <= now() + make_interval(secs => %(soon_s)s)) AS soon,
    GREATEST((SELECT count(*) FROM placed) / LEAST(by_cap, by_pace),
             (SELECT n FROM calls) / (SELECT calls_per_s FROM account), 0)::float AS lasts_s
FROM limits
