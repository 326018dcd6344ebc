"""Ask the gateway for an account's balance when a user has looked at an old one (protocol P12)."""

from datetime import UTC, datetime

import structlog

from connector.smsfactor.errors import GatewayError
from connector.store.lanes import Turn
from connector.store.portals import accounts, balances
from connector.use_cases.portals.note_balance import note_balance
from connector.wiring import Wiring

log = structlog.get_logger()


def refresh_balance(wiring: Wiring, turn: Turn) -> bool:
    """Make one call. An unreadable balance is given up: the next card that needs it asks again."""
    with wiring.pool.connection() as conn:
        due_at = balances.next_due_at(conn, turn.portal_id)
        link = accounts.current_link(conn, wiring.vault, turn.portal_id)
    if due_at is None or due_at > datetime.now(UTC) or link is None or link.api_token is None:
        return False
    try:
        balance = wiring.smsfactor.credits(link.api_token)
    except GatewayError as fault:
        log.warning("balance_unread", error=type(fault).__name__)
        with wiring.pool.connection() as conn:
            balances.give_up(conn, link.client_id)
        return False
    with wiring.pool.connection() as conn:
        note_balance(conn, link.client_id, mode=balance.mode, balance_credits=balance.value)
    return False
