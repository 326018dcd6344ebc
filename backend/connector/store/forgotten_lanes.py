"""The second net under the lanes: finds due rows whose lane is closed (protocol P1). It should find none."""

from connector.store.database import Conn

# Rows younger than this may belong to a transaction whose lane another statement has not seen yet.
GRACE_S = 30

_FORGOTTEN = """
WITH work AS (
    SELECT DISTINCT portal_id, 'deliver' AS kind FROM messages m
    JOIN account_links l USING (portal_id) JOIN sms_accounts a USING (client_id)
    WHERE m.state = 'queued' AND m.due_at < now() - %(grace)s::interval AND l.unlinked_at IS NULL
      AND (a.paused_until IS NULL OR a.paused_until < now() - %(grace)s::interval)
    UNION SELECT DISTINCT portal_id, 'reconcile' FROM attempts WHERE next_lookup_at < now() - %(grace)s::interval
    UNION SELECT DISTINCT portal_id, 'events' FROM inbox
        WHERE applied_at IS NULL AND received_at < now() - %(grace)s::interval
    UNION SELECT DISTINCT portal_id, 'sync_crm' FROM event_writes WHERE due_at < now() - %(grace)s::interval
    UNION SELECT DISTINCT portal_id, 'sync_crm' FROM record_writes WHERE due_at < now() - %(grace)s::interval
    UNION SELECT portal_id, 'lists' FROM account_links WHERE lists_due_at < now() - %(grace)s::interval
        AND unlinked_at IS NULL AND token_enc IS NOT NULL
    UNION SELECT DISTINCT portal_id, 'resolve' FROM workflow_executions JOIN portals p USING (portal_id)
        WHERE workflow_executions.state = 'resolving' AND created_at < now() - %(grace)s::interval
          AND p.state = 'installed'
    UNION SELECT DISTINCT portal_id, 'callbacks' FROM workflow_executions JOIN portals p USING (portal_id)
        WHERE check_at < now() - %(grace)s::interval AND p.state = 'installed'
    UNION SELECT portal_id, 'setup' FROM portals WHERE state = 'installed' AND setup_done < setup_wanted
    UNION SELECT DISTINCT portal_id, 'deliver' FROM messages
        WHERE state = 'sending' AND state_at < now() - interval '10 min'
)
INSERT INTO lanes (portal_id, kind, next_due_at) SELECT portal_id, kind, now() FROM work
WHERE NOT EXISTS (SELECT 1 FROM lanes l WHERE l.portal_id = work.portal_id AND l.kind = work.kind
                  AND l.next_due_at < 'infinity')
ON CONFLICT (portal_id, kind) DO UPDATE SET next_due_at = now() WHERE lanes.next_due_at = 'infinity'
RETURNING 1
"""


def open_forgotten(conn: Conn) -> int:
    """Open every forgotten lane; returns how many there were. A lane in back-off is not forgotten."""
    return len(conn.execute(_FORGOTTEN, {"grace": f"{GRACE_S} seconds"}).fetchall())
