"""Looks at a portal's waiting messages now and then, while there are some that do not leave (B1)."""

from connector.store.lanes import Turn
from connector.use_cases.messages.watch_queue import look_ahead as tell
from connector.wiring import Wiring


def look_ahead(wiring: Wiring, turn: Turn) -> bool:
    """One look; the next is due in a while, as long as messages are held back."""
    with wiring.pool.connection() as conn:
        tell(conn, turn.portal_id)
    return False
