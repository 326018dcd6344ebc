-- Updates the marks of all records with these numbers from the ledger. The caller has locked the rows.
WITH
-- The records with these numbers.
record AS ({with_numbers}),
-- The marks of each record by the ledger.
marks AS ({marks}),
-- Changes the rows whose marks differ: each gets a new version and is due again.
refreshed AS (
    UPDATE record_writes r SET stop_at = {stop_at}, flags = ({cleared_marks} || m.flags), version = r.version + 1,
        closed_reason = NULL,
        due_at = LEAST(r.due_at, GREATEST(now() + make_interval(secs => %(coalesce_s)s), s.quiet_until))
    FROM marks m LEFT JOIN write_streams s ON s.portal_id = %(portal_id)s AND s.stream = m.object_type_id
    WHERE r.portal_id = %(portal_id)s AND r.object_type_id = m.object_type_id AND r.object_id = m.object_id
      AND r.flags <> ({cleared_marks} || m.flags)
    RETURNING r.due_at
)
SELECT min(due_at) AS due_at FROM refreshed
