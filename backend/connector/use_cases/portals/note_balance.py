"""Store an account's balance; new credits end the pause and the problem that their lack has caused (protocol P12)."""

from connector.domain.message import DELIVERY_LANES
from connector.domain.vocabulary import BalanceMode, ProblemCode, Reason
from connector.store import lanes
from connector.store.database import Conn
from connector.store.portals import accounts, balances, problems


def note_balance(conn: Conn, client_id: str, *, mode: BalanceMode, balance_credits: int | None) -> None:
    """Store the balance that the gateway has just given, in the caller's transaction.

    A balance that has not grown ends nothing: the account may have some credits, but too few for what waits.
    """
    linked = accounts.linked_portals(conn, client_id)
    entered = [lanes.enter(conn, portal_id, *DELIVERY_LANES) for portal_id in linked]
    if not balances.save(conn, client_id, mode=mode, balance_credits=balance_credits):
        return
    for portal_id in linked:
        problems.close_problem(conn, portal_id, ProblemCode.GATEWAY_NO_CREDITS)
    if accounts.end_pause(conn, client_id, Reason.GATEWAY_NO_CREDITS):
        for one in entered:
            for kind in DELIVERY_LANES:
                lanes.wake(one, kind)
