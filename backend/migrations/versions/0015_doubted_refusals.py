"""Marks messages that may have been refused for a proxy's page: a later receipt corrects each of them, once.

HTTP 404 without a status of SMSFactor used to be a refusal. The rows do not tell it from a real one.
"""

from alembic import op

revision = "0015"
down_revision = "0014"

MARK = """
    INSERT INTO doubted_refusals (portal_id, message_id)
    SELECT portal_id, message_id FROM messages
    WHERE direction = 'outbound' AND state = 'refused' AND reason = 'gateway_invalid'
"""


def upgrade() -> None:
    op.execute("""
    -- Filled here alone; a row goes when a receipt reopens its message.
    CREATE TABLE doubted_refusals (
        portal_id           bigint NOT NULL,
        message_id          uuid NOT NULL,
        PRIMARY KEY (portal_id, message_id)
    );
    """)
    op.execute(MARK)
