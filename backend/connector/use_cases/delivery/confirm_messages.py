"""Record that messages of an accepted call are known to be sent (protocol P9)."""

import uuid

from connector.store.lanes import Entered
from connector.use_cases.delivery.plan_writes import plan_writes
from connector.use_cases.messages.move_messages import confirm_members


def confirm_messages(entered: Entered, message_ids: list[uuid.UUID]) -> None:
    """Confirm that these messages of an accepted call were sent: `entered` for `sync_crm`."""
    confirmed = confirm_members(entered.conn, entered.portal_id, message_ids)
    plan_writes(entered, confirmed, occurred_at=None)
