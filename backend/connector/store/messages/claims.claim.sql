-- Decides which messages leave now, in one call, and records the claim (protocol P4, P8, P11). State, consent, age,
-- legal window, account, pause, pace, the portal's limits and the turn's fence are all checked here. The content of
-- messages that share a call is compared outside the part that follows the index: with more conditions there, the
-- planner would expect few rows, and read and sort the whole queue.
WITH
-- The account to send with, if it may be called now and the turn still holds the lane. The lock on the account's row
-- serialises claims of portals that share it, so that together they stay within its pace.
link AS (
    SELECT l.link_id, a.client_id, a.calls_per_s, LEAST(a.call_limit, %(limit)s) AS room
    FROM account_links l JOIN sms_accounts a USING (client_id)
    WHERE l.portal_id = %(portal_id)s AND l.unlinked_at IS NULL AND l.token_enc IS NOT NULL
      AND (a.paused_until IS NULL OR a.paused_until <= now()) AND a.next_call_at <= now()
      AND EXISTS (SELECT 1 FROM lanes WHERE portal_id = %(portal_id)s AND kind = %(kind)s AND fence = %(fence)s
                  AND lease_until > now())
    FOR UPDATE OF a
),
-- The portal's rules, unless it is paused, and the number of messages that its account and its limits permit in the
-- call.
guard AS (
    SELECT p.alert_rule, p.allowed_countries, link.room,
        LEAST(link.room,
            o.hourly_cap - CASE WHEN o.hour_at = date_trunc('hour', now(), 'UTC') THEN o.hour_count ELSE 0 END,
            CASE WHEN o.next_campaign_at > now() THEN 0 WHEN o.pace_per_minute IS NULL THEN link.room
                 ELSE GREATEST(1, o.pace_per_minute / 12) END) AS campaign_room
    FROM portals p CROSS JOIN link LEFT JOIN outgoing o USING (portal_id)
    WHERE p.portal_id = %(portal_id)s AND o.paused_at IS NULL
),
-- The first message of the first class that has one: the call has its content.
head AS (
    SELECT m.*, guard.alert_rule, guard.allowed_countries,
        CASE WHEN m.priority = 0 THEN guard.room ELSE guard.campaign_room END AS room
    FROM guard CROSS JOIN unnest(%(classes)s::smallint[]) WITH ORDINALITY AS c (priority, place)
    CROSS JOIN LATERAL (
        SELECT q.priority, q.content_key, q.text, q.sender, q.push_type, q.unicode, q.links FROM messages q
        WHERE q.portal_id = %(portal_id)s AND q.state = 'queued' AND q.priority = c.priority
          AND q.due_at <= now() AND q.expires_at > now()
          AND (q.slot_ends_at IS NULL OR q.slot_ends_at > now() + make_interval(secs => %(call_s)s))
        ORDER BY q.due_at, q.message_id LIMIT 1) AS m
    WHERE c.priority = 0 OR guard.campaign_room > 0
    ORDER BY c.place LIMIT 1
),
-- Messages of the head's class and content, locked, oldest first, each with the rules that forbid it to leave.
candidate AS (
    SELECT m.message_id, m.recipient, m.due_at,
        EXISTS (SELECT 1 FROM opt_outs o WHERE o.portal_id = %(portal_id)s AND o.recipient = m.recipient)
            AND NOT (head.push_type = 'alert' AND head.alert_rule = 'allow') AS is_opted_out,
        m.recipient_country <> ALL (head.allowed_countries) IS TRUE AS is_barred,
        head.push_type = 'marketing' AND m.recipient_country = ANY (%(closed)s) AS is_closed
    FROM head CROSS JOIN LATERAL (
        SELECT q.message_id, q.recipient, q.recipient_country, q.due_at, q.text, q.sender, q.push_type, q.unicode,
            q.links
        FROM messages q
        WHERE q.portal_id = %(portal_id)s AND q.state = 'queued' AND q.content_key = head.content_key
          AND q.priority = head.priority AND q.due_at <= now() AND q.expires_at > now()
          AND (q.slot_ends_at IS NULL OR q.slot_ends_at > now() + make_interval(secs => %(call_s)s))
        ORDER BY q.due_at, q.message_id LIMIT head.room FOR UPDATE SKIP LOCKED) AS m
    WHERE m.text = head.text AND m.sender IS NOT DISTINCT FROM head.sender AND m.push_type = head.push_type
      AND m.unicode = head.unicode AND m.links = head.links
),
-- The messages that leave: one for each number, because a call has no number twice.
picked AS (
    SELECT DISTINCT ON (recipient) message_id FROM candidate WHERE NOT (is_opted_out OR is_barred OR is_closed)
    ORDER BY recipient, due_at, message_id
),
-- Records the attempt, if it has a message.
attempt AS (
    INSERT INTO attempts (portal_id, attempt_id, link_id, lane_kind, fence)
    SELECT %(portal_id)s, %(attempt_id)s, link.link_id, %(kind)s, %(fence)s FROM link WHERE EXISTS (SELECT 1 FROM picked)
    RETURNING attempt_id, link_id
),
-- Takes the account's slot. A lane that was woken slightly late catches up.
paced AS (
    UPDATE sms_accounts a SET next_call_at =
        GREATEST(a.next_call_at, now() - make_interval(secs => %(catch_up_s)s))
        + make_interval(secs => 1 / a.calls_per_s)
    FROM link, attempt WHERE a.client_id = link.client_id
),
-- Counts campaign messages against the hourly cap, and sets the time of the portal's next campaign call. The time
-- follows its pace; after a large call that left nothing behind, it also leaves time for more messages to gather.
counted AS (
    INSERT INTO outgoing AS o (portal_id, hour_at, hour_count, next_campaign_at)
    SELECT %(portal_id)s, date_trunc('hour', now(), 'UTC'), n.picked, now() + make_interval(secs =>
        CASE WHEN n.picked >= %(gather_from)s AND n.picked < head.room AND n.picked >= (
            SELECT count(*) FROM (
                SELECT 1 FROM messages q WHERE q.portal_id = %(portal_id)s AND q.state = 'queued'
                AND q.priority = head.priority AND q.due_at <= now()
                ORDER BY q.due_at, q.message_id LIMIT n.picked + 1) AS due)
        THEN %(gather_s)s ELSE 0 END)
    FROM head, (SELECT count(*) AS picked FROM picked) AS n WHERE head.priority > 0 AND n.picked > 0
    ON CONFLICT (portal_id) DO UPDATE SET hour_at = excluded.hour_at,
        hour_count = excluded.hour_count + CASE WHEN o.hour_at = excluded.hour_at THEN o.hour_count ELSE 0 END,
        next_campaign_at = GREATEST(excluded.next_campaign_at,
            now() + make_interval(secs => COALESCE(60.0 * excluded.hour_count / o.pace_per_minute, 0)))
),
-- Records the attempt's messages.
membership AS (
    INSERT INTO attempt_messages (portal_id, attempt_id, message_id)
    SELECT %(portal_id)s, attempt.attempt_id, picked.message_id FROM attempt, picked
),
-- Adds a line to the history of each message.
logged AS (
    INSERT INTO message_states (portal_id, message_id, state, cause)
    SELECT %(portal_id)s, message_id, 'sending', 'claim' FROM picked
),
-- Moves the messages to `sending`.
claimed AS (
    UPDATE messages m SET state = 'sending', state_at = now(), reason = NULL, attempt_id = attempt.attempt_id
    FROM picked, attempt WHERE m.portal_id = %(portal_id)s AND m.message_id = picked.message_id
    RETURNING {columns}, attempt.link_id
)
-- One row even if nothing was claimed: candidates that must not leave are reported too.
SELECT (SELECT array_agg(message_id) FROM candidate WHERE is_opted_out) AS opted_out,
    (SELECT array_agg(message_id) FROM candidate WHERE is_barred AND NOT is_opted_out) AS barred,
    (SELECT array_agg(message_id) FROM candidate WHERE is_closed AND NOT (is_opted_out OR is_barred)) AS closed,
    claimed.*
FROM (VALUES (1)) AS always (filler) LEFT JOIN claimed ON true
