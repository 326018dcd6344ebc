-- Merges the facts of messages into the rows of their records. The caller has locked the existing rows.
WITH
-- The facts of the messages, one for each row.
fact AS (
    SELECT * FROM unnest(%(types)s::text[], %(ids)s::text[], %(last_messages)s::jsonb[], %(ats)s::timestamptz[],
        %(message_ids)s::uuid[], %(ranks)s::smallint[], %(delivered)s::boolean[], %(stops_empty_at)s::timestamptz[])
        AS t (object_type_id, object_id, last_message, accepted_at, message_id, rank, is_delivered, stop_empty_at)
),
-- The newest fact of each record, and whether any of its messages was delivered.
record AS (
    SELECT DISTINCT ON (object_type_id, object_id) *,
        bool_or(is_delivered) OVER (PARTITION BY object_type_id, object_id) AS is_in_use
    FROM fact ORDER BY object_type_id, object_id, accepted_at DESC, message_id DESC, rank DESC
),
-- The marks of each record by the ledger.
marks AS ({marks}),
-- Merges fact and marks into the record's row: a fact wins if its message, or its state of the same message, is newer.
-- A row that changes gets a new version and is due again.
put AS (
    INSERT INTO record_writes AS r (portal_id, object_type_id, object_id, last_message, last_message_at,
        last_message_id, last_message_rank, stop_empty_at, flags, due_at)
    SELECT %(portal_id)s, record.object_type_id, record.object_id, record.last_message, record.accepted_at,
        record.message_id, record.rank, record.stop_empty_at,
        CASE WHEN record.is_in_use THEN '{"smsfactor_is_npai": "false"}'::jsonb ELSE '{}' END
            || COALESCE(m.flags, '{}'),
        GREATEST(now() + make_interval(secs => %(coalesce_s)s), s.quiet_until)
    FROM record LEFT JOIN marks m USING (object_type_id, object_id)
    LEFT JOIN write_streams s ON s.portal_id = %(portal_id)s AND s.stream = record.object_type_id
    ORDER BY record.object_type_id, record.object_id
    ON CONFLICT (portal_id, object_type_id, object_id) DO UPDATE SET
        last_message = CASE WHEN {is_newer} THEN excluded.last_message ELSE r.last_message END,
        last_message_at = CASE WHEN {is_newer} THEN excluded.last_message_at ELSE r.last_message_at END,
        last_message_rank = CASE WHEN {is_newer} THEN excluded.last_message_rank ELSE r.last_message_rank END,
        last_message_id = CASE WHEN {is_newer} THEN excluded.last_message_id ELSE r.last_message_id END,
        stop_at = {stop_at}, stop_empty_at = GREATEST(r.stop_empty_at, excluded.stop_empty_at),
        flags = ({cleared_marks} || excluded.flags), version = r.version + 1,
        due_at = LEAST(r.due_at, excluded.due_at), closed_reason = NULL
    WHERE {is_newer} OR r.flags <> ({cleared_marks} || excluded.flags)
    RETURNING due_at
)
SELECT min(due_at) AS due_at FROM put
