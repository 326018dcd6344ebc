"""Refresh an account's balance for users who look at it, without one gateway call each time (protocol P12)."""

from datetime import UTC, datetime, timedelta

from connector.domain.vocabulary import LaneKind
from connector.store import lanes
from connector.store.database import Conn
from connector.store.portals import balances
from connector.store.portals.accounts import AccountLink

MAX_AGE = timedelta(minutes=5)
# After a send whose answer had no balance: soon enough for users, rare enough for a busy account.
STALE_APART = timedelta(seconds=20)


def want_balance(conn: Conn, link: AccountLink | None) -> None:
    """A user looks at the balance: schedule a refresh if it is old, unknown or changed by sends.

    Costs nothing if it is fresh. For any number of users, it is refreshed once in MAX_AGE (after sends: STALE_APART).
    """
    if link is None or link.api_token is None:
        return
    now = datetime.now(UTC)
    apart = STALE_APART if link.balance_is_stale else MAX_AGE
    is_fresh = link.balance is not None and not link.balance_is_stale and link.balance.at > now - apart
    was_asked = link.balance_asked_at is not None and link.balance_asked_at > now - apart
    if is_fresh or was_asked:
        return
    entered = lanes.enter(conn, link.portal_id, LaneKind.BALANCE)
    if balances.want(entered, link.client_id, apart_s=apart.total_seconds()):
        lanes.wake(entered, LaneKind.BALANCE)
