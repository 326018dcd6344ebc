"""Checks a paused account's credits after its pause, before any message leaves again (protocol P12)."""

import structlog

from connector.domain.message import DELIVERY_LANES
from connector.domain.vocabulary import BalanceMode, GatewayRefusal, Reason
from connector.smsfactor.errors import Refused, Unavailable
from connector.smsfactor.payloads import Balance
from connector.store import lanes
from connector.store.lanes import Turn
from connector.store.portals import accounts
from connector.store.portals.accounts import AccountLink
from connector.use_cases.portals.note_balance import note_balance
from connector.wiring import Wiring

log = structlog.get_logger()


def ask_when_paused(wiring: Wiring, turn: Turn) -> None:
    """Check the account, in one lane at a time; while the cause lasts, each pause is longer than the one before."""
    with wiring.pool.connection() as conn:
        link = accounts.current_link(conn, wiring.vault, turn.portal_id)
        if link is None or link.api_token is None:
            return
        reason = accounts.ended_pause(conn, link.client_id, check_s=wiring.settings.gateway_timeout_s + 5)
    if reason is None:
        return
    try:
        balance = wiring.smsfactor.credits(link.api_token)
    except Refused as refusal:
        is_token = refusal.kind == GatewayRefusal.AUTH
        _pause_again(wiring, link, Reason.GATEWAY_AUTH if is_token else reason)
    except Unavailable as fault:
        log.warning("credits_unread", error=str(fault))  # asked again after the time set above
    else:
        _record_answer(wiring, link, reason, balance)


def _record_answer(wiring: Wiring, link: AccountLink, reason: Reason, balance: Balance) -> None:
    with wiring.pool.connection() as conn:
        note_balance(conn, link.client_id, mode=balance.mode, balance_credits=balance.value)
    if reason == Reason.GATEWAY_NO_CREDITS and balance.mode == BalanceMode.PREPAID and balance.value <= 0:
        _pause_again(wiring, link, reason)
        return
    log.info("pause_ended", client_id=link.client_id, reason=reason)
    with wiring.pool.connection() as conn:
        portals = accounts.linked_portals(conn, link.client_id)
        entered = [lanes.enter(conn, portal_id, *DELIVERY_LANES) for portal_id in portals]
        accounts.try_again(conn, link.client_id)
        for one in entered:
            for kind in DELIVERY_LANES:
                lanes.wake(one, kind)


def _pause_again(wiring: Wiring, link: AccountLink, reason: Reason) -> None:
    with wiring.pool.connection() as conn:
        accounts.pause(conn, link.client_id, reason, again=True)
